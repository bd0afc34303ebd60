import type { TableSpec } from "@spacex-etl/contracts";
import type { LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import type { BookkeepingTable, RawColumn } from "../planning/index.ts";

/** A stage and that of its collection's parent. */
export interface CheckedStage {
  readonly spec: TableSpec;
  readonly parent: TableSpec;
}

/** A table whose rows are counted; with soft deletes, the live ones apart. */
export interface CountedTable {
  readonly name: string;
  readonly softDeletes: boolean;
}

/**
 * How an engine says what a load does: functions that compile SQL and execute nothing. Each gives one statement without
 * a semicolon; those that may take several, or none, give statements of the plan.
 */
export interface MergeSql {
  /** Tables of the loader's own. */
  readonly bookkeeping: readonly BookkeepingTable[];

  // Reading
  /** One row per relation and column: table_name, table_type, column_name, data_type, nullable. */
  readCatalog(tables: readonly string[]): string;
  /** One row per table: table_name, rows (all), live_rows. */
  countRows(tables: readonly CountedTable[]): string;
  /** One row: loads, run_manifest and run_loaded_at of this run or null; where the engine asks, newest_load. */
  readLedger(runId: string): string;
  /** One row per table, with the columns of the registry. */
  readRegistry(): string;
  /** One row, `changed_at`: time of the newest load that changed something, or null. */
  readChangedAt(): string;
  /** At most one row: project_sha256, changed_at and finished_at of the last transform. */
  readLastTransform(): string;

  // Before the transaction
  /** What must be there before anything else, where it cannot be made inside the transaction. */
  prepare(): readonly LoadStatement[];
  stage(table: PlannedTable): readonly LoadStatement[];
  /** Their rows: table_name, rows, null_keys, duplicate_keys, orphans; where `recheckStage` may be needed, doubtful. */
  checkStages(collections: readonly PlannedCollection[]): readonly LoadStatement[];
  /** The same row for one stage whose quick check left a doubt. */
  recheckStage?(stage: CheckedStage): string;
  /** At most three keys that occur more than once, as text in a column `key`. */
  duplicateExamples(spec: TableSpec): string;

  // In the transaction
  open(): readonly LoadStatement[];
  /** One row, `holds`: no other load was committed since the plan was made, and this run was not. */
  assertLedger(runId: string, loads: number): string;
  /** One row per stage: table_name, rows. */
  countStages(tables: readonly string[]): string;
  /** Where the load's time is found in the transaction; absent where it stands in the statements. */
  setLoadTime?(clock: string): string;
  createTable(spec: TableSpec, columns: readonly RawColumn[]): string;
  addColumn(spec: TableSpec, column: RawColumn): string;
  /** Whether statements that fill tables from nothing are better sent as one text. */
  joins(tables: readonly PlannedTable[]): boolean;
  insertAll(table: PlannedTable, runId: string): string;
  /** A table of the parents that differ: a key and its action, which is insert, update, undelete, delete or kept. */
  createChanges(collection: PlannedCollection): string;
  /** One row per action: action, keys. */
  countChanges(collection: PlannedCollection): string;
  deleteOldVersions(collection: PlannedCollection): string;
  insertNewVersions(collection: PlannedCollection, runId: string): string;
  softDelete(collection: PlannedCollection, runId: string): string;
  /** One row, `rows`: children of parents that are kept though the run does not bring them. */
  countKeptChildren(collection: PlannedCollection, child: PlannedTable): string;
  /** One row, `rows`: children that are written again under their key. */
  countRewrittenChildren(collection: PlannedCollection, child: PlannedTable): string;
  deleteChildren(collection: PlannedCollection, child: PlannedTable): string;
  insertChildren(collection: PlannedCollection, child: PlannedTable, runId: string): string;
  dropChanges(collection: PlannedCollection): string;
  unregister(tables: readonly string[]): string;
  register(request: LoadRequest, collections: readonly PlannedCollection[]): string;
  insertLoad(request: LoadRequest): string;

  // After the transaction
  /** Removes the stages, where the plan shows it. */
  dropStages(tables: readonly PlannedTable[]): readonly LoadStatement[];
}
