import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { alreadyExists, ApiError, asApiError, invalid, notFound } from "./api-error.ts";
import { dryRun } from "./dry-run.ts";
import type { Fault } from "./faults.ts";
import { faultError } from "./faults.ts";
import { type LoadStatistics, runLoad } from "./load.ts";
import { locate } from "./locate.ts";
import type { Quota } from "./quota.ts";
import {
  jobResource,
  type LoadConfiguration,
  loadConfiguration,
  parse,
  type QueryConfiguration,
  queryConfiguration,
  tableName,
} from "./resources.ts";
import { type Outcome, runScript } from "./run-script.ts";
import { openSession } from "./session.ts";
import { isScript, parseScript } from "./sql/script.ts";
import type { Transactions } from "./transactions.ts";
import type { Warehouse } from "./warehouse.ts";

export interface Job {
  readonly projectId: string;
  readonly jobId: string;
  readonly location: string;
  readonly kind: "load" | "query";
  /** As it was sent. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly parentJobId: string | null;
  readonly creationTime: number;
  state: "PENDING" | "RUNNING" | "DONE";
  /** GETs of it that are answered 404. */
  hidden: number;
  startTime: number | null;
  endTime: number | null;
  error: ApiError | null;
  load: LoadStatistics | null;
  script: boolean;
  /** One per statement of a query job. */
  readonly outcomes: Outcome[];
  readonly stop: AbortController;
  readonly done: PromiseWithResolvers<void>;
}

export interface JobsOptions {
  readonly warehouse: Warehouse;
  readonly transactions: Transactions;
  readonly quota: Quota;
  readonly gcsEndpoint: string | undefined;
  readonly delays: { pendingMs: number; runningMs: number };
  readonly hooks: { beforeStatement: ((jobId: string, text: string) => Promise<void>) | null };
}

/** Ids are remembered for ever and belong to a project and location. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #jobs = new Map<string, Job>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Accepts a job and starts it. @throws ApiError 409 before any effect when the id is known, 400, 404. */
  insert(projectId: string, resource: unknown, upload: Buffer | null, fault: Fault | null): Job {
    const { jobReference, configuration } = parse(jobResource, resource);
    const jobId = jobReference?.jobId ?? randomUUID();
    const kind = configuration.load !== undefined ? "load" : "query";
    const load = kind === "load" ? parse(loadConfiguration, configuration.load) : null;
    const query = kind === "query" ? parse(queryConfiguration, configuration.query) : null;
    if ((configuration.load === undefined) === (configuration.query === undefined)) {
      throw invalid("Job configuration must contain exactly one job-specific configuration object");
    }
    const { warehouse, quota } = this.#options;
    const location = jobReference?.location ?? locate(warehouse, projectId, load, query);
    const key = `${projectId}:${location}.${jobId}`;
    if (this.#jobs.has(key)) throw alreadyExists(`Job ${key}`);
    if (load !== null) {
      warehouse.dataset(load.destinationTable.projectId, load.destinationTable.datasetId, location);
      if (upload === null && (load.sourceUris ?? []).length === 0)
        throw invalid("Required parameter is missing: sourceUris");
      quota.load(tableName(load.destinationTable));
    }
    const job = this.#put(key, { projectId, jobId, location, kind, configuration, parentJobId: null });
    if (fault?.kind === "job-hidden") job.hidden = fault.gets;
    void this.#run(job, load, query, upload, fault);
    return job;
  }

  /** A query as it would run now. @throws ApiError. */
  dryRun(projectId: string, location: string | undefined, query: unknown): Promise<void> {
    return dryRun({ ...this.#options, projectId }, location, query);
  }

  /** As `get`, of what a client is shown. @throws ApiError 404. */
  show(projectId: string, jobId: string, location: string | null): Job {
    const job = this.get(projectId, jobId, location);
    if (job.hidden === 0) return job;
    job.hidden -= 1;
    throw notFound(`Job ${projectId}:${job.location}.${jobId}`);
  }

  /** Without a location only jobs in US and EU are found. @throws ApiError 404. */
  get(projectId: string, jobId: string, location: string | null): Job {
    const places = location === null ? ["US", "EU"] : [location];
    for (const place of places) {
      const found = this.#jobs.get(`${projectId}:${place}.${jobId}`);
      if (found !== undefined) return found;
    }
    throw notFound(`Job ${projectId}:${location === null ? "" : `${location}.`}${jobId}`);
  }

  /** Newest first; children only of a given parent. */
  list(projectId: string, parentJobId: string | null): Job[] {
    return [...this.#jobs.values()]
      .filter((job) => job.projectId === projectId && job.parentJobId === parentJobId)
      .toReversed();
  }

  all(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  cancel(job: Job): void {
    if (job.state === "DONE") return;
    job.stop.abort(new ApiError(200, "stopped", "Job execution was cancelled: User requested cancellation"));
  }

  /** Ends what still runs, for the server's end. */
  async close(): Promise<void> {
    for (const job of this.#jobs.values()) this.cancel(job);
    await Promise.all([...this.#jobs.values()].map((job) => job.done.promise));
  }

  async #run(
    job: Job,
    load: LoadConfiguration | null,
    query: QueryConfiguration | null,
    upload: Buffer | null,
    fault: Fault | null,
  ): Promise<void> {
    const { delays, warehouse, quota, gcsEndpoint } = this.#options;
    const { signal } = job.stop;
    try {
      await sleep(delays.pendingMs, undefined, { signal });
      job.state = "RUNNING";
      job.startTime = warehouse.now();
      await sleep(delays.runningMs, undefined, { signal });
      if (fault?.kind === "job-hangs") await hang(signal);
      if (fault?.kind === "job-error") throw faultError(fault);
      if (load !== null) {
        quota.updateMetadata(tableName(load.destinationTable));
        job.load = await runLoad(warehouse, load, { upload, gcsEndpoint }, signal);
      } else {
        await this.#query(job, query!);
      }
    } catch (error) {
      job.error = asApiError(signal.aborted ? signal.reason : error);
    }
    job.state = "DONE";
    job.endTime = warehouse.now();
    job.done.resolve();
  }

  async #query(job: Job, configuration: QueryConfiguration): Promise<void> {
    const { warehouse, transactions, quota, hooks } = this.#options;
    const statements = parseScript(configuration.query);
    job.script = isScript(statements);
    const connection = await warehouse.connect();
    const { projectId, location } = job;
    const session = openSession({
      warehouse,
      transactions,
      quota,
      connection,
      projectId,
      location,
      configuration,
    });
    try {
      await runScript(session, statements, {
        before: async (text) => {
          job.stop.signal.throwIfAborted();
          if (hooks.beforeStatement === null) return;
          await Promise.race([hooks.beforeStatement(job.jobId, text), hang(job.stop.signal)]);
        },
        after: (outcome) => {
          job.outcomes.push(outcome);
          if (job.script) this.#child(job, outcome);
        },
      });
    } finally {
      connection.closeSync();
    }
  }

  #child(parent: Job, outcome: Outcome): void {
    const { projectId, location } = parent;
    const jobId = `script_job_${randomUUID().replaceAll("-", "")}_${parent.outcomes.length - 1}`;
    const configuration = { jobType: "QUERY", query: { query: outcome.text, useLegacySql: false } };
    const key = `${projectId}:${location}.${jobId}`;
    const child = this.#put(key, {
      projectId,
      jobId,
      location,
      kind: "query",
      configuration,
      parentJobId: parent.jobId,
    });
    child.outcomes.push(outcome);
    Object.assign(child, {
      state: "DONE",
      startTime: outcome.startTime,
      endTime: outcome.endTime,
      error: outcome.error,
    });
    child.done.resolve();
  }

  #put(
    key: string,
    given: Pick<Job, "projectId" | "jobId" | "location" | "kind" | "configuration" | "parentJobId">,
  ): Job {
    const job: Job = {
      ...given,
      creationTime: this.#options.warehouse.now(),
      state: "PENDING",
      hidden: 0,
      startTime: null,
      endTime: null,
      error: null,
      load: null,
      script: false,
      outcomes: [],
      stop: new AbortController(),
      done: Promise.withResolvers<void>(),
    };
    this.#jobs.set(key, job);
    return job;
  }
}

/** Until the job is stopped. */
const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
