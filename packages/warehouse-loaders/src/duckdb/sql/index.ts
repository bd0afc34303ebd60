export { countRows, readCatalog } from "./catalog.ts";
export {
  countChanges,
  countKeptChildren,
  countRewrittenChildren,
  createChanges,
  deleteChildren,
  deleteOldVersions,
  dropChanges,
  insertAll,
  insertChildren,
  insertNewVersions,
  softDelete,
} from "./changes.ts";
export { addColumn, attach, attachNew, createSchema, createTable, detach } from "./ddl.ts";
export {
  assertLedger,
  insertLoad,
  insertTransform,
  readChangedAt,
  readLastTransform,
  readLedger,
  readRegistry,
  register,
  RESET_VARIABLES,
  setLoadResult,
  setLoadTime,
  unregister,
} from "./ledger.ts";
export {
  DUCKDB_TYPES,
  identifier,
  literal,
  PARQUET_TYPES,
  type RawSchema,
  rawTable,
  stageView,
  timestampLiteral,
} from "./names.ts";
export { checkOrdinals, checkSmallStages, checkStage, hasOneOrdinal } from "./check-stages.ts";
export { countStages, createStage, describeParts, dropStages, duplicateExamples, isSmall } from "./stage.ts";
