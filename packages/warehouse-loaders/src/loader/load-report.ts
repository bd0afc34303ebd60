import { NO_CHANGES, type TableCounts } from "@spacex-etl/contracts";
import { type LoadPlan, plannedTables } from "./load-plan.ts";

/** What a load did with one table. */
export interface LoadedTable {
  readonly table: string;
  readonly collection: string;
  readonly child: boolean;
  readonly outcome: "loaded" | "unchanged" | "superseded" | "already-loaded";
  /**
   * In a child table a row that was written again under its key (`_parent_id` and ordinals) counts as updated, so that
   * `inserted + updated` is the number of rows that carry this run's id.
   */
  readonly counts: TableCounts;
}

/** What a load did. */
export interface LoadReport {
  readonly runId: string;
  readonly outcome: "loaded" | "already-loaded" | "superseded";
  /** `_loaded_at` of the load, ISO 8601 in UTC to the microsecond; for `already-loaded` that of the earlier one. */
  readonly loadedAt: string | null;
  /** Parents and children, in the order of the request. */
  readonly tables: readonly LoadedTable[];
  /** Load jobs or COPY statements that ran: at most one per table; 0 on DuckDB, which reads the files in place. */
  readonly jobs: number;
}

/** The report of a plan that writes nothing. */
export function reportWithoutLoad(plan: LoadPlan): LoadReport {
  const outcome = plan.decision === "already-loaded" ? "already-loaded" : "superseded";
  return {
    runId: plan.request.runId,
    outcome,
    loadedAt: plan.loadedAt,
    tables: plannedTables(plan).map((table) => ({
      table: table.table,
      collection: table.collection,
      child: table.child,
      outcome,
      counts: untouched(table.liveRows),
    })),
    jobs: 0,
  };
}

export function untouched(rows: number): TableCounts {
  return { ...NO_CHANGES, rows, unchanged: rows };
}
