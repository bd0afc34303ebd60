/** Rows of one table after a load. Children are counted in their own entries. */
export interface TableCounts {
  /** Rows that are not deleted, after the load. */
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  /** Rows that came back after they had been deleted; also counted in `inserted`. */
  readonly undeleted: number;
  readonly deleted: number;
  readonly unchanged: number;
}

/** The counts of a load that left a table as it was. */
export const NO_CHANGES: Omit<TableCounts, "rows" | "unchanged"> = {
  inserted: 0,
  updated: 0,
  undeleted: 0,
  deleted: 0,
};

/** Whether the load inserted, updated or deleted any row. */
export function hasChanges(counts: TableCounts): boolean {
  return counts.inserted + counts.updated + counts.deleted > 0;
}
