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

export const NO_CHANGES: Omit<TableCounts, "rows" | "unchanged"> = {
  inserted: 0,
  updated: 0,
  undeleted: 0,
  deleted: 0,
};

export function hasChanges(counts: TableCounts): boolean {
  return counts.inserted + counts.updated + counts.deleted > 0;
}
