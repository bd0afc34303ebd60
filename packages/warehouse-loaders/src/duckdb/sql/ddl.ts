import type { RawColumn } from "../../planning/raw-tables.ts";
import { DUCKDB_TYPES, identifier, literal, type RawSchema, rawTable } from "./names.ts";

export function attach(path: string, alias: string, mode: "READ_ONLY" | "READ_WRITE"): string {
  // Small row groups let a load of some 100,000 rows use more than one thread, and make changes rewrite less.
  const options = mode === "READ_ONLY" ? "READ_ONLY" : "ROW_GROUP_SIZE 30720";
  return `ATTACH ${literal(path)} AS ${identifier(alias)} (TYPE duckdb, ${options})`;
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
