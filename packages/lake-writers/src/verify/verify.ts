import { type DuckDBConnectionLike, EtlError } from "@spacex-etl/contracts";
import { hasRun, listRuns } from "../documents/list-runs.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { checkHeads } from "./check-heads.ts";
import { partChecks } from "./check-parts.ts";
import { checkRun } from "./check-run.ts";
import { rowCounter } from "./count-rows.ts";
import { type Finding, proof } from "./proof.ts";

/** What to verify. */
export interface VerifyOptions {
  readonly store: ObjectStore;
  /** Only this run and what it refers to. @default every run and head */
  readonly runId?: string | undefined;
  /** Counts the rows of Parquet files; without it, their bytes are proven by hash alone. */
  readonly connection?: DuckDBConnectionLike | undefined;
  /** Where some Parquet files of a remote lake are copied to be counted. @default the system's temporary folder */
  readonly workFolder?: string | undefined;
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

/** Of a run all documents are in memory; its parts are not. */
const RUNS_AT_ONCE = 4;

/**
 * Recomputes the chain of proof: head → run manifest → collection manifests → parts, with every hash, size, row count
 * and key. What the source said (ETag, its own count, times) cannot be recomputed and is not looked at.
 *
 * @throws EtlError of kind `usage` if `runId` has no documents. What is wrong with the lake is in `findings`.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { store, runId, signal, connection } = options;
  const checks = proof({ store, signal });
  await using counter = connection === undefined ? undefined : rowCounter(store, connection, options);
  const parts = partChecks(counter?.count);
  const runs = runId === undefined ? await listRuns(store, signal) : [await existing(store, runId, signal)];
  const heads = runId === undefined ? await checkHeads(checks) : 0;
  await checks.each(runs, (run, own) => checkRun(own, parts, run), RUNS_AT_ONCE);
  return { runs: runs.length, heads, ...parts.total, findings: checks.findings };
}

async function existing(store: ObjectStore, runId: string, signal: AbortSignal | undefined): Promise<string> {
  if (await hasRun(store, runId, signal)) return runId;
  const all = await listRuns(store, signal);
  throw new EtlError({
    kind: "usage",
    code: "RUN_UNKNOWN",
    message: `There is no run ${runId} in ${store.url}.`,
    hint: all.length === 0 ? "The lake has no runs." : `The newest by name is ${all.at(-1)}.`,
  });
}
