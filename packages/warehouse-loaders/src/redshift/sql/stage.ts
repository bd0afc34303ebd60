import { isChild, lakeColumns, PARENT_ID, type TableSpec } from "@spacex-etl/contracts";
import type { PlannedCollection } from "../../loader/load-plan.ts";
import { nameColumn } from "./catalog.ts";
import { distributionColumn } from "./ddl.ts";
import { identifier, literal, newColumn, stageTable } from "./names.ts";
import { columnType, type Widths } from "./types.ts";

/**
 * A temporary table with the lake's columns in their order, because COPY goes by position. All may be null: what is
 * missing is counted and named afterwards. Texts have the width of the real table, so that COPY says which is too long.
 */
export function createStage(spec: TableSpec, widths: Widths): string {
  const columns = lakeColumns(spec).map(
    ({ name, type }) => `  ${newColumn(name)} ${columnType(type, widths(spec.name, name))}`,
  );
  return `CREATE TEMP TABLE ${stageTable(spec.name)} (\n${columns.join(",\n")}\n) DISTSTYLE KEY DISTKEY (${identifier(distributionColumn(spec))})`;
}

/** @param role ARNs with commas, or `default` */
export function copyStage(table: string, manifestUrl: string, role: string): string {
  const right = role === "default" ? "default" : literal(role);
  return `COPY ${stageTable(table)}\nFROM ${literal(manifestUrl)}\nIAM_ROLE ${right}\nMANIFEST\nFORMAT AS PARQUET`;
}

/** One row, `rows`: of the last COPY of this session, which tells its client nothing. */
export const COUNT_COPIED = "SELECT pg_last_copy_count() AS rows";

/** Why the last COPY of this session failed: at most five rows. */
export const READ_LOAD_ERRORS = [
  "SELECT trim(file_name) AS file_name, line_number, trim(column_name) AS column_name, trim(column_type) AS column_type,",
  "  trim(column_length) AS column_length, error_code, trim(error_message) AS error_message",
  "FROM sys_load_error_detail",
  "WHERE query_id = pg_last_copy_id()",
  "ORDER BY file_name, line_number",
  "LIMIT 5",
].join("\n");

/** One row per stage of the collection: table_name, rows, null_keys, duplicate_keys, orphans. */
export function checkStages({ tables }: PlannedCollection): string {
  const parent = tables[0]!.source.spec;
  return tables.map(({ source }) => checkStage(source.spec, parent)).join("\nUNION ALL\n");
}

// The keys with the number of their rows hold all that is asked, so that a stage is read once.
function checkStage(spec: TableSpec, parent: TableSpec): string {
  const keys = spec.key.map(identifier);
  const missing = keys.map((key) => `k.${key} IS NULL`).join(" OR ");
  const child = isChild(spec);
  return [
    `SELECT ${nameColumn(spec.name)},`,
    `  ${sumOf("k._n")} AS rows,`,
    `  ${sumOf(`CASE WHEN ${missing} THEN k._n END`)} AS null_keys,`,
    "  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,",
    `  ${child ? sumOf("CASE WHEN p._key IS NULL THEN k._n END") : "CAST(0 AS BIGINT)"} AS orphans`,
    `FROM (SELECT ${keys.join(", ")}, count(*) AS _n FROM ${stageTable(spec.name)} GROUP BY ${keys.join(", ")}) AS k`,
    ...(child
      ? [
          `LEFT JOIN (SELECT DISTINCT ${identifier(parent.parentKey.name)} AS _key FROM ${stageTable(parent.name)}) AS p ON k.${identifier(PARENT_ID)} = p._key`,
        ]
      : []),
  ].join("\n");
}

function sumOf(expression: string): string {
  return `CAST(coalesce(sum(${expression}), 0) AS BIGINT)`;
}

/** At most three keys that occur more than once, as text in a column `key`. */
export function duplicateExamples(spec: TableSpec): string {
  const keys = spec.key.map(identifier);
  const shown = keys.map((key) => `coalesce(CAST(${key} AS VARCHAR(1000)), 'null')`).join(" || '/' || ");
  return `SELECT ${shown} AS key FROM ${stageTable(spec.name)} GROUP BY ${keys.join(", ")} HAVING count(*) > 1 ORDER BY 1 LIMIT 3`;
}

/** One row per stage: table_name, rows. */
export function countStages(tables: readonly string[]): string {
  return tables
    .map((table) => `SELECT ${nameColumn(table)}, count(*) AS rows FROM ${stageTable(table)}`)
    .join("\nUNION ALL ");
}

export function dropStage(table: string): string {
  return `DROP TABLE IF EXISTS ${stageTable(table)}`;
}
