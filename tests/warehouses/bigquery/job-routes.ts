import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { jobAnswer, resultsAnswer } from "./answers.ts";
import { ApiError } from "./api-error.ts";
import type { Job } from "./jobs.ts";
import { parse } from "./resources.ts";
import { pagingOf, type Route, type RouteContext } from "./route.ts";

/** Longest that a request waits for a job when it names no time, in ms. */
const WAIT_MS = 10_000;

const queryRequest = z.looseObject({
  location: z.string().optional(),
  maxResults: z.number().optional(),
  timeoutMs: z.number().optional(),
  requestId: z.string().optional(),
  labels: z.unknown().optional(),
  dryRun: z.boolean().optional(),
  formatOptions: z.looseObject({ useInt64Timestamp: z.boolean().optional() }).optional(),
});

export function jobRoutes(): readonly Route[] {
  /** A query that is sent again under its request id is not run again. */
  const requests = new Map<string, Job>();

  async function query({ jobs, request, fault }: RouteContext): Promise<object> {
    const { location, maxResults, timeoutMs, requestId, labels, dryRun, formatOptions, ...rest } = parse(
      queryRequest,
      request.body,
    );
    if (dryRun === true) {
      await jobs.dryRun(request.projectId, location, rest);
      return { kind: "bigquery#queryResponse", jobComplete: true, totalBytesProcessed: "0", totalRows: "0" };
    }
    const key = requestId === undefined ? undefined : `${request.projectId}:${location}:${requestId}`;
    const known = key === undefined ? undefined : requests.get(key);
    const configuration = {
      query: rest,
      ...(labels === undefined ? {} : { labels }),
      ...(dryRun === undefined ? {} : { dryRun }),
    };
    const job =
      known ??
      jobs.insert(
        request.projectId,
        { configuration, ...(location === undefined ? {} : { jobReference: { location } }) },
        null,
        fault,
      );
    if (key !== undefined) requests.set(key, job);
    await finished(job, timeoutMs ?? WAIT_MS);
    const paging = {
      maxResults: maxResults ?? null,
      pageToken: null,
      int64Timestamps: formatOptions?.useInt64Timestamp === true,
    };
    return resultsAnswer(job, paging, "bigquery#queryResponse");
  }

  return [
    { method: "POST", path: /^(\/upload)?\/jobs$/, handle: insert },
    { method: "GET", path: /^\/jobs$/, handle: list },
    {
      method: "GET",
      path: /^\/jobs\/(?<job>[^/]+)$/,
      handle: async ({ jobs, request, names }) =>
        jobAnswer(jobs.show(request.projectId, names["job"]!, request.query.get("location"))),
    },
    {
      method: "POST",
      path: /^\/jobs\/(?<job>[^/]+)\/cancel$/,
      handle: async (context) => {
        const job = jobOf(context);
        context.jobs.cancel(job);
        return { kind: "bigquery#jobCancelResponse", job: jobAnswer(job) };
      },
    },
    { method: "POST", path: /^\/queries$/, handle: query },
    {
      method: "GET",
      path: /^\/queries\/(?<job>[^/]+)$/,
      handle: async (context) => {
        const job = jobOf(context);
        const timeout = context.request.query.get("timeoutMs");
        await finished(job, timeout === null ? WAIT_MS : Number(timeout));
        return resultsAnswer(job, pagingOf(context.request.query), "bigquery#getQueryResultsResponse");
      },
    },
  ];
}

const jobOf = ({ jobs, request, names }: RouteContext): Job =>
  jobs.get(request.projectId, names["job"]!, request.query.get("location"));

async function insert({ jobs, request, fault }: RouteContext): Promise<object> {
  return jobAnswer(jobs.insert(request.projectId, request.body, request.upload, fault));
}

async function list({ jobs, request }: RouteContext): Promise<object> {
  const { query } = request;
  const states = query.getAll("stateFilter").map((state) => state.toUpperCase());
  const found = jobs
    .list(request.projectId, query.get("parentJobId"))
    .filter(({ state }) => states.length === 0 || states.includes(state));
  const from = Number(query.get("pageToken") ?? 0);
  const to = Math.min(found.length, from + Number(query.get("maxResults") ?? 50));
  return {
    kind: "bigquery#jobList",
    jobs: found.slice(from, to).map((job) => ({ ...jobAnswer(job), state: job.state })),
    ...(to < found.length ? { nextPageToken: String(to) } : {}),
  };
}

/** Waits for the job's end, but no longer than told. @throws ApiError What the job failed with. */
async function finished(job: Job, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    job.done.promise,
    sleep(Math.min(timeoutMs, 60_000), undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
  if (job.error !== null) {
    const { status, reason, message, location } = job.error;
    throw new ApiError(status === 200 ? 499 : status, reason, message, location);
  }
}
