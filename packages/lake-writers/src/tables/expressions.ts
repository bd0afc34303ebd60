import type { ColumnSpec, LogicalType } from "@spacex-etl/contracts";

/** DuckDB types of the Parquet files. A timestamp is an instant, so that BigQuery and Redshift read it as one. */
export const PARQUET_TYPES: Readonly<Record<LogicalType, string>> = {
  string: "VARCHAR",
  int64: "BIGINT",
  float64: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMPTZ",
  date: "DATE",
};

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A file to read. DuckDB takes paths for patterns: `[`, `*` and `?` in a real path are made literal. */
export function quoteFile(path: string): string {
  return quoteLiteral(path.replaceAll(/[[*?]/g, "[$&]"));
}

/** The value at a path below an expression; with an empty base, below the record. */
export function access(base: string, path: readonly string[]): string {
  return [...(base === "" ? [] : [base]), ...path.map(quoteIdentifier)].join(".");
}

/** Instants and days arrive as text. */
export function cast(expression: string, type: LogicalType): string {
  return type === "timestamp" || type === "date"
    ? `CAST(${expression} AS ${PARQUET_TYPES[type]})`
    : expression;
}

/** A column's value as the Parquet file has it. */
export function typed(column: ColumnSpec, base: string): string {
  const value = access(base, column.path);
  return column.json === true ? `CAST(${value} AS VARCHAR)` : cast(value, column.type);
}
