import { expect, test } from "vitest";
import { StalledError, watch } from "./index.ts";

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const never = new Promise<never>(() => undefined);

test("work that stands still is given up, though it never ends", async () => {
  const watching = watch(30, undefined);
  await expect(watching.race(never)).rejects.toBeInstanceOf(StalledError);
  expect(watching.signal.reason).toBeInstanceOf(StalledError);
  watching.end();
});

test("work that moves is not, and a pause does not count", async () => {
  const watching = watch(200, undefined);
  for (let n = 0; n < 8; n++) {
    await wait(50);
    watching.touch();
  }
  watching.pause();
  await wait(400);
  expect(watching.signal.aborted).toBe(false);
  // Time counts again, also after the pause outlived it.
  watching.touch();
  await expect(watching.race(never)).rejects.toBeInstanceOf(StalledError);
  watching.end();
});

test("the caller's abort is the reason, at once; work that is done stays done", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  const watching = watch(60_000, controller.signal);
  expect(await watching.race(Promise.resolve(1))).toBe(1);
  const racing = watching.race(never);
  controller.abort(reason);
  await expect(racing).rejects.toBe(reason);
  expect(() => watch(60_000, controller.signal)).toThrow(reason);
  watching.end();
});

test("the end ends what still runs", () => {
  const watching = watch(60_000, undefined);
  watching.end();
  expect(watching.signal.aborted).toBe(true);
});

test("a time beyond what a timer can hold is no short one", async () => {
  const watching = watch(2 ** 31 * 4, undefined);
  await wait(30);
  expect(watching.signal.aborted).toBe(false);
  watching.end();
});
