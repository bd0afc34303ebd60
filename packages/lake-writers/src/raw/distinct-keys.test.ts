import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { distinctKeys, type DistinctKeys } from "./distinct-keys.ts";

function opened(mostInMemory?: number): DistinctKeys {
  const keys = distinctKeys(mostInMemory);
  onTestFinished(() => keys.close());
  return keys;
}

test("few keys are told at once", () => {
  const keys = opened();
  expect(["a", "b", "a"].map((key) => keys.add(key))).toEqual([true, true, false]);
  expect(keys.addBytes(Buffer.from("xbx"), 1, 2)).toBe(false);
  expect(keys.repeatedLate(5)).toEqual({ count: 0, named: [] });
});

test("of many keys every one that comes again is counted, at once or at the end", () => {
  const fresh = Array.from({ length: 20_000 }, (_, n) =>
    n % 2 === 0 ? randomBytes(12).toString("hex") : `order-${n}`,
  );
  const zero = "0".repeat(24);
  const all = [zero, ...fresh, fresh[0] ?? "", fresh[19_999] ?? "", fresh[1] ?? "", fresh[0] ?? "", zero];
  const keys = opened(1000);
  let early = 0;
  for (const [n, key] of all.entries()) {
    const bytes = Buffer.from(key);
    if (!(n % 3 === 0 ? keys.addBytes(bytes, 0, bytes.length) : keys.add(key))) early++;
  }
  const { count, named } = keys.repeatedLate(2);
  expect(early + count).toBe(all.length - new Set(all).size);
  expect(early).toBeGreaterThan(0);
  expect(count).toBeGreaterThan(0);
  expect(named).toHaveLength(2);
});

test("an ObjectId that comes again late is named", () => {
  const keys = opened(10);
  const ids = Array.from({ length: 100 }, () => randomBytes(12).toString("hex"));
  for (const id of ids) expect(keys.add(id)).toBe(true);
  expect(keys.add(ids[7] ?? "")).toBe(true);
  expect(keys.repeatedLate(5)).toEqual({ count: 1, named: [expect.stringContaining(ids[7] ?? "none")] });
});
