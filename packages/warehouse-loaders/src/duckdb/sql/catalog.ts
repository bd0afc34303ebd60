import type { CountedTable } from "../../merge/index.ts";
import { DELETED_AT } from "../../planning/raw-tables.ts";
import { identifier, literal, type RawSchema, rawTable } from "./names.ts";

/** One row per relation and column of the schema: table_name, table_type, column_name, data_type, nullable. */
export function readCatalog(raw: RawSchema, tables: readonly string[]): string {
  return [
    "SELECT t.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable = 'YES' AS nullable",
    "FROM information_schema.tables AS t",
    "JOIN information_schema.columns AS c USING (table_catalog, table_schema, table_name)",
    `WHERE t.table_catalog = ${literal(raw.database)} AND lower(t.table_schema) = lower(${literal(raw.schema)})`,
    `  AND lower(t.table_name) IN (${tables.map(literal).join(", ")})`,
    "ORDER BY t.table_name, c.ordinal_position",
  ].join("\n");
}

/** One row per table: table_name, rows (all), live_rows. */
export function countRows(raw: RawSchema, tables: readonly CountedTable[]): string {
  return tables
    .map(
      ({ name, softDeletes }) =>
        `SELECT ${literal(name)} AS table_name, count(*) AS rows, ${softDeletes ? `count(*) FILTER (${identifier(DELETED_AT)} IS NULL)` : "count(*)"} AS live_rows FROM ${rawTable(raw, name)}`,
    )
    .join("\nUNION ALL ");
}
