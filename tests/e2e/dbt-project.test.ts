import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { cliJson, ROOT } from "../harness/cli.ts";
import { dbtExecutable, temporaryFolder } from "../harness/workspace.ts";

const dbt = dbtExecutable();
if (dbt === undefined) console.warn("SKIPPED: dbt's unit tests, because dbt is not set up");

test.runIf(dbt !== undefined)(
  "the dbt project builds with its unit tests, without a warning of dbt's own",
  async () => {
    using folder = temporaryFolder();
    // Unit tests take the types of their inputs from the raw tables, so those must be there.
    const { summary, output } = await cliJson(["run", "--no-transform"], { cwd: folder.path });
    expect(summary.exitCode, output).toBe(0);
    const target = join(folder.path, "target");
    const project = join(ROOT, "dbt");
    const strict = ["--warn-error-options", '{"error":"all","warn":["LogTestResult"]}'];
    await promisify(execFile)(dbt ?? "", ["build", ...strict], {
      cwd: project,
      env: {
        ...process.env,
        DBT_PROFILES_DIR: project,
        DBT_TARGET_PATH: target,
        DBT_LOG_PATH: join(folder.path, "logs"),
        SPACEX_ETL_DUCKDB_PATH: join(folder.path, ".spacex-etl", "warehouse.duckdb"),
      },
    }).catch((error: { readonly stdout?: string }) => expect.unreachable(error.stdout ?? String(error)));
    expect(existsSync(join(project, "target"))).toBe(false);
    const results = JSON.parse(readFileSync(join(target, "run_results.json"), "utf8")) as {
      readonly results: readonly { readonly unique_id: string; readonly status: string }[];
    };
    const units = results.results.filter(({ unique_id }) => unique_id.startsWith("unit_test."));
    expect(units.length).toBeGreaterThanOrEqual(9);
    expect(new Set(units.map(({ status }) => status))).toEqual(new Set(["pass"]));
  },
);
