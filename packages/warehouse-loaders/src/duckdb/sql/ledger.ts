import type { PlannedCollection } from "../../loader/load-plan.ts";
import type { LoadRequest } from "../../loader/load-request.ts";
import type { TransformEntry } from "../../loader/loader.ts";
import { DELETED_AT, LEDGER, REGISTRY, TRANSFORMS } from "../../planning/raw-tables.ts";
import {
  identifier,
  isoTimestamp,
  literal,
  LOAD_TIME,
  type RawSchema,
  rawTable,
  timestampLiteral,
} from "./names.ts";

/** The load's time: the clock, or one microsecond after the newest load where the clock is behind. */
export function setLoadTime(raw: RawSchema, clock: string): string {
  return `SET VARIABLE load_time = (SELECT greatest(${timestampLiteral(clock)}, max(loaded_at) + INTERVAL 1 MICROSECOND) FROM ${rawTable(raw, LEDGER.name)})`;
}

/** One row, `holds`: no other load was committed since the plan was made, and this run was not. */
export function assertLedger(raw: RawSchema, runId: string, loads: number): string {
  return `SELECT count(*) = ${loads} AND count(*) FILTER (run_id = ${literal(runId)}) = 0 AS holds FROM ${rawTable(raw, LEDGER.name)}`;
}

export function unregister(raw: RawSchema, tables: readonly string[]): string {
  return `DELETE FROM ${rawTable(raw, REGISTRY.name)} WHERE table_name IN (${tables.map(literal).join(", ")})`;
}

export function register(
  raw: RawSchema,
  request: LoadRequest,
  collections: readonly PlannedCollection[],
): string {
  const rows = collections.flatMap((collection) =>
    collection.tables.map(({ table, child, source, rows }) => {
      const live = child ? "" : ` WHERE ${identifier(DELETED_AT)} IS NULL`;
      // What was filled from nothing has been counted by now, and held against the plan.
      const count = collection.fresh ? String(rows) : `(SELECT count(*) FROM ${rawTable(raw, table)}${live})`;
      return `  (${[
        literal(table),
        literal(collection.name),
        literal(request.source),
        String(source.spec.schemaVersion),
        literal(collection.schemaFingerprint),
        literal(source.contentSha256),
        count,
        timestampLiteral(collection.extractedAt),
        literal(request.runId),
        LOAD_TIME,
      ].join(", ")})`;
    }),
  );
  const columns = REGISTRY.columns.map((column) => column.name).join(", ");
  return `INSERT INTO ${rawTable(raw, REGISTRY.name)} (${columns}) VALUES\n${rows.join(",\n")}`;
}

/** What is only known at the end of the transaction: session variables that {@link insertLoad} reads. Two statements in one text. */
export function setLoadResult(changed: boolean, counts: string): string {
  return `SET VARIABLE load_changed = ${changed};\nSET VARIABLE load_counts = ${literal(counts)}`;
}

/** Several statements in one text. */
export const RESET_VARIABLES: string = ["load_time", "load_changed", "load_counts"]
  .map((name) => `RESET VARIABLE ${name}`)
  .join(";\n");

export function insertLoad(raw: RawSchema, request: LoadRequest): string {
  const values = [
    literal(request.runId),
    literal(request.source),
    literal(request.manifestSha256),
    timestampLiteral(request.extractedAt),
    LOAD_TIME,
    "getvariable('load_changed')",
    "getvariable('load_counts')",
  ];
  const columns = LEDGER.columns.map((column) => column.name).join(", ");
  return `INSERT INTO ${rawTable(raw, LEDGER.name)} (${columns})\nVALUES (${values.join(", ")})`;
}

/** One row: loads, run_manifest and run_loaded_at of this run or null. */
export function readLedger(raw: RawSchema, runId: string): string {
  const mine = `FILTER (run_id = ${literal(runId)})`;
  return [
    "SELECT count(*) AS loads,",
    `  any_value(manifest_sha256) ${mine} AS run_manifest,`,
    `  ${isoTimestamp(`any_value(loaded_at) ${mine}`)} AS run_loaded_at`,
    `FROM ${rawTable(raw, LEDGER.name)}`,
  ].join("\n");
}

export function readRegistry(raw: RawSchema): string {
  const columns = REGISTRY.columns.map(({ name, type }) =>
    type === "timestamp" ? `${isoTimestamp(name)} AS ${name}` : name,
  );
  return `SELECT ${columns.join(", ")} FROM ${rawTable(raw, REGISTRY.name)} ORDER BY table_name`;
}

/** One row, `changed_at`: time of the newest load that changed something, or null. */
export function readChangedAt(raw: RawSchema): string {
  return `SELECT ${isoTimestamp("max(loaded_at) FILTER (changed)")} AS changed_at FROM ${rawTable(raw, LEDGER.name)}`;
}

export function readLastTransform(raw: RawSchema): string {
  return `SELECT project_sha256, ${isoTimestamp("changed_at")} AS changed_at, ${isoTimestamp("finished_at")} AS finished_at FROM ${rawTable(raw, TRANSFORMS.name)} ORDER BY finished_at DESC, rowid DESC LIMIT 1`;
}

export function insertTransform(raw: RawSchema, entry: TransformEntry): string {
  const changedAt = entry.changedAt === null ? "NULL" : timestampLiteral(entry.changedAt);
  const columns = TRANSFORMS.columns.map((column) => column.name).join(", ");
  return `INSERT INTO ${rawTable(raw, TRANSFORMS.name)} (${columns}) VALUES (${literal(entry.projectSha256)}, ${literal(entry.runId)}, ${changedAt}, ${timestampLiteral(entry.finishedAt)})`;
}
