import { type LogicalType, ROW_HASH } from "@spacex-etl/contracts";
import { RUN_ID, type WarehouseTable } from "../../planning/index.ts";

/** Most bytes of a VARCHAR: https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
export const MAX_VARCHAR_BYTES = 65_535;

/** The only place where a logical type becomes a Redshift type. `timestamp` is stored without zone and means UTC. */
const TYPES: Readonly<Record<Exclude<LogicalType, "string">, string>> = {
  int64: "BIGINT",
  float64: "DOUBLE PRECISION",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
};

/** The same types as the catalog names them; a text's length follows in parentheses. */
export const CATALOG_TYPES: Readonly<Record<LogicalType, string>> = {
  string: "character varying",
  int64: "bigint",
  float64: "double precision",
  boolean: "boolean",
  timestamp: "timestamp without time zone",
  date: "date",
};

/** Bytes of texts whose longest value is known. */
const KNOWN_BYTES: Readonly<Record<string, number>> = {
  [ROW_HASH]: 64,
  [RUN_ID]: 63,
  "_loads.run_id": 63,
  "_tables.run_id": 63,
  "_transforms.run_id": 63,
};

/** Bytes of text columns, as options and catalog give them. */
export type Widths = (table: string, column: string) => number;

/** A table that is there keeps its widths; of others the options decide. */
export function widthsOf(
  options: Readonly<Record<string, number>>,
  tables: readonly Pick<WarehouseTable, "name" | "columns">[] = [],
): Widths {
  const present = new Map(
    tables.flatMap(({ name, columns }) =>
      columns.map((column) => [`${name}.${column.name}`, catalogBytes(column.type)] as const),
    ),
  );
  return (table, column) =>
    present.get(`${table}.${column}`) ??
    options[`${table}.${column}`] ??
    KNOWN_BYTES[`${table}.${column}`] ??
    KNOWN_BYTES[column] ??
    options[table] ??
    MAX_VARCHAR_BYTES;
}

/** Bytes of a text type of the catalog: `character varying(256)`. */
function catalogBytes(type: string): number | undefined {
  const bytes = /^character varying\((\d+)\)$/.exec(type)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}

export function columnType(type: LogicalType, bytes: number): string {
  return type === "string" ? `VARCHAR(${bytes})` : TYPES[type];
}
