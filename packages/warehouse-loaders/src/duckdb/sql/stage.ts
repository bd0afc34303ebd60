import { lakeColumns, type TableSpec } from "@spacex-etl/contracts";
import type { LoadTable } from "../../loader/load-request.ts";
import { DUCKDB_TYPES, identifier, literal, stageView } from "./names.ts";

/** Position of a row in the run: columns of every stage beside the table's own. */
export const FILE = "_file";
export const FILE_ROW = "_file_row";

/** A list of files for `read_parquet`, whose paths are patterns: `[`, `*` and `?` in a real path are made literal. */
export function parquetFiles(paths: readonly string[]): string {
  return `[${paths.map((path) => literal(path.replaceAll(/[[*?]/g, "[$&]"))).join(", ")}]`;
}

// `run=…` in the lake's paths would otherwise become a column.
const READ_OPTIONS = "hive_partitioning = false";

/** Up to so many rows a stage is a copy: opening the files for each of its half a dozen uses would cost more. */
const COPIED_ROWS = 20_000;

export function isSmall({ rows }: Pick<LoadTable, "rows">): boolean {
  return rows <= COPIED_ROWS;
}

function stageKind(table: Pick<LoadTable, "parts" | "rows">): "TABLE" | "VIEW" {
  return table.parts.length > 0 && isSmall(table) ? "TABLE" : "VIEW";
}

/** The stage of a table. Of a large one nothing is copied, the files are read where they are. */
export function createStage(table: LoadTable): string {
  const name = stageView(table.spec.name);
  const columns = lakeColumns(table.spec);
  if (table.parts.length === 0) {
    const nothing = [
      ...columns.map((column) => `CAST(NULL AS ${DUCKDB_TYPES[column.type]}) AS ${identifier(column.name)}`),
      `0 AS ${FILE}`,
      `0 AS ${FILE_ROW}`,
    ];
    return `CREATE OR REPLACE TEMP VIEW ${name} AS\nSELECT ${nothing.join(", ")}\nWHERE false`;
  }
  const values = [
    ...columns.map((column) => {
      const column_ = identifier(column.name);
      // The instant's microseconds, whatever time zone the session has; ten times faster than AT TIME ZONE.
      return column.type === "timestamp" ? `make_timestamp(epoch_us(${column_})) AS ${column_}` : column_;
    }),
    `file_index AS ${FILE}`,
    `file_row_number AS ${FILE_ROW}`,
  ];
  const files = parquetFiles(table.parts.map((part) => part.uri));
  return `CREATE OR REPLACE TEMP ${stageKind(table)} ${name} AS\nSELECT ${values.join(", ")}\nFROM read_parquet(${files}, ${READ_OPTIONS})`;
}

/** All of them in one text, which is several statements. */
export function dropStages(tables: readonly LoadTable[]): string {
  return tables
    .map((table) => `DROP ${stageKind(table)} IF EXISTS ${stageView(table.spec.name)}`)
    .join(";\n");
}

/** One row per column of each file, in order: file_name, name, type. What is nested has a type of no column of ours. */
export function describeParts(paths: readonly string[]): string {
  return [
    "SELECT file_name, name, CASE",
    "  WHEN num_children IS NOT NULL OR duckdb_type IS NULL THEN 'NESTED'",
    "  WHEN repetition_type = 'REPEATED' THEN duckdb_type || '[]'",
    "  ELSE duckdb_type END AS type",
    `FROM parquet_schema(${parquetFiles(paths)})`,
  ].join("\n");
}

/** At most three keys that occur more than once, as text in a column `key`. */
export function duplicateExamples(spec: TableSpec): string {
  const key = spec.key.map(identifier).join(", ");
  return `SELECT concat_ws('/', ${key}) AS key FROM ${stageView(spec.name)} GROUP BY ${key} HAVING count(*) > 1 ORDER BY ${key} LIMIT 3`;
}

/** One row per stage: table_name, rows. */
export function countStages(tables: readonly string[]): string {
  return tables
    .map((table) => `SELECT ${literal(table)} AS table_name, count(*) AS rows FROM ${stageView(table)}`)
    .join("\nUNION ALL ");
}
