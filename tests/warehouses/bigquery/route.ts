import type { Paging } from "./answers.ts";
import type { Fault } from "./faults.ts";
import type { Jobs } from "./jobs.ts";
import type { Quota } from "./quota.ts";
import type { ApiRequest } from "./request.ts";
import type { Warehouse } from "./warehouse.ts";

export interface RouteContext {
  readonly warehouse: Warehouse;
  readonly jobs: Jobs;
  readonly quota: Quota;
  readonly request: ApiRequest;
  /** Groups of the path, decoded. */
  readonly names: Readonly<Record<string, string>>;
  /** For a job that the request makes. */
  readonly fault: Fault | null;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** The answer's body, or null for 204. */
  readonly handle: (context: RouteContext) => Promise<object | null>;
}

export const pagingOf = (query: URLSearchParams): Paging => ({
  maxResults: query.get("maxResults") === null ? null : Number(query.get("maxResults")),
  pageToken: query.get("pageToken") ?? query.get("startIndex"),
  int64Timestamps: query.get("formatOptions.useInt64Timestamp")?.toLowerCase() === "true",
});
