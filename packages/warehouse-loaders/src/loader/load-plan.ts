import type { RawColumn } from "../planning/raw-tables.ts";
import type { LoadRequest, LoadTable } from "./load-request.ts";

/** What happens to the run as a whole. Only `load` writes anything. */
export type LoadDecision = "load" | "already-loaded" | "superseded";

/** What a load does with one table. `superseded`: the warehouse holds a newer extraction of its collection. */
export type TableAction = "create" | "add columns" | "merge" | "unchanged" | "superseded";

/** What a load would do with one table. */
export interface PlannedTable {
  /** Name in the raw schema. */
  readonly table: string;
  readonly collection: string;
  readonly child: boolean;
  readonly action: TableAction;
  /** Rows in the manifest. */
  readonly rows: number;
  /** Rows in the warehouse before the load that are not deleted; 0 where there is no table yet. */
  readonly liveRows: number;
  /** What the run brings for this table. */
  readonly source: LoadTable;
  /** Columns that the load adds. */
  readonly addedColumns: readonly RawColumn[];
  /** Columns of the warehouse that the schema no longer has; they stay and get null on insert and update. */
  readonly goneColumns: readonly string[];
}

/** What a load would do with the tables of one collection. */
export interface PlannedCollection {
  readonly name: string;
  /** A parent and its children always move together. */
  readonly outcome: "load" | "unchanged" | "superseded";
  /** All its tables are absent or without any row: rows are inserted without comparing. */
  readonly fresh: boolean;
  /** The warehouse does not hold what the last load left there: every row is written again. */
  readonly rebuild: boolean;
  readonly extractedAt: string;
  readonly schemaFingerprint: string;
  readonly quarantinedKeys: readonly string[] | null;
  /** The parent first. */
  readonly tables: readonly PlannedTable[];
}

/** One statement of a load, as it is executed. */
export interface LoadStatement {
  /** Stable and unique in a plan, for people and tests: `insert into orders`. */
  readonly name: string;
  /** `schema` is outside of the transaction on engines whose DDL is not transactional; `cleanup` comes after the commit. */
  readonly phase: "schema" | "stage" | "reconcile" | "transaction" | "cleanup";
  /** `stage` copies a table's rows to where the engine reads them. `assert` and `count` only read. */
  readonly purpose: "ddl" | "stage" | "assert" | "count" | "data" | "ledger";
  readonly table: string | null;
  /** For a load job of BigQuery, which is no SQL, its configuration as JSON. */
  readonly sql: string;
}

/** Something that a person should know of and that stops nothing. */
export interface LoadWarning {
  /** COLLECTION_SUPERSEDED, DELETES_UNKNOWN, COLUMN_GONE, TABLE_GONE, TABLE_REBUILT, SOURCE_CHANGED, OPTION_UNUSED. */
  readonly code: string;
  readonly message: string;
}

/** What a load would do, found by reading only. */
export interface LoadPlan {
  readonly request: LoadRequest;
  readonly decision: LoadDecision;
  /** When the run was loaded, if it already is: ISO 8601 in UTC to the microsecond. */
  readonly loadedAt: string | null;
  /** Loads in the ledger when the plan was made; the transaction asserts that there are still as many. */
  readonly ledgerLoads: number;
  /** The clock when the plan was made, ISO 8601 in UTC: the load's time, unless the ledger is ahead of it. */
  readonly plannedAt: string;
  readonly collections: readonly PlannedCollection[];
  /** Exactly what is executed, in order; empty unless the decision is `load`. A statement without rows to touch is skipped. */
  readonly statements: readonly LoadStatement[];
  readonly warnings: readonly LoadWarning[];
}

/** All tables of a plan, parents before their children. */
export function plannedTables(plan: LoadPlan): PlannedTable[] {
  return plan.collections.flatMap((collection) => collection.tables);
}
