import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError, asApiError, errorBody } from "./api-error.ts";
import { datasetRoutes } from "./dataset-routes.ts";
import { type FaultRule, faultError, Faults } from "./faults.ts";
import { jobRoutes } from "./job-routes.ts";
import { Jobs } from "./jobs.ts";
import { Quota } from "./quota.ts";
import { type ApiRequest, readRequest } from "./request.ts";
import type { Route, RouteContext } from "./route.ts";
import { routineRoutes } from "./routine-routes.ts";
import { tableRoutes } from "./table-routes.ts";
import { Transactions } from "./transactions.ts";
import { Warehouse } from "./warehouse.ts";

export interface BigQueryOptions {
  /** Where `gs://` objects come from: `http://127.0.0.1:<port>` of the GCS test server. */
  readonly gcsEndpoint?: string;
  /** @default 1,500, the service's own limit */
  readonly loadJobsPerTablePerDay?: number;
}

export interface RequestEntry {
  readonly method: string;
  /** After `/bigquery/v2/projects/{project}`. */
  readonly path: string;
  /** Null when the connection was broken instead of an answer. */
  readonly status: number | null;
}

export interface JobEntry {
  readonly jobId: string;
  readonly kind: "load" | "query";
  readonly state: "PENDING" | "RUNNING" | "DONE";
  /** Null for one without an error, or that has not ended. */
  readonly reason: string | null;
  readonly parentJobId: string | null;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** Awaited at these moments, so that a test can order clients and scripts, or end a client there. */
export interface ServerHooks {
  /** Before each statement of each query. */
  beforeStatement: ((jobId: string, text: string) => Promise<void>) | null;
  /** Before a request takes effect. `drop` breaks the connection instead, without any effect. */
  beforeRequest: ((request: HookedRequest) => Promise<"drop" | void>) | null;
  /** When a request has taken effect, or was refused, and the client has not heard of it. */
  afterRequest: ((request: HookedRequest) => Promise<void>) | null;
}

/** `text` is the JSON of the body as it came, of an upload its metadata. */
export type HookedRequest = Pick<ApiRequest, "method" | "path" | "text">;

/** A BigQuery in this process, empty at first. */
export interface BigQueryServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, the `apiEndpoint` of the client. */
  readonly endpoint: string;
  /** How long jobs stay PENDING and RUNNING before they do anything, in ms; may be changed at any time. @default 0 */
  readonly delays: { pendingMs: number; runningMs: number };
  /** All null at first. */
  readonly hooks: ServerHooks;
  inject(rule: FaultRule): void;
  clearFaults(): void;
  /** Moves the clock of quotas, expirations and CURRENT_TIMESTAMP. */
  advance(ms: number): void;
  requests(): readonly RequestEntry[];
  /** All jobs ever accepted, children of scripts included, oldest first. */
  jobs(): readonly JobEntry[];
  close(): Promise<void>;
}

/** Starts a double of BigQuery's REST API v2 on a free port of 127.0.0.1. */
export async function startBigQuery(options: BigQueryOptions = {}): Promise<BigQueryServer> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const warehouse = await Warehouse.open(now);
  const quota = new Quota(now, options.loadJobsPerTablePerDay ?? 1_500);
  const delays = { pendingMs: 0, runningMs: 0 };
  const hooks: ServerHooks = { beforeStatement: null, beforeRequest: null, afterRequest: null };
  const { gcsEndpoint } = options;
  const jobs = new Jobs({ warehouse, transactions: new Transactions(), quota, gcsEndpoint, delays, hooks });
  const routes = [...datasetRoutes, ...tableRoutes, ...routineRoutes, ...jobRoutes()];
  const faults = new Faults();
  const log: RequestEntry[] = [];

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let request: ApiRequest | null = null;
    const entry = (status: number | null): void => {
      log.push({ method: incoming.method ?? "", path: request?.path ?? incoming.url ?? "", status });
    };
    const send = (status: number, body: object | null): void => {
      entry(status);
      response.writeHead(status, { "content-type": "application/json; charset=UTF-8" });
      response.end(body === null ? "" : JSON.stringify(body));
    };
    const cut = (): void => {
      entry(null);
      incoming.socket.destroy();
    };
    try {
      request = await readRequest(incoming);
      if ((await hooks.beforeRequest?.(request)) === "drop") return cut();
      const fault = faults.take(request.method, request.path, request.text);
      if (fault?.kind === "reset-before") return cut();
      if (fault?.kind === "error") throw faultError(fault);
      const found = routeOf(routes, request);
      const context: RouteContext = { warehouse, jobs, quota, request, names: found.names, fault };
      const body = await found.route.handle(context);
      await hooks.afterRequest?.(request);
      if (fault?.kind === "reset-after" || (fault?.kind === "job-hidden" && fault.lost === true))
        return cut();
      send(body === null ? 204 : 200, body);
    } catch (failure) {
      const error = asApiError(failure);
      if (request !== null) await hooks.afterRequest?.(request);
      send(error.status, errorBody(error));
    }
  }

  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      Object.assign(hooks, { beforeStatement: null, beforeRequest: null, afterRequest: null });
      await jobs.close();
      await warehouse[Symbol.asyncDispose]();
    })());

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delays,
    hooks,
    inject: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    advance: (ms) => void (ahead += ms),
    requests: () => log,
    jobs: () =>
      jobs.all().map(({ jobId, kind, state, error, parentJobId, configuration }) => ({
        jobId,
        kind,
        state,
        reason: error?.reason ?? null,
        parentJobId,
        configuration,
      })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function routeOf(
  routes: readonly Route[],
  { method, path }: ApiRequest,
): { readonly route: Route; readonly names: Readonly<Record<string, string>> } {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match === null) continue;
    const groups = Object.entries(match.groups ?? {}).map(([name, value]) => [
      name,
      decodeURIComponent(value),
    ]);
    return { route, names: Object.fromEntries(groups) as Record<string, string> };
  }
  throw new ApiError(501, "notImplemented", `This double has no ${method} ${path}`);
}
