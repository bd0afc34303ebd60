import { EtlError, type LogicalType } from "@spacex-etl/contracts";
import type { RawColumn } from "./raw-tables.ts";
import type { WarehouseTable } from "./warehouse-state.ts";

/** What the schema check must know of an engine. All SQL is complete, with schema and quotes, for a person to run. */
export interface SchemaDialect {
  /** Whether a column of the catalog's type holds values of the logical type without loss. */
  holds(type: LogicalType, catalogType: string): boolean;
  columnType(type: LogicalType): string;
  /** Undefined where the engine cannot convert the stored values without loss. */
  changeTypeSql(table: string, column: RawColumn, catalogType: string): string | undefined;
  dropNotNullSql(table: string, column: string): string;
  /** Moves a table or view away that no load made. */
  moveAwaySql(table: WarehouseTable): string;
  /** Drops a collection's tables and forgets them, so that the next run creates them. */
  startOverSql(tables: readonly string[]): string;
}

export interface ColumnChanges {
  readonly added: readonly RawColumn[];
  /** Columns of the warehouse that the schema does not have. */
  readonly gone: readonly string[];
}

/**
 * Compares a table of the warehouse with the columns it should have. Names are compared without regard to case.
 *
 * @throws EtlError of kind `schema` (exit 6) for all but new and gone columns; the hint has the SQL that removes the
 *   obstacle: TABLE_NOT_OURS, TYPE_CHANGE, NOT_NULL.
 */
export function compareColumns(
  expected: readonly RawColumn[],
  actual: WarehouseTable,
  collectionTables: readonly string[],
  dialect: SchemaDialect,
): ColumnChanges {
  const present = new Map(actual.columns.map((column) => [column.name.toLowerCase(), column]));
  const known = new Set(expected.map((column) => column.name));
  const missing = expected.filter((column) => !present.has(column.name));
  if (!actual.writable || missing.some((column) => column.required)) {
    throw schemaError(
      "TABLE_NOT_OURS",
      actual.writable
        ? `Table ${actual.name} exists, but without ${list(missing.filter((column) => column.required))}: no load made it.`
        : `${actual.name} exists, but it is not a table.`,
      `Move it out of the way: ${dialect.moveAwaySql(actual)}`,
      { table: actual.name },
    );
  }
  const changed = expected.flatMap((column) => {
    const found = present.get(column.name);
    return found === undefined || dialect.holds(column.type, found.type) ? [] : [{ column, found }];
  });
  if (changed.length > 0) {
    const conversions = changed.map(({ column, found }) =>
      dialect.changeTypeSql(actual.name, column, found.type),
    );
    const lossless = conversions.every((sql) => sql !== undefined);
    throw schemaError(
      "TYPE_CHANGE",
      `Table ${actual.name} would change the type of ${changed
        .map(
          ({ column, found }) =>
            `${column.name} from ${found.type} to ${dialect.columnType(column.type)} (${column.type})`,
        )
        .join(", ")}.`,
      lossless
        ? `If that is meant, run this and load again: ${conversions.join(" ")}`
        : `Stored values may not survive that. To start these tables over from the next new run: ${dialect.startOverSql(collectionTables)}`,
      { table: actual.name, columns: changed.map(({ column }) => column.name) },
    );
  }
  const gone = actual.columns.filter((column) => !known.has(column.name.toLowerCase()));
  const optional = new Set(
    expected.filter((column) => column.nullable && !column.required).map((column) => column.name),
  );
  const strict = actual.columns.filter(
    (column) => !column.nullable && (gone.includes(column) || optional.has(column.name.toLowerCase())),
  );
  if (strict.length > 0) {
    throw schemaError(
      "NOT_NULL",
      `Table ${actual.name} declares ${list(strict)} NOT NULL, but the schema ${
        strict.some((column) => gone.includes(column))
          ? "has no value for it any more"
          : "allows a missing value"
      }.`,
      `Run this and load again: ${strict.map((column) => dialect.dropNotNullSql(actual.name, column.name)).join(" ")}`,
      { table: actual.name, columns: strict.map((column) => column.name) },
    );
  }
  return { added: missing, gone: gone.map((column) => column.name) };
}

export function schemaError(
  code: string,
  message: string,
  hint: string,
  details: Readonly<Record<string, unknown>>,
): EtlError {
  return new EtlError({ kind: "schema", code, message, hint, details });
}

function list(columns: readonly { readonly name: string }[]): string {
  return columns.map((column) => column.name).join(", ");
}
