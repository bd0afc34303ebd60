/** A column as the warehouse's catalog lists it. */
export interface WarehouseColumn {
  readonly name: string;
  /** The engine's own type name. */
  readonly type: string;
  readonly nullable: boolean;
}

/** A table as the warehouse's catalog lists it. */
export interface WarehouseTable {
  readonly name: string;
  /** False for a view and the like, which a load cannot write. */
  readonly writable: boolean;
  readonly columns: readonly WarehouseColumn[];
  /** All rows, soft-deleted ones included. */
  readonly rows: number;
  readonly liveRows: number;
}

/** A row of the registry `_tables`. */
export interface RegisteredTable {
  readonly table: string;
  readonly collection: string;
  readonly source: string;
  readonly schemaVersion: number;
  readonly schemaFingerprint: string;
  readonly contentSha256: string;
  readonly rows: number;
  /** ISO 8601 in UTC. */
  readonly extractedAt: string;
}

/** All that a decision needs to know of a warehouse. Reading it needs no write permission. */
export interface WarehouseState {
  /** Rows of the ledger; 0 where there is none yet. */
  readonly loads: number;
  /** The ledger's row for the requested run id. */
  readonly thisRun: { readonly manifestSha256: string; readonly loadedAt: string } | null;
  readonly registry: readonly RegisteredTable[];
  /** The tables of the raw schema that the request names, and the bookkeeping tables, where they exist. */
  readonly tables: readonly WarehouseTable[];
}

/** A warehouse that nothing was ever loaded into. */
export const EMPTY_WAREHOUSE: WarehouseState = { loads: 0, thisRun: null, registry: [], tables: [] };
