import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { PipelineConfig } from "../config/index.ts";
import { makeArtifactsFolder } from "./artifacts-folder.ts";
import { type DbtWarehouse, dbtWarehouse, type Variables } from "./dbt-environment.ts";
import { dbtFailure } from "./failure.ts";
import { runProgram } from "./process.ts";
import { type DbtResults, readRunResults } from "./run-results.ts";

export interface DbtRun {
  readonly executable: string;
  /** Folder with `dbt_project.yml` and `profiles.yml`. */
  readonly project: string;
  readonly config: PipelineConfig;
  /** Builds everything anew: rows whose inputs did not change would keep what an earlier version of the models made. */
  readonly fullRefresh: boolean;
  readonly signal: AbortSignal | undefined;
  /** Hears what dbt did, also when some of it failed. */
  readonly onResults?: ((results: DbtResults) => void) | undefined;
}

/**
 * Runs `dbt build` on the warehouse; of DuckDB, no other process may hold the file. What dbt parsed is kept in the
 * warehouse's folder of artifacts, so that the next build starts faster.
 *
 * @throws EtlError of kind `transform` with the failing nodes; `busy` if the warehouse is locked by another process.
 */
export async function dbtBuild({
  executable,
  project,
  config,
  fullRefresh,
  signal,
  onResults,
}: DbtRun): Promise<DbtResults> {
  const warehouse = await dbtWarehouse(config, signal);
  const { target, logs } = await makeArtifactsFolder(config.dbt.artifactsDirectory);
  // Results of an earlier run must not be taken for this one's.
  await rm(join(target, "run_results.json"), { force: true });
  const ended = await runProgram({
    executable,
    // Unit tests prove the models on rows of their own; they belong to the project's tests, not to every load.
    args: [
      "build",
      "--exclude-resource-type",
      "unit_test",
      ...(Object.keys(warehouse.vars).length === 0 ? [] : ["--vars", JSON.stringify(warehouse.vars)]),
      ...(fullRefresh ? ["--full-refresh"] : []),
    ],
    cwd: project,
    env: environment(config, warehouse, project, { target, logs }),
    signal,
  });
  const results = await readRunResults(target);
  if (results !== undefined) onResults?.(results);
  if (ended.code === 0 && results !== undefined) return results;
  throw dbtFailure(ended, results, join(logs, "dbt.log"));
}

/** Every name is dbt's own (docs.getdbt.com, "About flags") or one of the project's `profiles.yml`. */
function environment(
  config: PipelineConfig,
  warehouse: DbtWarehouse,
  project: string,
  { target, logs }: { readonly target: string; readonly logs: string },
): Variables {
  return {
    DBT_PROFILES_DIR: project,
    DBT_PROJECT_DIR: project,
    // What a person has set for another project of theirs must not send this one elsewhere.
    DBT_PROFILE: undefined,
    DBT_TARGET: config.warehouse.kind,
    DBT_TARGET_PATH: target,
    DBT_LOG_PATH: logs,
    DBT_WRITE_JSON: "true",
    DBT_SEND_ANONYMOUS_USAGE_STATS: "false",
    DBT_USE_COLORS: "false",
    DO_NOT_TRACK: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    ...warehouse.env,
  };
}
