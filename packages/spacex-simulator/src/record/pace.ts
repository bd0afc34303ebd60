import { setTimeout as sleep } from "node:timers/promises";
import { EtlError } from "@spacex-etl/contracts/errors";
import { AttemptError, sourceError } from "./errors.ts";

/** How a recording retries. */
export interface RecordRetryOptions {
  /** How often a failed request is sent again. @default 4 */
  readonly limit?: number | undefined;
  /** Greatest wait before the first retry, in milliseconds; it doubles with each. @default 500 */
  readonly baseDelayMs?: number | undefined;
}

const MAX_DELAY_MS = 20_000;
/** Longest `Retry-After` that is waited for. */
const MAX_RETRY_AFTER_MS = 60_000;

export interface Pace {
  /** Runs an attempt, and again while another one may help. Attempts keep their distance. */
  run<T>(attempt: () => Promise<T>, onRetry: (delayMs: number, error: EtlError) => void): Promise<T>;
  /** Attempts that were made. */
  readonly requests: number;
}

export function createPace(
  retry: RecordRetryOptions,
  maxRequestsPerSecond: number,
  signal: AbortSignal | undefined,
): Pace {
  const { limit = 4, baseDelayMs = 500 } = retry;
  let requests = 0;
  let free = 0;
  const wait = async (delayMs: number): Promise<void> => {
    signal?.throwIfAborted();
    if (delayMs <= 0) return;
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    signal?.throwIfAborted();
  };
  return {
    get requests() {
      return requests;
    },
    async run(attempt, onRetry) {
      for (let retries = 0; ; retries++) {
        await wait(free - performance.now());
        free = performance.now() + 1000 / maxRequestsPerSecond;
        requests++;
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof AttemptError)) throw error;
          if (!error.error.retryable) throw error.error;
          if (retries >= limit) throw last(error.error, retries + 1);
          const asked = error.retryAfterMs;
          if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) throw tooLong(error.error, asked);
          const ceiling = Math.min(MAX_DELAY_MS, baseDelayMs * 2 ** retries);
          const delayMs = asked === undefined || asked === 0 ? Math.round(Math.random() * ceiling) : asked;
          onRetry(delayMs, error.error);
          await wait(delayMs);
        }
      }
    },
  };
}

function last(error: EtlError, attempts: number): EtlError {
  if (attempts === 1) return error;
  return sourceError(error.kind, error.code, `${error.message} (Attempt ${attempts}, the last.)`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

function tooLong(error: EtlError, askedMs: number): EtlError {
  return sourceError(
    "busy",
    "SOURCE_BUSY",
    `${error.message} It asks to wait ${Math.ceil(askedMs / 1000)} s.`,
    {
      hint: "Run the same command again after that time: complete files are kept.",
      cause: error,
    },
  );
}
