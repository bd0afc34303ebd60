export { attach, attachNew, createSchema, createTable, detach } from "./ddl.ts";
export { duckdbSql, type DuckDBSqlSettings } from "./duckdb-sql.ts";
export { insertTransform, RESET_VARIABLES, setLoadResult } from "./ledger.ts";
export {
  DUCKDB_TYPES,
  identifier,
  literal,
  PARQUET_TYPES,
  type RawSchema,
  rawTable,
  stageView,
} from "./names.ts";
export { createStage, describeParts, dropStages } from "./stage.ts";
