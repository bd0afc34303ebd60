import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../../../harness/cli.ts";

/** Longest that one command may take, in ms. */
const TIMEOUT_MS = 240_000;

const runResults = z.object({
  results: z.array(z.object({ unique_id: z.string(), status: z.string(), message: z.string().nullable() })),
});

export interface DbtRun {
  /** By node: `model.…`, `test.…`, `unit_test.…`. */
  readonly statuses: ReadonlyMap<string, string>;
  /** One line per node that did not do well. */
  readonly failures: readonly string[];
  /** What it printed, for messages. */
  readonly output: string;
}

export interface DbtPlace {
  /** The program. */
  readonly dbt: string;
  /** For its artifacts and logs, made here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a command of dbt on our project. A model or test that fails is told, not thrown. @throws Error when dbt could not run. */
export async function runDbt(place: DbtPlace, args: readonly string[]): Promise<DbtRun> {
  const target = join(place.folder, "target");
  mkdirSync(place.folder, { recursive: true });
  const project = join(ROOT, "dbt");
  const env = {
    ...process.env,
    DBT_PROFILES_DIR: project,
    DBT_TARGET_PATH: target,
    DBT_LOG_PATH: join(place.folder, "logs"),
    NO_COLOR: "1",
    ...place.env,
  };
  const { code, output } = await new Promise<{ readonly code: unknown; readonly output: string }>(
    (resolve) => {
      execFile(
        place.dbt,
        [...args],
        { cwd: project, env, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : error.code, output: `${stdout}\n${stderr}` }),
      );
    },
  );
  if (code !== 0 && code !== 1) throw new Error(`dbt ended with ${String(code)}:\n${output}`);
  const { results } = runResults.parse(JSON.parse(readFileSync(join(target, "run_results.json"), "utf8")));
  const good = new Set(["success", "pass", "warn"]);
  return {
    statuses: new Map(results.map(({ unique_id, status }) => [unique_id, status])),
    failures: results
      .filter(({ status }) => !good.has(status))
      .map(({ unique_id, status, message }) => `${unique_id} ${status}: ${message}`),
    output,
  };
}

/** What the project's own profile reads, for the double, which takes any token. */
export const environmentOf = (endpoint: string): Readonly<Record<string, string>> => ({
  SPACEX_ETL_DBT_TARGET: "bigquery",
  SPACEX_ETL_BIGQUERY_METHOD: "oauth-secrets",
  SPACEX_ETL_BIGQUERY_PROJECT: "proj",
  SPACEX_ETL_BIGQUERY_LOCATION: "EU",
  SPACEX_ETL_BIGQUERY_ENDPOINT: endpoint,
  DBT_ENV_SECRET_BIGQUERY_TOKEN: "none",
});
