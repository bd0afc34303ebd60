import { expect, test } from "vitest";
import { type CacheEntry, memoryCache } from "../index.ts";

function entry(characters: number): CacheEntry {
  return { url: "u", body: "x".repeat(characters), storedAt: 0, expiresAt: 0 };
}

test("what was not used for longest is forgotten first", () => {
  // Each entry is 2 × (1 + 1 + 398) + 200 = 1000 bytes.
  const cache = memoryCache({ maxBytes: 3000 });
  for (const key of ["a", "b", "c"]) cache.set(key, entry(398));
  expect(cache.bytes).toBe(3000);
  expect(cache.get("a")).toBeDefined();
  cache.set("d", entry(398));
  expect(["a", "b", "c", "d"].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
  expect(cache.bytes).toBe(3000);
});

test("an entry that is replaced counts once, one that is too large is not kept", () => {
  const cache = memoryCache({ maxBytes: 2000 });
  cache.set("a", entry(398));
  cache.set("a", entry(398));
  expect(cache.bytes).toBe(1000);
  cache.set("big", entry(2000));
  expect(cache.get("big")).toBeUndefined();
  expect(cache.get("a")).toBeDefined();
  // The older version must not stay in its place.
  cache.set("a", entry(2000));
  expect(cache.get("a")).toBeUndefined();
  expect(cache.bytes).toBe(0);
  cache.set("a", entry(1));
  cache.clear();
  expect([cache.bytes, cache.get("a")]).toEqual([0, undefined]);
});

test.each([0, -1, 1.5, Number.NaN])("a size of %s is refused", (maxBytes) => {
  expect(() => memoryCache({ maxBytes })).toThrow(
    expect.objectContaining({ kind: "usage", code: "CLIENT_OPTION" }),
  );
});
