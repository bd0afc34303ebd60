import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openWorkspace } from "./api-pages/exports.ts";
import { apiPage } from "./api-pages/page.ts";
import { publicPackages } from "./api-pages/packages.ts";

/**
 * Writes docs/api/<package>.md: every export of every door of the public packages. Exits 1 when an export has no
 * docstring. With `--check` it writes nothing and exits 1 when a page is stale as well.
 *
 *     node --conditions=@spacex-etl/source scripts/generate-api-pages.ts [--check]
 */

const COMMAND = "node --conditions=@spacex-etl/source scripts/generate-api-pages.ts";
const folder = new URL("../docs/api/", import.meta.url);

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const packages = publicPackages();
const exportsOf = openWorkspace(packages.flatMap(({ doors }) => doors.map(({ source }) => source)));

const pages = new Map<string, string>();
for (const own of packages) {
  const doors = own.doors.map(({ name, source }) => ({ name, exports: exportsOf(source) }));
  pages.set(`${own.folder}.md`, apiPage({ ...own, doors, command: COMMAND }));
  for (const door of doors) {
    for (const { name, summary, file, line } of door.exports) {
      if (summary === "") fail(`${file}:${line} ${name} of ${door.name} has no docstring`);
    }
  }
}
const foreign = existsSync(folder) ? readdirSync(folder).filter((name) => !pages.has(name)) : [];

if (values.check) {
  const stale = [...pages].filter(([name, text]) => current(name) !== text).map(([name]) => name);
  for (const name of [...stale, ...foreign]) fail(`docs/api/${name} is stale. Run: ${COMMAND}`);
  if (process.exitCode === undefined) console.log(`docs/api: ${pages.size} pages are up to date`);
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of foreign) rmSync(new URL(name, folder));
  for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
  console.log(`wrote ${pages.size} pages to docs/api`);
}

function current(name: string): string | undefined {
  const file = new URL(name, folder);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
