import { checkFunction, checkKeys, invalidOption, MAX_TIMER_MS, type OptionOf } from "./checks.ts";

/**
 * How failed requests are sent again. Tried again are 429, 5xx, 408, network errors, timeouts, bodies that break off inside
 * of a typed method, and a 400 that is an outage of this API (each on a GET but for a missing launch of version 4; on a
 * query, the texts of its database driver). Waits are a random share of a doubling ceiling (full jitter), or what `Retry-After` asks for.
 */
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

const KEYS: readonly (keyof RetryOptions)[] = [
  "limit",
  "baseDelayMs",
  "maxDelayMs",
  "maxRetryAfterMs",
  "random",
  "sleep",
];

/** The defaults of {@link RetryOptions}. */
export const DEFAULT_RETRY: RetryPolicy = {
  limit: 4,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  maxRetryAfterMs: 60_000,
  random: () => Math.random(),
  sleep,
};

/**
 * Options laid over a policy.
 *
 * @throws EtlError of kind `usage` for an unknown option or a number that makes no sense.
 */
export function retryPolicy(of: OptionOf, options: RetryOptions, below: RetryPolicy): RetryPolicy {
  checkKeys(of, options, KEYS, "retry.");
  checkFunction(of, "retry.random", options.random);
  checkFunction(of, "retry.sleep", options.sleep);
  const policy: RetryPolicy = {
    limit: options.limit ?? below.limit,
    baseDelayMs: options.baseDelayMs ?? below.baseDelayMs,
    maxDelayMs: options.maxDelayMs ?? below.maxDelayMs,
    maxRetryAfterMs: options.maxRetryAfterMs ?? below.maxRetryAfterMs,
    random: options.random ?? below.random,
    sleep: options.sleep ?? below.sleep,
  };
  if (!Number.isSafeInteger(policy.limit) || policy.limit < 0)
    throw invalidOption(of, `retry.limit is ${String(policy.limit)}`, "It is a whole number from 0.");
  for (const name of ["baseDelayMs", "maxDelayMs", "maxRetryAfterMs"] as const) {
    const value: unknown = policy[name];
    if (typeof value !== "number" || !(value >= 0 && value <= MAX_TIMER_MS))
      throw invalidOption(
        of,
        `retry.${name} is ${String(value)}`,
        `It is a number of milliseconds from 0 to ${MAX_TIMER_MS}.`,
      );
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
