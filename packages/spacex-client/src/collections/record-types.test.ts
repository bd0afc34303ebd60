import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { recordModules } from "../../scripts/record-modules.ts";

test.each([...recordModules()])("types/%s is what its schema says", (file, text) => {
  const written = readFileSync(new URL(`types/${file}`, import.meta.url), "utf8");
  expect(written, "run scripts/generate-record-types.ts").toBe(text);
});
