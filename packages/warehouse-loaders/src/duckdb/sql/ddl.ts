import type { RawColumn } from "../../planning/raw-tables.ts";
import { DUCKDB_TYPES, identifier, literal, type RawSchema, rawTable } from "./names.ts";

export function attach(path: string, alias: string, mode: "READ_ONLY" | "READ_WRITE"): string {
  // The row groups stay at DuckDB's own size: with some smaller than those of the Parquet files, a first load wrote the
  // whole of a table a second time when the file was closed.
  return `ATTACH ${literal(path)} AS ${identifier(alias)} (TYPE duckdb, ${mode})`;
}

/**
 * Attaches a file that is not there yet. The storage of DuckDB 1.4 (the oldest with long-term support) compresses strings
 * better than the default, for older programs, and fills a wide table in less time; a file keeps what it was made with.
 */
export function attachNew(path: string, alias: string): string {
  return `ATTACH ${literal(path)} AS ${identifier(alias)} (TYPE duckdb, STORAGE_VERSION 'v1.4.0')`;
}

export function detach(alias: string): string {
  return `DETACH ${identifier(alias)}`;
}

export function createSchema(raw: RawSchema): string {
  return `CREATE SCHEMA IF NOT EXISTS ${identifier(raw.database)}.${identifier(raw.schema)}`;
}

export function createTable(
  raw: RawSchema,
  table: { readonly name: string; readonly columns: readonly RawColumn[] },
  ifNotExists = false,
): string {
  const columns = table.columns.map(
    (column) =>
      `  ${identifier(column.name)} ${DUCKDB_TYPES[column.type]}${column.required ? " NOT NULL" : ""}`,
  );
  return `CREATE TABLE ${ifNotExists ? "IF NOT EXISTS " : ""}${rawTable(raw, table.name)} (\n${columns.join(",\n")}\n)`;
}

export function addColumn(raw: RawSchema, table: string, column: RawColumn): string {
  return `ALTER TABLE ${rawTable(raw, table)} ADD COLUMN ${identifier(column.name)} ${DUCKDB_TYPES[column.type]}`;
}
