import { EtlError } from "@spacex-etl/contracts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadContext, StagedLoad } from "../loader/loader.ts";
import { assertRowsAfterLoad, type SchemaDialect } from "../planning/index.ts";
import { graceAfter } from "./api.ts";
import { work } from "./attempts.ts";
import { type LoadScript, textOfScript } from "./load-script.ts";
import { CHANGED } from "./meaning.ts";
import { applyJobId } from "./names.ts";
import { count, type Row } from "./queries.ts";
import { commitLost, reportLost, reportOf } from "./report.ts";
import { queryConfiguration, type Session } from "./session.ts";
import { countLoads, MARK, readLoad } from "./sql/index.ts";
import type { StageFate } from "./stage.ts";

/** Longest that a load goes on after it was stopped, to learn whether it was committed, in milliseconds. */
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
  const mine = async (signal: AbortSignal | undefined): Promise<Row | undefined> => {
    const [row] = await query("read the ledger", readLoad(raw, request.runId), { signal });
    if (row !== undefined) fate.committed = true;
    return row?.["manifest_sha256"] === request.manifestSha256 ? row : undefined;
  };
  await context.checkpoint?.("load.before-commit");
  throwIfAborted(context.signal);
  using grace = graceAfter(context.signal, RESOLVE_MS);
  const deadline = grace.signal;
  let adopted: boolean;
  try {
    adopted = await transact(session, plan, script, mine, context, deadline);
  } catch (error) {
    assertRows(error, plan, dialect);
    const changed = EtlError.isInstance(error) && error.code === CHANGED.code;
    if (changed) await mine(context.signal);
    throw error;
  }
  fate.committed = true;
  await context.checkpoint?.("load.after-commit");
  const row = await mine(deadline).catch((error: unknown) => {
    throw reportLost(place, request.runId, error);
  });
  if (row === undefined) throw commitLost(place, request.runId);
  if (adopted) throw changedBy(`Another process applied run ${request.runId} to ${place}.`);
  return reportOf(plan, row, staged.jobs);
}

/** @returns Whether another process's job did it. */
async function transact(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  mine: (signal: AbortSignal | undefined) => Promise<Row | undefined>,
  context: LoadContext,
  deadline: AbortSignal | undefined,
): Promise<boolean> {
  const { api, jobs, query, raw, location } = session;
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
        idOf: (attempt) => (id = applyJobId({ ...raw, location }, plan.request, sql, attempt)),
        holds: async () => (await mine(context.signal)) !== undefined,
        patienceMs: session.settings.jobTimeoutMs,
        // Of two transactions BigQuery aborts one, though the other may still fail: only the ledger says which plan holds.
        judge: async (failure) => {
          if (!/concurrent update/i.test(failure.message)) return undefined;
          const [ledger] = await query("read the ledger", countLoads(raw), context);
          if (count(ledger, "loads") === plan.ledgerLoads) return "wait";
          throw changedBy(
            `Another load was committed to ${raw.project}.${raw.dataset} since this one was planned.`,
          );
        },
      },
      context,
    );
    return adopted;
  } catch (error) {
    if (context.signal?.aborted !== true || deadline === undefined || id === "") throw error;
    return await resolve(session, id, what, context.signal, deadline);
  }
}

/** A signal came while the transaction ran or was on its way: it is cancelled, but may have been committed. */
async function resolve(
  session: Session,
  id: string,
  what: string,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<boolean> {
  const outcome = await session.jobs.resolve(id, what, deadline);
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
