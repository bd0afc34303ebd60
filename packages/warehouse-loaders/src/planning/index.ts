export { decideLoad, type Decision } from "./decide-load.ts";
export { assertDeletionsAllowed, MAX_DELETED_ROWS, MAX_DELETED_SHARE } from "./deletion-guard.ts";
export {
  type BookkeepingTable,
  DELETED_AT,
  LEDGER,
  LOADED_AT,
  type RawColumn,
  rawColumns,
  REGISTRY,
  RUN_ID,
  TRANSFORMS,
} from "./raw-tables.ts";
export { type ColumnChanges, compareColumns, type SchemaDialect, schemaError } from "./schema-changes.ts";
export { assertRowsAfterLoad, assertStage, assertStageCount, type StageFacts } from "./stage-checks.ts";
export {
  EMPTY_WAREHOUSE,
  type RegisteredTable,
  type WarehouseColumn,
  type WarehouseState,
  type WarehouseTable,
} from "./warehouse-state.ts";
export { knownTables, unusedOption } from "./unused-options.ts";
