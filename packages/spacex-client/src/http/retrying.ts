import type { ClientEvent } from "./events.ts";
import type { CallOptions } from "./call-options.ts";
import { type RequestLine, SpaceXRequestError } from "./request-error.ts";
import type { RequestPolicy } from "./request-policy.ts";
import { backoffMs, type RetryPolicy } from "./retry.ts";

/**
 * Runs until it succeeds, fails with something that another attempt cannot help, or the retries are used up. `run` gets
 * the number of its attempt, from 1.
 */
export async function retrying<T>(
  line: RequestLine,
  policy: RequestPolicy,
  onRetry: CallOptions["onRetry"],
  emit: (event: ClientEvent) => void,
  run: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run(attempt);
    } catch (error) {
      if (policy.signal?.aborted === true || !SpaceXRequestError.isInstance(error)) throw error;
      if (!error.retryable || attempt > policy.retry.limit)
        throw failed(withAttempts(error, attempt, `${error.message} (Attempt ${attempt}, the last.)`), emit);
      if (error.retryAfterMs !== undefined && error.retryAfterMs > policy.retry.maxRetryAfterMs)
        throw failed(asksTooMuch(error, error.retryAfterMs, policy.retry, attempt), emit);
      const delayMs = error.retryAfterMs || backoffMs(policy.retry, attempt);
      const retry = { attempt, delayMs, reason: error.reason };
      emit({ type: "retry", ...line, ...retry });
      onRetry?.(retry);
      await policy.retry.sleep(delayMs, policy.signal);
    }
  }
}

/** Tells the hook of the error that a call ends with, and gives it back. */
export function failed(error: SpaceXRequestError, emit: (event: ClientEvent) => void): SpaceXRequestError {
  emit({ type: "failure", ...error.request, error });
  return error;
}

/** The error of the last attempt, which says how many there were. */
export function withAttempts(
  error: SpaceXRequestError,
  attempts: number,
  message = error.message,
): SpaceXRequestError {
  if (attempts === 1) return error;
  return new SpaceXRequestError({ ...error, message, attempts, cause: error.cause });
}

function asksTooMuch(
  error: SpaceXRequestError,
  askedMs: number,
  policy: RetryPolicy,
  attempts: number,
): SpaceXRequestError {
  return new SpaceXRequestError({
    ...error,
    kind: "busy",
    code: "SOURCE_BUSY",
    message: `${error.message} It asks to wait ${Math.ceil(askedMs / 1000)} s, longer than the ${Math.ceil(policy.maxRetryAfterMs / 1000)} s that this client waits.`,
    hint: "Try again after that time, or raise retry.maxRetryAfterMs.",
    retryable: true,
    attempts,
    cause: error,
  });
}
