import { expect } from "vitest";
import { startFakeGcs, type TestServer } from "../../servers/index.ts";
import type { BigQueryServer, HookedRequest, JobEntry } from "../bigquery/index.ts";
import { type BigQueryTarget, makeBucket, openBigQueryTarget } from "../loaders/bigquery-target.ts";
import type { CalledServer } from "./kill-at-calls.ts";

/** A GCS server whose bucket all targets read; each target is a double of its own. */
export interface BigQueryWorld extends AsyncDisposable {
  readonly gcs: TestServer;
  open(): Promise<BigQueryTarget>;
  /** `LAKE_URL` of a lake that the loads can read. */
  lakeUrl(prefix: string): string;
}

export async function openBigQueryWorld(): Promise<BigQueryWorld> {
  const gcs = await startFakeGcs();
  await makeBucket(gcs);
  return {
    gcs,
    open: () => openBigQueryTarget(gcs),
    lakeUrl: (prefix) => gcs.lakeUrl("lake", prefix),
    [Symbol.asyncDispose]: () => gcs.close(),
  };
}

/** Requests by method, address without ids, and what a new job is for. */
export function requestsOf(server: BigQueryServer): CalledServer {
  return {
    listen(listener) {
      server.hooks.beforeRequest =
        listener === null ? null : (request) => listener(nameOf(request), "before");
      server.hooks.afterRequest =
        listener === null ? null : async (request) => void (await listener(nameOf(request), "after"));
    },
  };
}

function nameOf({ method, path, text }: HookedRequest): string {
  const address = path.replace(/(jobs|queries)\/[^/]+/, "$1/ID").replaceAll(/_[0-9a-f]{12}\b/g, "");
  if (method !== "POST" || !path.endsWith("/jobs")) return `${method} ${address}`;
  const { configuration } = JSON.parse(text) as {
    readonly configuration: {
      readonly load?: { readonly destinationTable: { readonly tableId: string } };
      readonly query?: { readonly query: string };
    };
  };
  const { load, query } = configuration;
  if (load !== undefined) return `load ${load.destinationTable.tableId.replace(/_[0-9a-f]{12}$/, "")}`;
  return isApply(query?.query)
    ? "apply"
    : `query ${(query?.query ?? "").replaceAll(/\s+/g, " ").slice(0, 60)}`;
}

const isApply = (sql = ""): boolean => /\bBEGIN TRANSACTION\b/.test(sql) && /\bINSERT\b[^;]*_loads/.test(sql);

const sqlOf = ({ configuration }: JobEntry): string =>
  (configuration["query"] as { readonly query: string } | undefined)?.query ?? "";

/** What was sent to be executed: the SQL of queries, and the configuration of load jobs as JSON. */
export function sentTo(server: BigQueryServer): string[] {
  return server
    .jobs()
    .filter(({ parentJobId }) => parentJobId === null)
    .map((job) => (job.kind === "load" ? JSON.stringify(job.configuration) : sqlOf(job)));
}

/** Of all loads of a warehouse: each stage was filled once, and each run was applied once. */
export function expectJobsOnce(server: BigQueryServer, runs: number, where: string): void {
  const jobs = server.jobs().filter(({ state, reason }) => state === "DONE" && reason === null);
  const stages = jobs
    .filter(({ kind }) => kind === "load")
    .map(({ configuration }) =>
      JSON.stringify((configuration["load"] as { destinationTable: unknown }).destinationTable),
    );
  expect(new Set(stages).size, `${where}: ${stages.join(", ")}`).toBe(stages.length);
  const effective = jobs.filter((job) => job.parentJobId === null && isApply(sqlOf(job)));
  expect(
    effective.map(({ jobId }) => jobId),
    where,
  ).toHaveLength(runs);
}
