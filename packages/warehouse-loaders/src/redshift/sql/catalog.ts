import type { CountedTable } from "../../merge/index.ts";
import { DELETED_AT } from "../../planning/index.ts";
import { identifier, literal, rawTable } from "./names.ts";

/**
 * One row per relation and column of the schema: table_name, table_type, column_name, data_type, nullable. Not from
 * information_schema, which leaves out what the user may not use: such a table would be taken for one to be made.
 */
export function readCatalog(schema: string, tables: readonly string[]): string {
  return [
    "SELECT c.relname AS table_name, CASE WHEN c.relkind = 'r' THEN 'BASE TABLE' ELSE 'VIEW' END AS table_type,",
    "  a.attname AS column_name, format_type(a.atttypid, a.atttypmod) AS data_type, NOT a.attnotnull AS nullable",
    "FROM pg_namespace AS n",
    "JOIN pg_class AS c ON c.relnamespace = n.oid",
    "JOIN pg_attribute AS a ON a.attrelid = c.oid",
    `WHERE n.nspname = ${literal(schema)}`,
    `  AND c.relname IN (${tables.map(literal).join(", ")})`,
    "  AND a.attnum > 0 AND NOT a.attisdropped",
    "ORDER BY c.relname, a.attnum",
  ].join("\n");
}

/** One row, `present`. */
export function schemaExists(schema: string): string {
  return `SELECT count(*) > 0 AS present FROM pg_namespace WHERE nspname = ${literal(schema)}`;
}

/** One row per table: table_name, rows (all), live_rows. */
export function countRows(schema: string, tables: readonly CountedTable[]): string {
  return tables
    .map(({ name, softDeletes }) => {
      const live = softDeletes ? `count(CASE WHEN ${identifier(DELETED_AT)} IS NULL THEN 1 END)` : "count(*)";
      return `SELECT ${nameColumn(name)}, count(*) AS rows, ${live} AS live_rows FROM ${rawTable(schema, name)}`;
    })
    .join("\nUNION ALL ");
}

/** A table's name as a column, of one type in all branches of a UNION. */
export function nameColumn(table: string): string {
  return `CAST(${literal(table)} AS VARCHAR(127)) AS table_name`;
}
