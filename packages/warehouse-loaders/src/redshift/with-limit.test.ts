import { expect, test } from "vitest";
import { withLimit } from "./with-limit.ts";

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const late = (): Error => new Error("late");

test("what settles in time is passed on", async () => {
  const limit = { milliseconds: 60_000, late };
  expect(await withLimit(Promise.resolve(7), limit)).toBe(7);
  await expect(withLimit(Promise.reject(new Error("refused")), limit)).rejects.toThrow("refused");
});

test("what never settles is given up: by time, at once by a signal, or a little after it", async () => {
  await expect(withLimit(never(), { milliseconds: 5, late })).rejects.toThrow("late");
  for (const graceMs of [0, 5]) {
    const controller = new AbortController();
    let aborted = 0;
    const onAbort = (): void => void (aborted += 1);
    const limit = { milliseconds: 60_000, signal: controller.signal, graceMs, onAbort, late };
    const waiting = withLimit(never(), limit);
    controller.abort();
    await expect(waiting).rejects.toThrow("late");
    expect(aborted).toBe(1);
  }
});

test("what settles after a signal, within the grace, is passed on", async () => {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = withLimit(promise, {
    milliseconds: 60_000,
    signal: controller.signal,
    graceMs: 60_000,
    late,
  });
  controller.abort();
  resolve("given up");
  expect(await waiting).toBe("given up");
});
