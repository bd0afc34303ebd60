import type { LogicalType } from "@spacex-etl/contracts";
import type { PlannedCollection } from "../../loader/load-plan.ts";

/** The only place where a logical type becomes a DuckDB type. `timestamp` is stored without zone and means UTC. */
export const DUCKDB_TYPES: Readonly<Record<LogicalType, string>> = {
  string: "VARCHAR",
  int64: "BIGINT",
  float64: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
};

/** Types of the same columns in the lake's Parquet files, as DuckDB names them. */
export const PARQUET_TYPES: Readonly<Record<LogicalType, string>> = {
  ...DUCKDB_TYPES,
  timestamp: "TIMESTAMP WITH TIME ZONE",
};

/** Where the raw tables are: alias of the attached file, and schema. */
export interface RawSchema {
  readonly database: string;
  readonly schema: string;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  // DuckDB's parser ends at a NUL character, so it cannot stand in the text of a statement.
  return text
    .split("\0")
    .map((piece) => `'${piece.replaceAll("'", "''")}'`)
    .join(" || chr(0) || ");
}

/** ISO 8601 in UTC, up to microseconds, as a TIMESTAMP literal. */
export function timestampLiteral(instant: string): string {
  return `TIMESTAMP ${literal(instant.replace("T", " ").replace(/Z$/, ""))}`;
}

export function rawTable(raw: RawSchema, table: string): string {
  return `${identifier(raw.database)}.${identifier(raw.schema)}.${identifier(table)}`;
}

export function stageView(table: string): string {
  return `temp.main.${identifier(`_stage_${table}`)}`;
}

export function changesTable(collection: PlannedCollection): string {
  return `temp.main.${identifier(`_changes_${collection.tables[0]!.table}`)}`;
}

/** A TIMESTAMP as ISO 8601 in UTC to the microsecond. */
export function isoTimestamp(expression: string): string {
  return `strftime(${expression}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
}

/** Session variable with the load's one time, set by `setLoadTime`. */
export const LOAD_TIME = "getvariable('load_time')";
