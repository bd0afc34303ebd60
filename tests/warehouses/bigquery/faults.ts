import { ApiError, errorOf } from "./api-error.ts";

export type Fault =
  /** Answered instead of doing anything. `status`: the reason's own in the documentation. */
  | { readonly kind: "error"; readonly reason: string; readonly message?: string; readonly status?: number }
  /** The connection breaks, and the request has no effect. */
  | { readonly kind: "reset-before" }
  /** The request takes effect, then the connection breaks without an answer. */
  | { readonly kind: "reset-after" }
  /** The job is accepted and then fails without effect. */
  | { readonly kind: "job-error"; readonly reason: string; readonly message?: string }
  /** The job is accepted and runs, but this many GETs of it are answered 404. `lost`: the connection breaks without an answer. */
  | { readonly kind: "job-hidden"; readonly gets: number; readonly lost?: boolean }
  /** The job is accepted, runs and never ends, unless it is cancelled. */
  | { readonly kind: "job-hangs" };

export interface FaultRule {
  readonly fault: Fault;
  readonly method?: string;
  /** Matched against the path after `/bigquery/v2/projects/{project}`; uploads have the path `/upload/jobs`. */
  readonly path?: RegExp;
  /** Matched against the body (of an upload: its metadata). */
  readonly body?: RegExp;
  /** @default 1 */
  readonly times?: number;
}

export class Faults {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? 1 });
  }

  /** The fault of a request, counted as used. */
  take(method: string, path: string, body: string): Fault | null {
    const found = this.#rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (rule.method === undefined || rule.method === method) &&
        (rule.path === undefined || rule.path.test(path)) &&
        (rule.body === undefined || rule.body.test(body)),
    );
    if (found === undefined) return null;
    found.left--;
    return found.rule.fault;
  }

  clear(): void {
    this.#rules = [];
  }
}

export function faultError(fault: Extract<Fault, { reason: string }>): ApiError {
  const message = fault.message ?? `Injected ${fault.reason}`;
  if (fault.kind === "error" && fault.status !== undefined)
    return new ApiError(fault.status, fault.reason, message);
  return errorOf(fault.reason, message);
}
