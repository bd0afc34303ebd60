import { invalidQuery } from "./api-error.ts";
import { typeOf } from "./resources.ts";
import { timestampLiteral } from "./sql/timestamp.ts";
import { literal } from "./sql/tokens.ts";
import type { Dataset, Warehouse } from "./warehouse.ts";

/** TABLES and COLUMNS of a dataset, as a DuckDB subquery. @throws ApiError `invalidQuery` for other views. */
export function informationSchema(warehouse: Warehouse, dataset: Dataset, view: string): string {
  const { projectId, datasetId } = dataset;
  const tables = warehouse.tablesOf(projectId, datasetId);
  const place = ({ reference }: (typeof tables)[number]): string[] =>
    [projectId, datasetId, reference.tableId].map(literal);
  switch (view.toUpperCase()) {
    case "TABLES":
      return rows(
        ["table_catalog", "table_schema", "table_name", "table_type", "creation_time"],
        ["''", "''", "''", "''", timestampLiteral(0n)],
        tables.map((table) => [
          ...place(table),
          literal(table.view === undefined ? "BASE TABLE" : table.view.kind.replace("_", " ")),
          timestampLiteral(BigInt(table.creationTime) * 1_000n),
        ]),
      );
    case "COLUMNS":
      return rows(
        [
          "table_catalog",
          "table_schema",
          "table_name",
          "column_name",
          "ordinal_position",
          "is_nullable",
          "data_type",
        ],
        ["''", "''", "''", "''", "CAST(0 AS BIGINT)", "''", "''"],
        tables.flatMap((table) =>
          table.fields.map(({ name, type, mode }, index) => [
            ...place(table),
            literal(name),
            `CAST(${index + 1} AS BIGINT)`,
            literal(mode === "REQUIRED" ? "NO" : "YES"),
            literal(typeOf(type).sql),
          ]),
        ),
      );
    default:
      throw invalidQuery(`INFORMATION_SCHEMA.${view} is none that this double has`);
  }
}

/** `types`: a row that is left out, so that a view without rows has types. */
function rows(
  columns: readonly string[],
  types: readonly string[],
  values: readonly (readonly string[])[],
): string {
  const list = [types, ...values].map((row, index) => `(${[...row, index].join(", ")})`);
  const names = [...columns, "nth"].join(", ");
  return `(SELECT ${columns.join(", ")} FROM (VALUES ${list.join(", ")}) AS v(${names}) WHERE nth > 0)`;
}
