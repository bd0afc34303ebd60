import { REGISTRY, type SchemaDialect, type WarehouseTable } from "../planning/index.ts";
import { CATALOG_TYPES, columnType, identifier, literal, MAX_VARCHAR_BYTES, rawTable } from "./sql/index.ts";

/** @param tables As the catalog lists them, so that SQL for people can say a column's type. */
export function redshiftDialect(schema: string, tables: readonly WarehouseTable[] = []): SchemaDialect {
  const name = (table: string) => rawTable(schema, table);
  const typeOf = (table: string, column: string) =>
    tables.find((each) => each.name === table)?.columns.find((each) => each.name === column)?.type ??
    "VARCHAR(65535)";
  return {
    // How long a text may be is asked of each value.
    holds: (type, catalogType) =>
      type === "string" ? catalogType.startsWith(CATALOG_TYPES.string) : catalogType === CATALOG_TYPES[type],
    columnType: (type) => columnType(type, MAX_VARCHAR_BYTES),
    // Redshift alters nothing but the length of a text.
    changeTypeSql: () => undefined,
    // There is no DROP NOT NULL: the column is made anew.
    dropNotNullSql: (table, column) => {
      const [old, made] = [identifier(column), identifier(`${column}_nullable`)];
      return [
        `ALTER TABLE ${name(table)} ADD COLUMN ${made} ${typeOf(table, column)};`,
        `UPDATE ${name(table)} SET ${made} = ${old};`,
        `ALTER TABLE ${name(table)} DROP COLUMN ${old};`,
        `ALTER TABLE ${name(table)} RENAME COLUMN ${made} TO ${old};`,
      ].join(" ");
    },
    moveAwaySql: (table) =>
      `ALTER TABLE ${name(table.name)} RENAME TO ${identifier(`${table.name}_before`)};`,
    startOverSql: (names) =>
      [
        `DROP TABLE IF EXISTS ${names.map(name).join(", ")};`,
        `DELETE FROM ${name(REGISTRY.name)} WHERE table_name IN (${names.map(literal).join(", ")});`,
      ].join(" "),
  };
}
