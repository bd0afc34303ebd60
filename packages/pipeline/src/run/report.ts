import { join } from "node:path";
import { type CollectionManifest, type EtlError, hasChanges } from "@spacex-etl/contracts";
import type { LoadReport } from "@spacex-etl/warehouse-loaders";
import type { PipelineConfig } from "../config/index.ts";
import type {
  CollectionSummary,
  ErrorSummary,
  RunReport,
  TableSummary,
  TransformSummary,
} from "../summary/index.ts";

/**
 * The collections of an extraction as the summary shows them.
 *
 * @param adopted those that were complete before this process, or undefined when all were: they cost no request
 */
export function collectionSummaries(
  manifests: readonly CollectionManifest[],
  adopted: ReadonlySet<string> | undefined,
): CollectionSummary[] {
  return manifests.map(({ collection, records, contentBytes, invalid, reused, drift, sourceState }) => ({
    name: collection,
    records,
    requests: adopted?.has(collection) === false ? sourceState.requests : 0,
    bytes: contentBytes,
    invalid,
    reused,
    drift: [...drift],
  }));
}

/** The parents of a load; a change in a child is an update of its parent. */
export function tableSummaries(report: LoadReport): TableSummary[] {
  return report.tables
    .filter(({ child }) => !child)
    .map(({ table, counts: { rows, inserted, updated, deleted, unchanged } }) => ({
      name: table,
      rows,
      inserted,
      updated,
      deleted,
      unchanged,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function errorSummary({ code, kind, message, hint }: EtlError): ErrorSummary {
  return { code, kind, message, hint: hint ?? null };
}

/** Whether anything but manifests and ledger rows was written. */
export function statusOf(done: {
  readonly collections: readonly CollectionSummary[];
  /** Table parts were written. */
  readonly normalized: boolean;
  readonly load: LoadReport | undefined;
  readonly transform: TransformSummary;
}): RunReport["status"] {
  const { collections, normalized, load, transform } = done;
  if (load?.outcome === "superseded") return "superseded";
  const read = collections.some(({ reused, requests }) => reused === null && requests > 0);
  const loaded = load?.outcome === "loaded" && load.tables.some(({ counts }) => hasChanges(counts));
  return read || normalized || loaded || transform.status === "done" ? "ok" : "unchanged";
}

/** Where the run's newest manifest lies: an absolute path or an address. */
export function manifestLocation({ lake }: PipelineConfig, key: string): string {
  return lake.location.kind === "file"
    ? join(lake.location.directory, ...key.split("/"))
    : `${lake.display}/${key}`;
}
