import { setTimeout as sleep } from "node:timers/promises";

/** A failed attempt that is tried again after a pause. */
export interface StoreRetry {
  /** What was tried: `create s3://bucket/lake/heads/0000000001.json`. */
  readonly what: string;
  /** Of the attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  /** Why it failed, without a secret. */
  readonly reason: string;
}

/** What a driver makes of an attempt's error. */
export interface FailedAttempt {
  /** Thrown when there is no further attempt. */
  readonly error: unknown;
  /** Whether the same request can succeed later. */
  readonly retry: boolean;
  /** The service may have done what it was asked for: its answer did not come, or did not say. */
  readonly ambiguous: boolean;
  /** The service asked for at least this pause. */
  readonly afterMs?: number | undefined;
  readonly reason: string;
}

/** What an attempt may know of those before it. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** An earlier attempt may have had its effect. */
  readonly ambiguous: boolean;
}

/** For work that takes long, and whose next attempt goes on where this one ends. */
export interface RunningAttempt extends Attempt {
  /** The work got further than ever before: the deadline counts from now. */
  renew(): void;
}

export interface RetryOptions {
  /** No attempt begins later than this after the first one, or after the last progress. */
  readonly deadlineMs: number;
  /** Before the second attempt, with jitter; doubled for each further one. @default 200 */
  readonly baseDelayMs?: number | undefined;
  /** @default 10000 */
  readonly maxDelayMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((retry: StoreRetry) => void) | undefined;
  readonly classify: (error: unknown, attempt: Attempt) => FailedAttempt;
}

/** Tries until it works, cannot work, or the deadline has passed. @throws the signal's reason once it is aborted */
export async function retrying<T>(
  what: string,
  work: (attempt: RunningAttempt) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { deadlineMs, signal } = options;
  let ends = performance.now() + deadlineMs;
  const renew = (): void => void (ends = performance.now() + deadlineMs);
  let ambiguous = false;
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    const attempt = { number, ambiguous };
    try {
      return await work({ ...attempt, renew });
    } catch (cause) {
      signal?.throwIfAborted();
      const failed = options.classify(cause, attempt);
      ambiguous ||= failed.ambiguous;
      const backoff = retryPause(number, options.baseDelayMs, options.maxDelayMs);
      const delayMs = Math.round(Math.max(failed.afterMs ?? 0, backoff));
      if (!failed.retry || performance.now() + delayMs > ends) throw failed.error;
      options.onRetry?.({ what, attempt: number, delayMs, reason: failed.reason });
      await sleep(delayMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** Milliseconds before the attempt that follows this one: doubled each time, half of it random. */
export function retryPause(attempt: number, baseDelayMs = 200, maxDelayMs = 10_000): number {
  return Math.round(Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2));
}
