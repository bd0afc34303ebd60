import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: [
    "src/index.ts",
    "src/bigquery/index.ts",
    "src/duckdb/index.ts",
    "src/redshift/index.ts",
    "src/testing/index.ts",
  ],
});
