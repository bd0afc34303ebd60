import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examplesOf, shownExamples } from "./harness/examples.ts";
import { doorsOf, publicPackages } from "./harness/index.ts";

/** What a reader looks for, as the headings may say it. */
const SECTIONS = {
  install: /^#+ .*install/im,
  example: /^#+ .*(example|usage|use)/im,
  limits: /^#+ .*(errors|limits)/im,
};

describe.each(publicPackages())("README of $name", ({ name, path, manifest }) => {
  const file = join(path, "README.md");
  const readme = existsSync(file) ? readFileSync(file, "utf8") : "";

  test("says how to install, how to use, and what goes wrong", () => {
    expect(readme).toMatch(new RegExp(`^# .*${manifest.name}`, "m"));
    for (const [section, heading] of Object.entries(SECTIONS)) expect(readme, section).toMatch(heading);
  });

  test("names every door", () => {
    for (const door of doorsOf(manifest)) expect(readme).toContain(door);
  });

  test("shows every example as it is, and no other", () => {
    const files = Object.fromEntries(
      examplesOf({ name, path, manifest }).map(({ file: key, text }) => [key, text]),
    );
    expect(Object.keys(files)).not.toEqual([]);
    expect(shownExamples(readme)).toEqual(files);
  });

  test("all its TypeScript is examples, so that all of it is run", () => {
    const blocks = [...readme.matchAll(/^```(?:ts|typescript|js|javascript|mjs)\b/gm)];
    expect(blocks).toHaveLength(Object.keys(shownExamples(readme)).length);
  });
});
