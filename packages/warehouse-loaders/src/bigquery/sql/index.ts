export {
  createChanges,
  deleteChildren,
  deleteOldVersions,
  insertAll,
  insertChildren,
  mergeParents,
} from "./changes.ts";
export {
  type CheckedStage,
  checkStages,
  type ComparedCollection,
  duplicateExamples,
} from "./check-stages.ts";
export {
  assertLive,
  countChildChanges,
  countParentChanges,
  createCounts,
  createLive,
  insertKnownCounts,
} from "./counts.ts";
export {
  addColumns,
  createDataset,
  createLock,
  createTable,
  dropTable,
  LOCK,
  type NewTable,
  type TableOptions,
} from "./ddl.ts";
export {
  assertLedger,
  assertLock,
  assertStages,
  DECLARE_LOAD_TIME,
  insertLoad,
  insertTransform,
  probeLock,
  register,
  setLoadTime,
  takeLock,
  unregister,
} from "./ledger.ts";
export {
  BIGQUERY_TYPES,
  datasetName,
  identifier,
  literal,
  MARK,
  type RawDataset,
  tableName,
} from "./names.ts";
export { countLoads, readCatalog, readChangedAt, readLastTransform, readLoad, readState } from "./state.ts";
