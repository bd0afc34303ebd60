/**
 * The part of `DuckDBConnection` of `@duckdb/node-api` that is used here, typed by structure: any 1.5 connection fits,
 * and packages need no dependency on the binding.
 */
export interface DuckDBConnectionLike {
  run(sql: string): Promise<unknown>;
  /** Rows with JSON values: 64-bit integers are decimal strings, timestamps text. */
  runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): Record<string, unknown>[] }>;
  interrupt?(): void;
}
