export { loadThreads } from "./connection.ts";
export { duckdbLoader } from "./duckdb-loader.ts";
export type { DuckDBLoaderOptions } from "./options.ts";
