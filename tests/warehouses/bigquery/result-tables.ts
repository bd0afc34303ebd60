import { createHash } from "node:crypto";
import type { Job, Jobs } from "./jobs.ts";
import type { TableReference } from "./resources.ts";
import type { ResultSet } from "./wire.ts";

/**
 * The table that a query job wrote: of CREATE TABLE AS SELECT the one that it made; what a SELECT found the service keeps
 * for a day in a table of a hidden dataset. Null for scripts and all other statements.
 */
export function destinationOf(job: Job): TableReference | null {
  const [outcome, more] = job.outcomes;
  if (outcome === undefined || more !== undefined || job.script || outcome.error !== null) return null;
  if (outcome.destination !== null) return outcome.destination;
  if (outcome.result === null) return null;
  const { projectId, jobId, location } = job;
  const datasetId = `_${hash(projectId)}`;
  return { projectId, datasetId, tableId: `anon${hash(`${location}.${jobId}`)}` };
}

/** What lies in a hidden table, if it is one. */
export function hiddenResult(
  jobs: Jobs,
  { projectId, datasetId, tableId }: TableReference,
): { readonly job: Job; readonly result: ResultSet } | undefined {
  if (datasetId !== `_${hash(projectId)}`) return undefined;
  for (const job of jobs.all()) {
    const result = job.outcomes[0]?.result;
    if (result !== null && result !== undefined && destinationOf(job)?.tableId === tableId)
      return { job, result };
  }
  return undefined;
}

const hash = (text: string): string => createHash("sha1").update(text).digest("hex");
