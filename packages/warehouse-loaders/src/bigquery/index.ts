export { bigqueryLoader } from "./bigquery-loader.ts";
export type { BigQueryClient, Transport } from "./connection.ts";
export type { BigQueryLoaderOptions } from "./options.ts";
