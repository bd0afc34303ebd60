import { EtlError } from "@spacex-etl/contracts";

export interface RetryOptions {
  /**
   * How often a failed request is sent again; 0 for never.
   * @default 4
   */
  readonly limit?: number | undefined;
  /**
   * Greatest wait before the first retry, in milliseconds; it doubles with each. The wait is a random share of it.
   * @default 500
   */
  readonly baseDelayMs?: number | undefined;
  /**
   * Greatest wait between two attempts, in milliseconds, where the API names none.
   * @default 20000
   */
  readonly maxDelayMs?: number | undefined;
  /**
   * Longest `Retry-After` that is waited for, in milliseconds; a longer one fails at once as `busy`.
   * @default 60000
   */
  readonly maxRetryAfterMs?: number | undefined;
  /**
   * From 0 to below 1.
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
  /** Waits, or rejects when the signal is aborted. */
  readonly sleep?: ((delayMs: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

export interface RetryPolicy {
  readonly limit: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly random: () => number;
  readonly sleep: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Longest time that timers of all run-times take, in milliseconds (2^31 − 1). */
export const MAX_TIMER_MS = 2_147_483_647;

/** @throws EtlError of kind `usage` for a number that makes no sense. */
export function retryPolicy(options: RetryOptions | undefined): RetryPolicy {
  const policy: RetryPolicy = {
    limit: options?.limit ?? 4,
    baseDelayMs: options?.baseDelayMs ?? 500,
    maxDelayMs: options?.maxDelayMs ?? 20_000,
    maxRetryAfterMs: options?.maxRetryAfterMs ?? 60_000,
    random: options?.random ?? Math.random,
    sleep: options?.sleep ?? sleep,
  };
  if (!Number.isSafeInteger(policy.limit) || policy.limit < 0) throw invalid("limit", policy.limit);
  for (const name of ["baseDelayMs", "maxDelayMs", "maxRetryAfterMs"] as const) {
    if (!(policy[name] >= 0 && policy[name] <= MAX_TIMER_MS)) throw invalid(name, policy[name]);
  }
  return policy;
}

/** Exponential backoff with full jitter, in milliseconds; `attempt` counts the retries from 1. */
export function backoffMs(policy: RetryPolicy, attempt: number): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.round(policy.random() * ceiling);
}

/**
 * The wait that an answer asks for, in milliseconds: `Retry-After` as seconds or as an HTTP date (RFC 9110 §10.2.3). A
 * date is compared with the answer's own `Date`, so that a wrong clock here does not matter. Undefined where the header
 * is missing or not understood.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(headers.get("date") ?? "");
  return Math.max(0, until - (Number.isNaN(sent) ? now : sent));
}

function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function invalid(name: string, value: number): EtlError {
  return new EtlError({
    kind: "usage",
    code: "CLIENT_OPTION",
    message: `The client option retry.${name} is ${value}.`,
    hint:
      name === "limit"
        ? "It is a whole number from 0."
        : `It is a number of milliseconds from 0 to ${MAX_TIMER_MS}.`,
  });
}
