import { EtlError, lakeColumns } from "@spacex-etl/contracts";
import { isAbsolute } from "node:path";
import type { PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import { rawColumns } from "../planning/index.ts";
import { demand } from "./options.ts";

/** Largest local file, in bytes: it is sent in one request from memory, a few of them at once. */
export const MAX_LOCAL_BYTES: number = 64 * 1024 * 1024;
/** URIs of one load job: https://cloud.google.com/bigquery/quotas#load_jobs */
const MAX_URIS = 10_000;
/** Tables that one transaction changes: https://cloud.google.com/bigquery/docs/transactions#limitations */
const MAX_TABLES = 100;
/** `_lock`, `_loads`, `_tables` and two temporary ones; a collection that is merged has another. */
const OWN_TABLES = 5;
/** Text of a query, in bytes: https://cloud.google.com/bigquery/quotas#query_jobs */
const MAX_SQL_BYTES = 1024 * 1024;
/** https://cloud.google.com/bigquery/docs/schemas#column_names, and #flexible-column-names for what a name may hold. */
const MAX_NAME = 300;
const NAME = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}&%=+:'<>#| ]+$/u;
const RESERVED_PREFIX = /^(?:_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER)/i;

/**
 * Refuses what BigQuery cannot do, before anything is written.
 *
 * @throws EtlError of kind `usage`: PART_URI, LOCAL_PARTS, TOO_MANY_PARTS, TOO_MANY_TABLES, NAME_UNSUPPORTED, LOADER_OPTIONS.
 */
export function assertLoadable(
  collections: readonly PlannedCollection[],
  partitionBy: Readonly<Record<string, string>>,
): void {
  const tables = collections.filter(({ outcome }) => outcome === "load").flatMap((one) => one.tables);
  const merged = collections.filter(({ outcome, fresh }) => outcome === "load" && !fresh).length;
  if (tables.length + merged + OWN_TABLES > MAX_TABLES) {
    throw refuse(
      "TOO_MANY_TABLES",
      `The run changes ${tables.length} tables, with the loader's own ${tables.length + merged + OWN_TABLES}; a transaction of BigQuery changes at most ${MAX_TABLES}.`,
      "Load fewer collections per run.",
    );
  }
  for (const table of tables) {
    assertNames(table);
    assertParts(table);
    assertPartition(table, partitionBy);
  }
}

/** @throws EtlError TOO_MANY_TABLES where the script of the transaction is longer than BigQuery takes. */
export function assertLength(sql: string): void {
  const bytes = Buffer.byteLength(sql);
  if (bytes <= MAX_SQL_BYTES) return;
  throw refuse(
    "TOO_MANY_TABLES",
    `The transaction of the run has ${bytes} bytes of SQL; BigQuery takes ${MAX_SQL_BYTES}.`,
    "Load fewer collections per run. Many quarantined keys make it long, too.",
  );
}

function assertNames({ table, source }: PlannedTable): void {
  const seen = new Set<string>();
  for (const { name } of rawColumns(source.spec)) {
    const problem =
      name.length > MAX_NAME
        ? `is longer than ${MAX_NAME} characters`
        : !NAME.test(name)
          ? "has a character that BigQuery allows in no column"
          : RESERVED_PREFIX.test(name)
            ? "begins like a column of BigQuery's own"
            : seen.has(name.toLowerCase())
              ? "is there twice, for BigQuery ignores case"
              : undefined;
    seen.add(name.toLowerCase());
    if (problem === undefined) continue;
    throw refuse(
      "NAME_UNSUPPORTED",
      `The column ${JSON.stringify(name)} of ${table} ${problem}.`,
      'Name it yourself: .meta({ column: "another_name" }).',
    );
  }
}

function assertParts({ table, source }: PlannedTable): void {
  const { parts } = source;
  const local = parts.filter(({ uri }) => isAbsolute(uri));
  for (const { uri } of parts) {
    if (isAbsolute(uri) || /^gs:\/\/[^/*]+\/[^*]+$/.test(uri)) continue;
    throw refuse(
      "PART_URI",
      uri.startsWith("gs://")
        ? `BigQuery would take the * in ${uri} for a pattern.`
        : `BigQuery reads parts from gs:// or from a path on this machine; ${uri} is neither.`,
      "Use a lake in Google Cloud Storage with a BigQuery warehouse.",
    );
  }
  if (local.length > 0 && (parts.length > 1 || local[0]!.bytes > MAX_LOCAL_BYTES)) {
    throw refuse(
      "LOCAL_PARTS",
      parts.length > 1
        ? `Table ${table} has ${parts.length} local files; one load job takes one local file.`
        : `${local[0]!.uri} has ${local[0]!.bytes} bytes; a local file may have ${MAX_LOCAL_BYTES}.`,
      "A lake in a folder is for small data: use a lake in Google Cloud Storage (gs://bucket/prefix).",
    );
  }
  if (parts.length > MAX_URIS) {
    throw refuse(
      "TOO_MANY_PARTS",
      `Table ${table} has ${parts.length} parts; a load job of BigQuery takes ${MAX_URIS}.`,
      "Normalize into fewer, larger parts.",
    );
  }
}

function assertPartition(
  { table, source }: PlannedTable,
  partitionBy: Readonly<Record<string, string>>,
): void {
  if (!Object.hasOwn(partitionBy, table)) return;
  const name = partitionBy[table];
  const column = [...lakeColumns(source.spec), ...rawColumns(source.spec)].find((each) => each.name === name);
  demand(
    column?.type === "date" || column?.type === "timestamp",
    `partitionBy names ${table}.${name}, which is no column of type date or timestamp`,
  );
}

function refuse(code: string, message: string, hint: string): EtlError {
  return new EtlError({ kind: "usage", code, message, hint });
}
