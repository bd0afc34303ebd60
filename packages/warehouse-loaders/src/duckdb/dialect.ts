import { REGISTRY, type SchemaDialect } from "../planning/index.ts";
import { DUCKDB_TYPES, identifier, literal } from "./sql/index.ts";

/** SQL for people says `raw.orders`: they open the file itself, where there is no alias. */
export function duckdbDialect(schema: string): SchemaDialect {
  const name = (table: string) => `${identifier(schema)}.${identifier(table)}`;
  return {
    holds: (type, catalogType) => catalogType === DUCKDB_TYPES[type],
    columnType: (type) => DUCKDB_TYPES[type],
    changeTypeSql: (table, column, catalogType) => {
      const lossless =
        column.type === "string" || (column.type === "float64" && catalogType === DUCKDB_TYPES.int64);
      return lossless
        ? `ALTER TABLE ${name(table)} ALTER COLUMN ${identifier(column.name)} TYPE ${DUCKDB_TYPES[column.type]};`
        : undefined;
    },
    dropNotNullSql: (table, column) =>
      `ALTER TABLE ${name(table)} ALTER COLUMN ${identifier(column)} DROP NOT NULL;`,
    moveAwaySql: (table) =>
      `ALTER ${table.writable ? "TABLE" : "VIEW"} ${name(table.name)} RENAME TO ${identifier(`${table.name}_before`)};`,
    startOverSql: (tables) =>
      [
        ...tables.map((table) => `DROP TABLE IF EXISTS ${name(table)};`),
        `DELETE FROM ${name(REGISTRY.name)} WHERE table_name IN (${tables.map(literal).join(", ")});`,
      ].join(" "),
  };
}
