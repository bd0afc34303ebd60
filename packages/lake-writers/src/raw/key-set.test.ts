import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { keySet } from "./key-set.ts";

test("answers as a Set does, for 200,000 keys of every kind and repeats", () => {
  const zero = "0".repeat(24);
  const keys = [zero, `${"0".repeat(23)}1`, "", "0", "1", "f".repeat(24), "F".repeat(24), zero, "ü", ""];
  for (let n = 0; n < 100_000; n++) {
    keys.push(randomBytes(12).toString("hex"), `order-${n}`);
    if (n % 1000 === 0) keys.push(keys[Math.floor(Math.random() * keys.length)] as string);
  }
  const expected = new Set<string>();
  const actual = keySet();
  const wrong = keys.filter((key) => {
    const fresh = !expected.has(key);
    expected.add(key);
    return actual.add(key) !== fresh;
  });
  expect(wrong).toEqual([]);
  expect(actual.size).toBe(expected.size);
  expect(keys.some((key) => actual.add(key))).toBe(false);
});

test("ids that differ in one place only, wherever it is, are no slower than others", () => {
  // With a weak hash each of these is a search through all keys before it, and the test does not end.
  for (const id of [
    (n: number) => n.toString(16).padStart(24, "0"),
    (n: number) => n.toString(16).padEnd(24, "0"),
    (n: number) => `00000000${n.toString(16).padEnd(8, "0")}00000000`,
    (n: number) => n.toString(16).padStart(8, "0").repeat(3),
  ]) {
    const set = keySet();
    for (let n = 0x1000_0000; n < 0x1000_0000 + 100_000; n++) set.add(id(n));
    expect(set.size).toBe(100_000);
  }
});
