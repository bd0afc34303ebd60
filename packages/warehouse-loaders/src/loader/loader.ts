import type { Checkpoint, OnEvent } from "@spacex-etl/contracts";
import type { LoadPlan } from "./load-plan.ts";
import type { LoadReport } from "./load-report.ts";
import type { LoadRequest } from "./load-request.ts";

/** What the caller of a load may hear and stop. */
export interface LoadContext {
  readonly onEvent?: OnEvent | undefined;
  /** Stops at the next statement, or inside one; a commit that has begun is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each phase, after each statement of the transaction, and before and after the commit. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** What `stage` made: dispose removes it where the engine keeps it beyond the session. */
export interface StagedLoad extends AsyncDisposable {
  /** Load jobs or COPY statements that ran. */
  readonly jobs: number;
  /** One entry per table of a collection that is loaded; empty tables have no job but an empty stage. */
  readonly tables: readonly {
    readonly table: string;
    /** How SQL names the stage. */
    readonly relation: string;
    /** Rows that the manifest promises. */
    readonly rows: number;
  }[];
}

/** A finished transform, as the ledger keeps it. */
export interface TransformEntry {
  /** Hash of the project that was run, as the caller computes it. */
  readonly projectSha256: string;
  readonly runId: string;
  /** `changedAt` of the state that was transformed. */
  readonly changedAt: string | null;
  /** ISO 8601 in UTC. */
  readonly finishedAt: string;
}

/** Whether the tables changed since they were last transformed: compare `changedAt` with that of `last`. */
export interface TransformState {
  /** `loaded_at` of the newest load that changed a row or a column, ISO 8601 in UTC to the microsecond. */
  readonly changedAt: string | null;
  /** The last transform that was recorded, of whatever project. */
  readonly last: Omit<TransformEntry, "runId"> | null;
}

/**
 * A warehouse, as a load sees it. `loadRun` calls the phases in order; a driver is correct when it passes `testLoader`
 * of `./testing`. All methods throw `EtlError`. A loader is used by one caller at a time.
 */
export interface Loader extends AsyncDisposable {
  /** `duckdb`, `bigquery`, `redshift`. */
  readonly engine: string;
  /** For people: a path or an address without secrets. */
  readonly location: string;
  /**
   * Reads the warehouse and decides; writes nothing and creates nothing. May keep a lock until the loader is disposed.
   *
   * @throws EtlError WAREHOUSE_LOCKED (exit 5), LEDGER_MISMATCH (10), SOURCE_MISMATCH (2), schema errors (6), DELETES_REFUSED (7).
   */
  preflight(request: LoadRequest, context?: LoadContext): Promise<LoadPlan>;
  /** Makes the run's rows readable for the engine: at most one load job or COPY per table, none for an empty or unchanged one. */
  stage(plan: LoadPlan, context?: LoadContext): Promise<StagedLoad>;
  /** Proves that each stage holds the manifest's rows, unique keys and no orphans. @throws EtlError of kind `integrity`. */
  reconcile(plan: LoadPlan, staged: StagedLoad, context?: LoadContext): Promise<void>;
  /**
   * One transaction over all tables and the ledger row.
   *
   * @throws EtlError WAREHOUSE_CHANGED (exit 5) if another load was committed since the plan was made: plan again.
   */
  apply(plan: LoadPlan, staged: StagedLoad, context?: LoadContext): Promise<LoadReport>;
  /** Reachable, not locked, of the right kind, writable: for `doctor` and before the first request. Writes nothing, keeps no lock. */
  check(context?: Pick<LoadContext, "signal">): Promise<void>;
  transformState(context?: Pick<LoadContext, "signal">): Promise<TransformState>;
  recordTransform(entry: TransformEntry): Promise<void>;
  /**
   * Removes stages older than the date that loads left behind when they were killed, and returns their names; with
   * `dryRun` it only lists them. Absent where no stage outlives its session.
   */
  sweep?(
    olderThan: Date,
    options?: Pick<LoadContext, "signal"> & { readonly dryRun?: boolean | undefined },
  ): Promise<readonly string[]>;
  /** Lets go of the warehouse, as `await using` does at the end of a block. Again is fine; the next call opens it anew. */
  close(): Promise<void>;
}
