import { throwIfAborted } from "../loader/load-run.ts";
import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadContext, StagedLoad } from "../loader/loader.ts";
import { work } from "./attempts.ts";
import { assertLoaded } from "./load-outcome.ts";
import { field } from "./failure.ts";
import type { LoadScript, StagedTable } from "./load-script.ts";
import { localBytes } from "./local-part.ts";
import { loadJobId } from "./names.ts";
import { runScript, type Session, tryScript } from "./session.ts";
import { tableName } from "./sql/index.ts";
import { inLanes } from "../loader/lanes.ts";

/** What of a staged load is only known later. */
export interface StageFate {
  /** The run is in the ledger: nobody needs the stages any more. Until then a later attempt finds and uses them. */
  committed: boolean;
}

/** Longest that a load waits for its stages to be dropped, in milliseconds; they are dropped all the same. */
const CLEANUP_MS = 10_000;
const DAY_MS = 86_400_000;

/** Makes and alters tables, then fills a stage per table: a few load jobs at once. */
export async function stageTables(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  context: LoadContext,
  fate: StageFate,
): Promise<StagedLoad> {
  if (script.schema.length > 0) {
    await runScript(session, "make the tables", "schema", script.schema, context);
    await context.checkpoint?.("load.schema");
  }
  const filled = await inLanes(script.stages, context.signal, (staged) =>
    fillStage(session, plan, staged, context),
  );
  return {
    jobs: filled.filter(Boolean).length,
    tables: script.stages.map(({ table, stage }) => ({
      table: table.table,
      relation: tableName(session.raw, stage),
      rows: table.rows,
    })),
    [Symbol.asyncDispose]: async () => {
      // A load that is stopped does not wait for it: they expire.
      if (!fate.committed || script.cleanup.length === 0 || context.signal?.aborted === true) return;
      await tryScript(session, "cleanup", script.cleanup, CLEANUP_MS);
    },
  };
}

/** @returns Whether there was a load job. */
async function fillStage(
  session: Session,
  plan: LoadPlan,
  staged: StagedTable,
  context: LoadContext,
): Promise<boolean> {
  const { api, jobs, raw, location } = session;
  const { table, load } = staged;
  // A caller's clock may be behind; the service knows only its own.
  const now = Math.max(Date.now(), Date.parse(plan.plannedAt));
  const expirationTime = String(now + session.settings.stageDays * DAY_MS);
  const create = () =>
    api.find(
      `make the stage of ${table.table}`,
      {
        method: "POST",
        path: `${raw.project}/datasets/${raw.dataset}/tables`,
        body: { ...staged.resource, expirationTime },
      },
      context,
      409,
    );
  if (load === undefined) {
    await create();
    return false;
  }
  const upload = await localBytes(table.source, context.signal);
  const what = `load ${table.table}`;
  const { state } = await work(
    api,
    jobs,
    {
      what,
      upload,
      configuration: { ...(JSON.parse(load.sql) as object), labels: session.labels },
      idOf: (attempt) => loadJobId({ ...raw, location }, plan.request, table.table, attempt),
      prepare: async () => void (await create()),
      holds: async () => (await rowsOf(session, staged, context)) === table.rows,
      // The stage was dropped by another loader of the run, or expired just now: made again.
      judge: async ({ facts, message }, failures) =>
        failures === 1 && facts.reason === "notFound" && message.includes(staged.stage) ? "again" : undefined,
    },
    context,
  );
  throwIfAborted(context.signal);
  assertLoaded(table, state.load);
  await context.checkpoint?.(`load.${load.name}`);
  return true;
}

async function rowsOf({ api, raw }: Session, { stage }: StagedTable, context: LoadContext): Promise<number> {
  const path = `${raw.project}/datasets/${raw.dataset}/tables/${encodeURIComponent(stage)}`;
  const found = await api.find("look for a stage", { method: "GET", path }, context, 404);
  return found === null ? -1 : Number(field(found, "numRows") ?? -1);
}
