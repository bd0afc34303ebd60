import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { keysOf, largeBody, sha256, sha256Of, type Subject, text } from "./subject.ts";

/** A call can be stopped at any time, and that harms nobody. */
export function stoppingCases(subject: Subject): void {
  test("an abort stops work and leaves nothing behind", async () => {
    const reason = new Error("stopped by the test");
    const aborted = AbortSignal.abort(reason);
    await expect(subject.store.createIfAbsent("abort/a", text("a"), { signal: aborted })).rejects.toBe(
      reason,
    );
    expect(await keysOf(subject.store, "abort/")).toEqual([]);

    await subject.store.createIfAbsent("abort/b", randomBytes(subject.largeBytes));
    const controller = new AbortController();
    const half = async (): Promise<void> => {
      for await (const _ of subject.store.get("abort/b", { signal: controller.signal }))
        controller.abort(reason);
    };
    await expect(half()).rejects.toBe(reason);
    const drain = async (): Promise<void> => {
      for await (const _ of subject.store.get("abort/b", { signal: aborted })) break;
    };
    await expect(drain()).rejects.toBe(reason);
  });

  test("a call with an aborted signal throws its reason and does nothing", async () => {
    const reason = new Error("stopped by the test");
    const options = { signal: AbortSignal.abort(reason) };
    await subject.store.createIfAbsent("aborted/a", text("a"));
    await expect(subject.store.head("aborted/a", options)).rejects.toBe(reason);
    await expect(subject.store.delete("aborted/a", options)).rejects.toBe(reason);
    const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
      for await (const _ of items) break;
    };
    await expect(drain(subject.store.list("aborted/", options))).rejects.toBe(reason);
    await expect(drain(subject.store.get("aborted/a", options))).rejects.toBe(reason);
    await expect(drain(subject.store.get("aborted/none", options))).rejects.toBe(reason);
    const large = largeBody(subject.largeBytes, 3);
    await expect(subject.store.createIfAbsent("aborted/large", large, options)).rejects.toBe(reason);
    expect(await keysOf(subject.store, "aborted/")).toEqual(["aborted/a"]);
  });

  test("calls with a signal that is never aborted leave nothing on it", async () => {
    const { signal } = new AbortController();
    const leaks: string[] = [];
    const onWarning = ({ name }: Error): void => void leaks.push(name);
    process.on("warning", onWarning);
    await subject.store.createIfAbsent("signal/a", text("a"), { signal });
    for (let n = 0; n < 30; n++) {
      expect(await subject.store.head("signal/a", { signal })).toBeDefined();
      for await (const _ of subject.store.get("signal/a", { signal })) continue;
      for await (const _ of subject.store.list("signal/", { signal })) continue;
      await subject.store.delete("signal/none", { signal });
    }
    await setImmediate();
    process.off("warning", onWarning);
    expect(leaks).not.toContain("MaxListenersExceededWarning");
  });

  test("many readers that stop early leave the store usable", async () => {
    const body = largeBody(subject.largeBytes, 4);
    await subject.store.createIfAbsent("many-early/a", body);
    // More than any pool of connections has, so that one that is not given back is missed.
    for (let n = 0; n < 60; n++) for await (const _ of subject.store.get("many-early/a")) break;
    expect(await sha256Of(subject.store, "many-early/a")).toBe(sha256(body));
  });

  test("a reader that stops early does no harm", async () => {
    await subject.store.createIfAbsent("early/a", randomBytes(subject.largeBytes));
    for await (const _ of subject.store.get("early/a")) break;
    for await (const _ of subject.store.list("")) break;
    expect(await subject.store.head("early/a")).toMatchObject({ bytes: subject.largeBytes });
  });
}
