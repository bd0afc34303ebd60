import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./cli.ts";

/** A folder of its own for one test. */
export function temporaryFolder(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), "spacex-etl-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Real responses of the API, beside the project; not part of it. */
export const RECORDED = join(ROOT, "..", "shared", "data", "spacex");

/** False, with a loud line, where the recorded responses are missing: the tests that need them are left out. */
export function hasRecorded(): boolean {
  const there = existsSync(join(RECORDED, "launches.json"));
  if (!there) console.warn(`SKIPPED: recorded responses of the API are not at ${RECORDED}`);
  return there;
}

/** The records of a recorded file, and each one's own bytes as text. */
export function recorded(name: string): {
  readonly records: Record<string, unknown>[];
  readonly lines: string[];
} {
  const lines = readFileSync(join(RECORDED, `${name}.json`), "utf8")
    .split("\n")
    .slice(1, -1)
    .filter((line) => line !== "]")
    .map((line) => line.replace(/,$/, ""));
  return { lines, records: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** dbt of the workspace, or undefined where it was not set up. */
export function dbtExecutable(): string | undefined {
  const candidates = [process.env["SPACEX_ETL_DBT"], join(ROOT, ".tools", "dbt", "bin", "dbt")];
  return candidates.find((path) => path !== undefined && existsSync(path));
}
