import { canonicalJson, sha256Hex } from "@spacex-etl/contracts";
import type { LoadRequest } from "../loader/load-request.ts";
import type { RawDataset } from "./sql/index.ts";

/** Of dataset, run, manifest and table: what another load may not share. */
function fingerprint({ project, dataset }: RawDataset, request: LoadRequest, table: string): string {
  const { runId, manifestSha256 } = request;
  return sha256Hex(canonicalJson([project, dataset, runId, manifestSha256, table])).slice(0, 12);
}

/** Letters of ids that a person may look for come first; the hash at the end tells cut ones apart. */
const MAX_PART = 300;

function idOf(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, MAX_PART)).join("_");
}

/** Where a job runs; a job of the same id elsewhere is another, which is not found from here. */
export type JobPlace = RawDataset & { readonly location: string };

/** The same for every process that loads this table of this run. */
export function loadJobId(place: JobPlace, request: LoadRequest, table: string, attempt: number): string {
  const hash = sha256Hex(`${place.location.toLowerCase()} ${fingerprint(place, request, table)}`).slice(
    0,
    12,
  );
  return idOf("spacex-etl", request.runId, table, hash, `a${attempt}`);
}

/** The same for every process that has planned this very transaction, whose text names the dataset. */
export function applyJobId(place: JobPlace, request: LoadRequest, sql: string, attempt: number): string {
  const hash = sha256Hex(`${place.location.toLowerCase()} ${sql}`).slice(0, 24);
  return idOf("spacex-etl", request.runId, "apply", hash, `a${attempt}`);
}

/** Of a script that may run twice: only the process that started it looks it up. */
export function onceJobId(runId: string, purpose: string): string {
  return idOf("spacex-etl", runId, purpose, crypto.randomUUID());
}

export function stageTable(raw: RawDataset, request: LoadRequest, table: string): string {
  return `_stage_${request.runId}_${table.slice(0, MAX_PART)}_${fingerprint(raw, request, table)}`;
}

/** Whether a table of the dataset is a stage of this loader. */
export function isStage(table: string): boolean {
  return /^_stage_[a-z0-9-]+_.+_[0-9a-f]{12}$/s.test(table);
}
