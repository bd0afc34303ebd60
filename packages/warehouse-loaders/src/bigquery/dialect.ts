import { REGISTRY, type SchemaDialect } from "../planning/index.ts";
import { BIGQUERY_TYPES, identifier, literal, type RawDataset, tableName } from "./sql/index.ts";

export function bigqueryDialect(raw: RawDataset): SchemaDialect {
  return {
    holds: (type, catalogType) => catalogType === BIGQUERY_TYPES[type],
    columnType: (type) => BIGQUERY_TYPES[type],
    // What BigQuery converts in place: https://cloud.google.com/bigquery/docs/managing-table-schemas#change_a_columns_data_type
    changeTypeSql: (table, column, catalogType) =>
      column.type === "float64" && catalogType === BIGQUERY_TYPES.int64
        ? `ALTER TABLE ${tableName(raw, table)} ALTER COLUMN ${identifier(column.name)} SET DATA TYPE ${BIGQUERY_TYPES.float64};`
        : undefined,
    dropNotNullSql: (table, column) =>
      `ALTER TABLE ${tableName(raw, table)} ALTER COLUMN ${identifier(column)} DROP NOT NULL;`,
    moveAwaySql: (table) =>
      table.writable
        ? `ALTER TABLE ${tableName(raw, table.name)} RENAME TO ${identifier(`${table.name}_before`)};`
        : `DROP VIEW ${tableName(raw, table.name)};`,
    startOverSql: (tables) =>
      [
        ...tables.map((table) => `DROP TABLE IF EXISTS ${tableName(raw, table)};`),
        `DELETE FROM ${tableName(raw, REGISTRY.name)} WHERE table_name IN (${tables.map(literal).join(", ")});`,
      ].join(" "),
  };
}
