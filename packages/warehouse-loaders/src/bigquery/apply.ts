import { EtlError } from "@spacex-etl/contracts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadContext, StagedLoad } from "../loader/loader.ts";
import { assertRowsAfterLoad, type SchemaDialect } from "../planning/index.ts";
import { work } from "./attempts.ts";
import { type LoadScript, textOfScript } from "./load-script.ts";
import { CHANGED } from "./meaning.ts";
import { applyJobId } from "./names.ts";
import { count, type Row } from "./queries.ts";
import { commitLost, reportOf } from "./report.ts";
import { queryConfiguration, type Session } from "./session.ts";
import { countLoads, MARK, readLoad } from "./sql/index.ts";
import type { StageFate } from "./stage.ts";

/** Longest that a stopped load waits to learn whether it was committed, in milliseconds. */
const RESOLVE_MS = 5_000;

/** The transaction: all of it or nothing. What became of it is read from the ledger. */
export async function applyLoad(
  session: Session,
  plan: LoadPlan,
  staged: StagedLoad,
  script: LoadScript,
  dialect: SchemaDialect,
  context: LoadContext,
  fate: StageFate,
): Promise<LoadReport> {
  const { settings, query, raw } = session;
  const { request } = plan;
  const place = `${settings.project}.${settings.dataset}`;
  const mine = async (): Promise<Row | undefined> => {
    const [row] = await query("read the ledger", readLoad(raw, request.runId));
    if (row !== undefined) fate.committed = true;
    return row?.["manifest_sha256"] === request.manifestSha256 ? row : undefined;
  };
  await context.checkpoint?.("load.before-commit");
  throwIfAborted(context.signal);
  let adopted: boolean;
  try {
    adopted = await transact(session, plan, script, mine, context);
  } catch (error) {
    assertRows(error, plan, dialect);
    const changed = EtlError.isInstance(error) && error.code === CHANGED.code;
    if (changed) await mine();
    throw error;
  }
  await context.checkpoint?.("load.after-commit");
  const row = await mine();
  if (row === undefined) throw commitLost(place, request.runId);
  if (adopted) throw changedBy(`Another process applied run ${request.runId} to ${place}.`);
  return reportOf(plan, row, staged.jobs);
}

/** @returns Whether another process's job did it. */
async function transact(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  mine: () => Promise<Row | undefined>,
  context: LoadContext,
): Promise<boolean> {
  const { api, jobs, query, raw } = session;
  const sql = textOfScript(script.transaction);
  const what = `load run ${plan.request.runId}`;
  let id = "";
  try {
    const { adopted } = await work(
      api,
      jobs,
      {
        what,
        configuration: queryConfiguration(session, sql, plan.plannedAt),
        idOf: (attempt) => (id = applyJobId(plan.request, sql, attempt)),
        holds: async () => (await mine()) !== undefined,
        // Of two transactions BigQuery aborts one, though the other may still fail: only the ledger says which plan holds.
        judge: async (failure) => {
          if (!/concurrent update/i.test(failure.message)) return undefined;
          const [ledger] = await query("read the ledger", countLoads(raw), context);
          if (count(ledger, "loads") === plan.ledgerLoads) return "again";
          throw changedBy(
            `Another load was committed to ${raw.project}.${raw.dataset} since this one was planned.`,
          );
        },
      },
      context,
    );
    return adopted;
  } catch (error) {
    if (context.signal?.aborted !== true || id === "") throw error;
    return await resolve(session, id, what, context.signal);
  }
}

/** A signal came while the transaction ran or was on its way: it is cancelled, but may have been committed. */
async function resolve(session: Session, id: string, what: string, signal: AbortSignal): Promise<boolean> {
  const outcome = await session.jobs.resolve(id, what, RESOLVE_MS);
  if (outcome === "succeeded") return false;
  if (outcome === "failed") throw abortError(signal);
  throw new EtlError({
    kind: abortError(signal).kind,
    code: "COMMIT_UNKNOWN",
    message: `The load was stopped while the job ${id} was committing it.`,
    hint: "Run it again with the same run id: it finds out whether the load was committed.",
    cause: signal.reason,
    details: { jobId: id },
  });
}

function changedBy(message: string): EtlError {
  return new EtlError({ ...CHANGED, message });
}

/** The script's own words for it: table, rows, expected rows. */
function assertRows(error: unknown, plan: LoadPlan, dialect: SchemaDialect): void {
  if (!EtlError.isInstance(error)) return;
  const found = new RegExp(`${MARK}ROWS_AFTER_LOAD (\\S+) (\\d+) (\\d+);`).exec(error.message);
  if (found === null) return;
  const [, table = "", rows, expected] = found;
  const tables = plan.collections.find((collection) =>
    collection.tables.some((each) => each.table === table),
  );
  const startOver = dialect.startOverSql(tables?.tables.map((each) => each.table) ?? [table]);
  assertRowsAfterLoad(table, Number(expected), Number(rows), startOver);
}
