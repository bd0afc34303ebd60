import { EtlError, isRunId } from "@spacex-etl/contracts";

// Where everything lies in a lake. No other file spells a key.

/** Where the raw parts of a collection are that a run wrote; with a slash at its end, as all prefixes. */
export function rawPrefix(source: string, collection: string, runId: string): string {
  return `raw/${source}/${collection}/run=${runId}/`;
}

export function rawPartKey(
  at: { readonly source: string; readonly collection: string; readonly runId: string },
  sequence: number,
  sha256: string,
  extension: "zst" | "gz",
): string {
  return `${rawPrefix(at.source, at.collection, at.runId)}${partName(sequence, sha256)}.ndjson.${extension}`;
}

export function quarantineKey(
  at: { readonly source: string; readonly collection: string; readonly runId: string },
  sha256: string,
): string {
  return `${rawPrefix(at.source, at.collection, at.runId)}quarantine-${sha256.slice(0, 16)}.ndjson`;
}

export function tablePartKey(table: string, runId: string, sequence: number, sha256: string): string {
  return `${tablePrefix(table, runId)}${partName(sequence, sha256)}.parquet`;
}

/** Where the Parquet parts of a table are that a run wrote. */
export function tablePrefix(table: string, runId: string): string {
  return `tables/${table}/run=${runId}/`;
}

function partName(sequence: number, sha256: string): string {
  return `${String(sequence).padStart(5, "0")}-${sha256.slice(0, 16)}`;
}

export const RUNS = "runs/";
/** Where the heads are; the one with the greatest number says which runs are the newest. */
export const HEADS = "heads/";

/** Where all documents of a run are. */
export function runPrefix(runId: string): string {
  return `${RUNS}${runId}/`;
}

/** Key of the document that says what the run was asked for. */
export function requestKey(runId: string): string {
  return `${runPrefix(runId)}request.json`;
}

/** Key of the document that says that a collection of the run is complete. */
export function collectionManifestKey(runId: string, collection: string): string {
  return `${collectionManifestPrefix(runId)}${collection}.json`;
}

export function collectionManifestPrefix(runId: string): string {
  return `${runPrefix(runId)}extract/`;
}

/** Key of the document that commits the extraction of a run. */
export function extractManifestKey(runId: string): string {
  return `${runPrefix(runId)}extract.json`;
}

/** Key of the document that commits the tables of a run. */
export function tablesManifestKey(runId: string): string {
  return `${runPrefix(runId)}tables.json`;
}

export function headKey(number: number): string {
  return `${HEADS}${String(number).padStart(10, "0")}.json`;
}

/** The number in a head's key, or undefined for any other key. */
export function headNumber(key: string): number | undefined {
  const match = /^heads\/(\d{10})\.json$/.exec(key);
  return match === null ? undefined : Number(match[1]);
}

/** An object of a lake, by its key. */
export type LakeKey =
  | { readonly is: "head"; readonly number: number }
  | {
      readonly is: "document";
      readonly runId: string;
      readonly document: "request" | "extract" | "tables" | "collection";
    }
  | { readonly is: "part"; readonly runId: string }
  /** What told a warehouse which parts to copy: no document refers to it, and a load that is done again makes it anew. */
  | { readonly is: "copy manifest"; readonly runId: string };

const DOCUMENT_KEY = /^runs\/([^/]+)\/(?:(request|extract|tables)\.json|extract\/.+\.json)$/;
const PART_KEY =
  /^(?:raw\/.+\/run=([^/]+)\/(?:\d{5,}-[0-9a-f]{16}\.ndjson\.(?:zst|gz)|quarantine-[0-9a-f]{16}\.ndjson)|tables\/[^/]+\/run=([^/]+)\/\d{5,}-[0-9a-f]{16}\.parquet)$/;
const COPY_MANIFEST_KEY = /^copy\/run=([^/]+)\/[^/]+-[0-9a-f]{16}\.manifest$/;

/** Undefined for an object that somebody else put into the folder or bucket. */
export function parseKey(key: string): LakeKey | undefined {
  const number = headNumber(key);
  if (number !== undefined) return { is: "head", number };
  const document = DOCUMENT_KEY.exec(key);
  if (document !== null) {
    const [, runId, name] = document;
    return isRunId(runId as string)
      ? {
          is: "document",
          runId: runId as string,
          document: (name as "request" | "extract" | "tables" | undefined) ?? "collection",
        }
      : undefined;
  }
  const copied = COPY_MANIFEST_KEY.exec(key)?.[1];
  if (copied !== undefined) return isRunId(copied) ? { is: "copy manifest", runId: copied } : undefined;
  const part = PART_KEY.exec(key);
  const runId = part?.[1] ?? part?.[2];
  return runId !== undefined && isRunId(runId) ? { is: "part", runId } : undefined;
}

const SOURCE_PATTERN = /^[a-z0-9][a-z0-9.-]{0,126}$/;

/** A source name stands in paths: a–z, 0–9, `-` and `.`. */
export function assertSourceName(source: string): void {
  if (SOURCE_PATTERN.test(source)) return;
  throw new EtlError({
    kind: "usage",
    code: "SOURCE_NAME",
    message: `The source name ${JSON.stringify(source)} is not valid: 1 to 127 of a–z, 0–9, "-" and ".".`,
    hint: "Choose another with --source.",
  });
}
