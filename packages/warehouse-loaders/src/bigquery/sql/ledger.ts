import type { PlannedCollection } from "../../loader/load-plan.ts";
import type { LoadRequest } from "../../loader/load-request.ts";
import type { TransformEntry } from "../../loader/loader.ts";
import { LEDGER, REGISTRY, TRANSFORMS } from "../../planning/raw-tables.ts";
import { keepsRows } from "./changes.ts";
import { COUNTS_JSON } from "./counts.ts";
import { LOCK } from "./ddl.ts";
import {
  CLOCK,
  COUNTS,
  literal,
  LOAD_TIME,
  MARK,
  type RawDataset,
  tableName,
  timestampLiteral,
} from "./names.ts";

export const DECLARE_LOAD_TIME: string = `DECLARE ${LOAD_TIME} TIMESTAMP`;

/** A mere read of the ledger would not conflict with another load's: https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency */
export function takeLock(raw: RawDataset, runId: string): string {
  return `UPDATE ${tableName(raw, LOCK)} SET run_id = ${literal(runId)}, locked_at = ${CLOCK} WHERE TRUE`;
}

/** For a dry run: what a load may do only if it may write. Changes nothing even where it runs. */
export function probeLock(raw: RawDataset): string {
  return `UPDATE ${tableName(raw, LOCK)} SET run_id = run_id WHERE TRUE`;
}

export function assertLock(raw: RawDataset): string {
  return demand(`(SELECT COUNT(*) FROM ${tableName(raw, LOCK)}) = 1`, "LOCK_ROW");
}

/** No other load was committed since the plan was made, and this run was not. */
export function assertLedger(raw: RawDataset, runId: string, loads: number): string {
  const counts = `COUNT(*) = ${loads} AND COUNTIF(run_id = ${literal(runId)}) = 0`;
  return demand(`(SELECT ${counts} FROM ${tableName(raw, LEDGER.name)})`, "WAREHOUSE_CHANGED");
}

/** An expired stage must never pass for an empty source. One statement: each is a job of its own on the service. */
export function assertStages(
  raw: RawDataset,
  stages: readonly { readonly stage: string; readonly rows: number }[],
): string {
  const counts = stages.map(({ stage, rows }) => `(SELECT COUNT(*) FROM ${tableName(raw, stage)}) = ${rows}`);
  return demand(counts.join("\n  AND "), "STAGE_GONE");
}

/** ASSERT is not on the list of what a transaction may hold: https://cloud.google.com/bigquery/docs/transactions#limitations */
function demand(condition: string, code: string): string {
  return `IF NOT (${condition}) THEN\n  RAISE USING MESSAGE = '${MARK}${code};';\nEND IF`;
}

/** The load's time: the clock, or one microsecond after the newest load where the clock is behind. */
export function setLoadTime(raw: RawDataset): string {
  return `SET ${LOAD_TIME} = (SELECT GREATEST(${CLOCK}, IFNULL(TIMESTAMP_ADD(MAX(loaded_at), INTERVAL 1 MICROSECOND), ${CLOCK})) FROM ${tableName(raw, LEDGER.name)})`;
}

export function unregister(raw: RawDataset, tables: readonly string[]): string {
  return `DELETE FROM ${tableName(raw, REGISTRY.name)} WHERE table_name IN (${tables.map(literal).join(", ")})`;
}

export function register(
  raw: RawDataset,
  request: LoadRequest,
  collections: readonly PlannedCollection[],
): string {
  const rows = collections.flatMap((collection) =>
    collection.tables.map(({ table, source, rows, liveRows }) => {
      const live = keepsRows(collection)
        ? `(SELECT MAX(live) FROM ${COUNTS} WHERE table_name = ${literal(table)})`
        : String(collection.outcome === "load" ? rows : liveRows);
      return `  (${[
        literal(table),
        literal(collection.name),
        literal(request.source),
        String(source.spec.schemaVersion),
        literal(collection.schemaFingerprint),
        literal(source.contentSha256),
        live,
        timestampLiteral(collection.extractedAt),
        literal(request.runId),
        LOAD_TIME,
      ].join(", ")})`;
    }),
  );
  const columns = REGISTRY.columns.map((column) => column.name).join(", ");
  return `INSERT INTO ${tableName(raw, REGISTRY.name)} (${columns}) VALUES\n${rows.join(",\n")}`;
}

/** @param altered A table or a column was added. */
export function insertLoad(raw: RawDataset, request: LoadRequest, altered: boolean): string {
  const values = [
    literal(request.runId),
    literal(request.source),
    literal(request.manifestSha256),
    timestampLiteral(request.extractedAt),
    LOAD_TIME,
    altered ? "TRUE" : "IFNULL(LOGICAL_OR(inserted + updated + deleted > 0), FALSE)",
    COUNTS_JSON,
  ];
  const columns = LEDGER.columns.map((column) => column.name).join(", ");
  return `INSERT INTO ${tableName(raw, LEDGER.name)} (${columns})\nSELECT ${values.join(", ")}\nFROM ${COUNTS}`;
}

export function insertTransform(raw: RawDataset, entry: TransformEntry): string {
  const changedAt = entry.changedAt === null ? "NULL" : timestampLiteral(entry.changedAt);
  const columns = TRANSFORMS.columns.map((column) => column.name).join(", ");
  return `INSERT INTO ${tableName(raw, TRANSFORMS.name)} (${columns}) VALUES (${literal(entry.projectSha256)}, ${literal(entry.runId)}, ${changedAt}, ${timestampLiteral(entry.finishedAt)})`;
}
