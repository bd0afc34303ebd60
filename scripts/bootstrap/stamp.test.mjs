import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { hashContents, hashTimes } from "./stamp.mjs";

let base = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "stamp-"));
  mkdirSync(join(base, "src", "dist"), { recursive: true });
  writeFileSync(join(base, "src", "a.ts"), "one");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const skip = (/** @type {string} */ name) => name === "dist";

test("an edit of the same size is seen even if its time is set back", () => {
  const file = join(base, "src", "a.ts");
  const before = hashTimes(base, ["src"], skip);
  const { atime, mtime } = statSync(file);
  writeFileSync(file, "two");
  utimesSync(file, atime, mtime);
  expect(hashTimes(base, ["src"], skip)).not.toBe(before);
});

test("new and removed files are seen, skipped folders and missing entries are not", () => {
  const before = hashTimes(base, ["src", "absent.json"], skip);
  writeFileSync(join(base, "src", "dist", "out.js"), "x");
  expect(hashTimes(base, ["src"], skip)).toBe(before);
  writeFileSync(join(base, "src", "b.ts"), "");
  expect(hashTimes(base, ["src"], skip)).not.toBe(before);
  rmSync(join(base, "src", "b.ts"));
  expect(hashTimes(base, ["src"], skip)).toBe(before);
});

test("contents: a file that appears, even empty, is a change; touching is none", () => {
  const before = hashContents(base, ["src/a.ts", "lock"]);
  utimesSync(join(base, "src", "a.ts"), 1, 1);
  expect(hashContents(base, ["src/a.ts", "lock"])).toBe(before);
  writeFileSync(join(base, "lock"), "");
  expect(hashContents(base, ["src/a.ts", "lock"])).not.toBe(before);
});
