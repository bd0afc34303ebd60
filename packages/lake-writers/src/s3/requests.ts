import { type Attempt, type FailedAttempt, retrying, watch } from "../remote/index.ts";
import type { Connection, Connector } from "./connection.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { S3Settings } from "./options.ts";
import { type Action, problem } from "./problems.ts";

/** One request under way. */
export interface Request extends Connection {
  /** To be given to the SDK. */
  readonly signal: AbortSignal;
  /** To be called for every piece of a body that moves. */
  touch(): void;
  readonly attempt: Attempt;
}

/** A request that is tried until it works. */
export interface Call<T> {
  readonly action: Action;
  /** Of the object, or the prefix of several; relative to the lake. */
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  /** Sends it once. */
  readonly send: (request: Request) => Promise<T>;
  /** What a failure means to the caller, where it is no failure; undefined where it is one. */
  readonly settles?: (failure: Failure, attempt: Attempt) => T | undefined;
  /** Instead of the store's. */
  readonly deadlineMs?: number;
  /** Instead of the store's. */
  readonly stallMs?: number;
  /**
   * What a stall may be mistaken for: with a `body`, one that the system has taken but a slow network has not, so that
   * every attempt waits longer than the one before it.
   */
  readonly sends?: "body";
}

/** Sends requests: retries by meaning, gives up what stalls, ends on abort, and throws `EtlError`s only. */
export interface Requests {
  readonly settings: S3Settings;
  /** `s3://bucket/prefix` */
  readonly url: string;
  connect(): Promise<Connection>;
  send<T>(call: Call<T>): Promise<T>;
  /** What to make of an error that a request met after its answer had begun. */
  problem(action: Action, key: string, error: unknown, attempt: number): FailedAttempt;
}

export function requests(settings: S3Settings, url: string, connector: Connector): Requests {
  const { bucket, prefix = "", expectedBucketOwner: owner, onRetry } = settings;
  let answered = false;
  const target = (key: string): string => (key === "" ? url : `${key} in ${url}`);
  const explain = (action: Action, key: string, error: unknown, attempt: Attempt): FailedAttempt => {
    const what = `Cannot ${action} ${target(key)}`;
    return problem(error, attempt, { action, what, key, bucket, prefix, owner, answered });
  };
  return {
    settings,
    url,
    connect: connector.open,
    problem: (action, key, error, number) => explain(action, key, error, { number, ambiguous: false }),
    send: ({ action, key, signal, send, settles, sends, ...limits }) => {
      const once = async (attempt: Attempt) => {
        const patience = sends === "body" ? attempt.number : 1;
        const watching = watch((limits.stallMs ?? settings.stallMs) * patience, signal);
        const connected = async () =>
          send({
            ...(await connector.open()),
            signal: watching.signal,
            touch: watching.touch,
            attempt,
          });
        try {
          const result = await watching.race(connected());
          answered = true;
          return result;
        } catch (error) {
          const failure = failureOf(watching.signal.aborted ? watching.signal.reason : error);
          if (failure.status !== undefined) answered = true;
          const settled = settles?.(failure, attempt);
          if (settled !== undefined) return settled;
          throw error;
        } finally {
          watching.end();
        }
      };
      return retrying(`${action} ${target(key)}`, once, {
        deadlineMs: limits.deadlineMs ?? settings.deadlineMs,
        signal,
        onRetry,
        classify: (error, attempt) => explain(action, key, error, attempt),
      });
    },
  };
}
