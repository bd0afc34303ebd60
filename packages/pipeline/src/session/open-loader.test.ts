import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** Commands that can do without a warehouse. */
const COMMANDS = ["files", "verify", "gc"].map(
  (name) => new URL(`../commands/${name}.ts`, import.meta.url).href,
);

/** Files of a package that are loaded with them. */
function loadedOf(name: string): string[] {
  const program = `
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { console.log(url); return next(url, context); } });
    for (const url of ${JSON.stringify(COMMANDS)}) await import(url);`;
  const words = ["--conditions=@spacex-etl/source", "--input-type=module", "--eval", program];
  const urls = execFileSync(process.execPath, words, { encoding: "utf8" }).split("\n");
  return urls.filter((url) => url.includes(`/${name}/src/`));
}

test("a command that asks no warehouse loads nothing of the loaders", () => {
  expect(loadedOf("warehouse-loaders")).toEqual([]);
  expect(loadedOf("lake-writers").length).toBeGreaterThan(0);
});
