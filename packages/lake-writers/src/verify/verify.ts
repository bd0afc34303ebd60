import { type DuckDBConnectionLike, EtlError } from "@spacex-etl/contracts";
import { listRuns } from "../documents/list-runs.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { checkHeads } from "./check-heads.ts";
import { partChecks } from "./check-parts.ts";
import { checkRun } from "./check-run.ts";
import { type Finding, proof } from "./proof.ts";

/** What to verify. */
export interface VerifyOptions {
  readonly store: ObjectStore;
  /** Only this run and what it refers to. @default every run and head */
  readonly runId?: string | undefined;
  /** Counts the rows of Parquet files that lie on this machine; without it, their bytes are proven by hash alone. */
  readonly connection?: DuckDBConnectionLike | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How much was looked at, and what is wrong with it. No findings: all is proven. */
export interface VerifyResult {
  readonly runs: number;
  readonly heads: number;
  /** Distinct parts and quarantine files that documents refer to, and their bytes. */
  readonly objects: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/**
 * Recomputes the chain of proof: head → run manifest → collection manifests → parts, with every hash, size, row count
 * and key. What the source said (ETag, its own count, times) cannot be recomputed and is not looked at.
 *
 * @throws EtlError of kind `usage` if `runId` has no documents. What is wrong with the lake is in `findings`.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const checks = proof(options);
  const parts = partChecks(checks);
  const all = await listRuns(options.store);
  const { runId } = options;
  if (runId !== undefined && !all.includes(runId)) {
    throw new EtlError({
      kind: "usage",
      code: "RUN_UNKNOWN",
      message: `There is no run ${runId} in ${options.store.url}.`,
      hint: all.length === 0 ? "The lake has no runs." : `The newest by name is ${all.at(-1)}.`,
    });
  }
  const runs = runId === undefined ? all : [runId];
  const heads = runId === undefined ? await checkHeads(checks) : 0;
  for (const run of runs) await checkRun(checks, parts, run);
  return { runs: runs.length, heads, ...parts.total, findings: checks.findings };
}
