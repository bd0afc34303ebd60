import { EtlError, hasChanges, type TableCounts } from "@spacex-etl/contracts";
import { throwIfAborted } from "../loader/load-run.ts";
import type { LoadPlan } from "../loader/load-plan.ts";
import { type LoadedTable, type LoadReport, untouched } from "../loader/load-report.ts";
import type { LoadContext, StagedLoad } from "../loader/loader.ts";
import { assertRowsAfterLoad, assertStageCount, type SchemaDialect } from "../planning/index.ts";
import { mergeCollection, type MergedTable } from "./merge-collection.ts";
import type { LoadScript } from "./load-script.ts";
import type { MergeSql } from "./merge-sql.ts";
import { count, type Row, type Session, text } from "./session.ts";

/** What is only known at the end of the transaction. */
export interface LoadResult {
  /** Whether any row or column changed. */
  readonly changed: boolean;
  /** JSON: table → counts. */
  readonly counts: string;
}

/** What an engine does its own way. */
export interface ApplySettings {
  readonly sql: Pick<MergeSql, "readLedger">;
  readonly location: string;
  readonly dialect: SchemaDialect;
  /** Executes the statement that writes the ledger row. */
  writeLedger(statement: LoadScript["ledger"], result: LoadResult): Promise<void>;
  /** Undoes what outlives the transaction in the session. */
  readonly reset: readonly string[];
  /**
   * A session that sees what became of a COMMIT that failed, or after which nothing more was heard. Absent where a failed COMMIT has committed nothing.
   *
   * @throws what is to be thrown where nothing was committed
   */
  afterFailedCommit?(error: unknown): Promise<Session>;
  /** Ends the connection of a session that could not roll back, so that its transaction ends with it. */
  letGo?(): Promise<void>;
}

/** Longest wait for what undoes a load, in milliseconds: who stops one is not kept waiting. */
const UNDO_MS = 5000;

/** The transaction: all of it or nothing, whatever happens. */
export async function applyLoad(
  session: Session,
  plan: LoadPlan,
  staged: StagedLoad,
  script: LoadScript,
  settings: ApplySettings,
  context: LoadContext,
): Promise<LoadReport> {
  await session.rows("BEGIN TRANSACTION");
  let tables: LoadedTable[];
  try {
    tables = await fillTransaction(session, plan, script, settings);
    await context.checkpoint?.("load.before-commit");
    throwIfAborted(context.signal);
  } catch (error) {
    if (!(await quietly(session, ["ROLLBACK", ...settings.reset]))) await settings.letGo?.();
    throw error;
  }
  const committed = await commit(session, plan, settings, context);
  await quietly(session, settings.reset);
  return { ...committed, tables, jobs: staged.jobs };
}

async function fillTransaction(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  { location, dialect, writeLedger }: ApplySettings,
): Promise<LoadedTable[]> {
  await session.executeAll(script.opening);
  const [ledger] = await session.execute(script.assertLedger);
  if (ledger?.["holds"] !== true) throw changed(location);
  if (script.countStages !== undefined) {
    const expected = new Map(
      plan.collections.flatMap(({ tables }) => tables.map(({ table, rows }) => [table, rows])),
    );
    for (const row of await session.execute(script.countStages)) {
      const table = text(row, "table_name") ?? "";
      assertStageCount(table, expected.get(table) ?? 0, count(row, "rows"));
    }
  }
  if (script.setLoadTime !== undefined) await session.execute(script.setLoadTime);

  const merged = new Map<string, MergedTable>();
  for (const collection of script.collections) {
    for (const table of await mergeCollection(session, collection, plan.request.allowDeletes)) {
      merged.set(table.table, table);
    }
  }
  const live = new Map<string, number>();
  if (script.countRows !== undefined) {
    for (const row of await session.execute(script.countRows)) {
      live.set(text(row, "table_name") ?? "", count(row, "live_rows"));
    }
  }
  const report = plan.collections.flatMap((collection) =>
    collection.tables.map((planned): LoadedTable => {
      const { table, child } = planned;
      const result = merged.get(table);
      const head = { table, collection: collection.name, child };
      if (result === undefined) {
        const outcome = collection.outcome === "superseded" ? "superseded" : "unchanged";
        return { ...head, outcome, counts: untouched(planned.liveRows) };
      }
      const rows = live.get(table) ?? 0;
      assertRowsAfterLoad(
        table,
        planned.rows + result.kept,
        rows,
        dialect.startOverSql(collection.tables.map((each) => each.table)),
      );
      return { ...head, outcome: "loaded", counts: countsOf(result, rows) };
    }),
  );
  await session.executeAll(script.registry);
  const altered = plan.collections.some(({ tables }) =>
    tables.some(({ action }) => action === "create" || action === "add columns"),
  );
  const anyChange = altered || report.some(({ counts }) => hasChanges(counts));
  const counts = JSON.stringify(Object.fromEntries(report.map(({ table, counts }) => [table, counts])));
  await writeLedger(script.ledger, { changed: anyChange, counts });
  return report;
}

function countsOf(result: MergedTable, rows: number): TableCounts {
  const { inserted, updated, undeleted, deleted } = result;
  return { rows, inserted, updated, undeleted, deleted, unchanged: rows - inserted - updated };
}

async function commit(
  session: Session,
  plan: LoadPlan,
  { sql, location, afterFailedCommit }: ApplySettings,
  context: LoadContext,
): Promise<Pick<LoadReport, "runId" | "outcome" | "loadedAt">> {
  const { runId, manifestSha256 } = plan.request;
  const ledgerOf = async (witness: Session) => (await witness.finish(sql.readLedger(runId)))[0];
  // A signal from here on must not leave the caller in doubt about a commit that has begun.
  let ledger: Row | undefined;
  try {
    await session.finish("COMMIT");
    // An engine may answer COMMIT of an aborted transaction without an error, so the ledger is asked.
    ledger = await ledgerOf(session);
  } catch (error) {
    if (afterFailedCommit === undefined) throw error;
    ledger = await ledgerOf(await afterFailedCommit(error));
  }
  if (text(ledger, "run_manifest") !== manifestSha256) {
    throw new EtlError({
      kind: "destination",
      code: "COMMIT_LOST",
      message: `${location} did not keep the load of run ${runId}.`,
      hint: "Nothing else may use the connection during a load. Run again with the same run id.",
    });
  }
  await context.checkpoint?.("load.after-commit");
  return { runId, outcome: "loaded", loadedAt: text(ledger, "run_loaded_at") };
}

/** @returns whether all of them were executed */
async function quietly(session: Session, statements: readonly string[]): Promise<boolean> {
  let done = true;
  for (const sql of statements) {
    try {
      await session.finish(sql, UNDO_MS);
    } catch {
      // Engines have already rolled back after some errors; what failed first is what the caller needs.
      done = false;
    }
  }
  return done;
}

function changed(location: string): EtlError {
  return new EtlError({
    kind: "busy",
    code: "WAREHOUSE_CHANGED",
    message: `Another load was committed to ${location} since this one was planned.`,
    hint: "Run again with the same run id.",
  });
}
