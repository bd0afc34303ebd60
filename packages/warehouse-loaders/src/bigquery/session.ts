import type { LoadPlan, LoadStatement } from "../loader/load-plan.ts";
import type { Api, CallContext } from "./api.ts";
import { openJobs, type Jobs } from "./jobs.ts";
import { textOfScript } from "./load-script.ts";
import { onceJobId } from "./names.ts";
import type { BigQuerySettings } from "./options.ts";
import { openQueries, type Query } from "./queries.ts";
import { work } from "./attempts.ts";
import type { RawDataset, TableOptions } from "./sql/index.ts";

/** What the phases of one load work with. */
export interface Session {
  readonly api: Api;
  readonly jobs: Jobs;
  readonly query: Query;
  readonly raw: RawDataset;
  readonly settings: BigQuerySettings;
  /** Of the dataset, so of its jobs. */
  readonly location: string;
  readonly runId: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function openSession(api: Api, settings: BigQuerySettings, location: string, runId: string): Session {
  const labels = { ...settings.labels, spacex_etl_run: runId };
  return {
    api,
    jobs: openJobs(api, settings, location),
    query: openQueries(api, settings, location, labels),
    raw: { project: settings.project, dataset: settings.dataset },
    settings,
    location,
    runId,
    labels,
  };
}

export function tableOptions({ labels, kmsKey }: BigQuerySettings): TableOptions {
  return { labels, kmsKey };
}

/** The configuration of a query job; `clock` is the parameter `@clock`. */
export function queryConfiguration(
  { settings, labels }: Session,
  query: string,
  clock?: LoadPlan["plannedAt"],
): object {
  const { maximumBytesBilled } = settings;
  return {
    query: {
      query,
      useLegacySql: false,
      ...(clock === undefined
        ? {}
        : {
            parameterMode: "NAMED",
            queryParameters: [
              { name: "clock", parameterType: { type: "TIMESTAMP" }, parameterValue: { value: clock } },
            ],
          }),
      ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled: String(maximumBytesBilled) }),
    },
    labels,
  };
}

/** Runs statements that may run twice, as one job. @throws EtlError. */
export async function runScript(
  session: Session,
  what: string,
  purpose: string,
  statements: readonly LoadStatement[],
  context: CallContext,
): Promise<void> {
  const { api, jobs, runId } = session;
  const configuration = queryConfiguration(session, textOfScript(statements));
  await work(
    api,
    jobs,
    {
      what,
      configuration,
      idOf: () => onceJobId(runId, purpose),
      holds: () => Promise.resolve(true),
      // Two first loads at once make the same tables.
      judge: async ({ facts }) => (facts.reason === "duplicate" ? "again" : undefined),
    },
    context,
  );
}

/** Runs them without an error, and without waiting longer than told: the service goes on with what it has. */
export async function tryScript(
  session: Session,
  purpose: string,
  statements: readonly LoadStatement[],
  waitMs: number,
): Promise<void> {
  const { jobs, runId } = session;
  const configuration = queryConfiguration(session, textOfScript(statements));
  const what = `run the ${purpose}`;
  try {
    const deadline = AbortSignal.timeout(waitMs);
    const job = { id: onceJobId(runId, purpose), what, configuration };
    const { state } = await jobs.start(job, { signal: deadline });
    if (!state.done) await jobs.glance(state.id, what, deadline);
  } catch {
    // Whatever it was: what is left expires by itself.
  }
}
