import {
  type DuckDBType,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { invalidQuery } from "./api-error.ts";
import type { Field } from "./resources.ts";

/** Rows as the API sends them: every value is text or null. */
export interface WireRow {
  readonly f: readonly { readonly v: string | null }[];
}

/** A whole result; timestamps still microseconds, for their form depends on the request that reads them. */
export interface ResultSet {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UINTEGER,
]);

/** The API's type of a DuckDB type. @throws ApiError for one that no column of the double has. */
export function apiType(type: DuckDBType): string {
  if (INTEGERS.has(type.typeId) || type.typeId === DuckDBTypeId.SQLNULL) return "INTEGER";
  switch (type.typeId) {
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DECIMAL:
      return "FLOAT";
    case DuckDBTypeId.BOOLEAN:
      return "BOOLEAN";
    case DuckDBTypeId.VARCHAR:
      return "STRING";
    case DuckDBTypeId.TIMESTAMP:
      return "TIMESTAMP";
    case DuckDBTypeId.TIMESTAMP_NS:
      return "DATETIME";
    case DuckDBTypeId.DATE:
      return "DATE";
    default:
      throw invalidQuery(`A column has the DuckDB type ${String(type)}, which this double does not return`);
  }
}

export const cell = (value: DuckDBValue): string | null => {
  if (value === null || value === undefined) return null;
  if (value instanceof DuckDBTimestampValue) return String(value.micros);
  if (value instanceof DuckDBTimestampNanosecondsValue) return String(value.nanos / 1_000n);
  return String(value);
};

/** Seconds with a fraction, or microseconds: https://cloud.google.com/bigquery/docs/reference/rest/v2/DataFormatOptions */
export function wireRows(set: ResultSet, from: number, to: number, int64Timestamps: boolean): WireRow[] {
  return set.rows.slice(from, to).map((row) => ({
    f: row.map((value, column) => ({
      v: value === null ? null : wireValue(value, set.fields[column]!.type, int64Timestamps),
    })),
  }));
}

function wireValue(value: string, type: string, int64Timestamps: boolean): string {
  if (type === "TIMESTAMP") return int64Timestamps ? value : seconds(value);
  return type === "DATETIME" ? civil(value) : value;
}

/** `2026-01-02T03:04:05.678000`, of microseconds as if in UTC; without a fraction where it is none. */
function civil(micros: string): string {
  const [second, fraction] = String(new DuckDBTimestampValue(BigInt(micros)))
    .replace(" ", "T")
    .split(".");
  return fraction === undefined ? second! : `${second}.${fraction.padEnd(6, "0")}`;
}

function seconds(micros: string): string {
  const value = BigInt(micros);
  const absolute = value < 0n ? -value : value;
  return `${value < 0n ? "-" : ""}${absolute / 1_000_000n}.${String(absolute % 1_000_000n).padStart(6, "0")}`;
}
