import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as root from "../index.ts";
import * as errors from "./index.ts";

test("the door of errors and the root have the same class", () => {
  expect(errors.EtlError).toBe(root.EtlError);
  expect(errors.toEtlError).toBe(root.toEtlError);
  expect(errors.EXIT_CODES).toBe(root.EXIT_CODES);
});

test("errors need nothing but themselves, so that a browser can have them", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const text = readFileSync(new URL(file, import.meta.url), "utf8");
    for (const [, from] of text.matchAll(/\bfrom "([^"]+)"/g))
      expect(from, file).toMatch(/^\.\/[a-z-]+\.ts$/);
  }
});

test("a subclass is an EtlError with a name of its own, and stays what it is", () => {
  class Special extends errors.EtlError {
    override readonly name: string = "Special";
  }
  const error = new Special({ kind: "busy", code: "X", message: "m" });
  expect(errors.EtlError.isInstance(error)).toBe(true);
  expect(errors.toEtlError(error)).toBe(error);
  expect([String(error), error.exitCode, error.retryable]).toEqual(["Special: m", 5, true]);
});

test("anything else that is thrown becomes a bug with its cause", () => {
  const cause = new RangeError("x");
  expect(errors.toEtlError(cause)).toMatchObject({
    kind: "bug",
    exitCode: 70,
    cause,
    message: "RangeError: x",
  });
  expect(errors.toEtlError("text")).toMatchObject({ kind: "bug", message: "text" });
});
