import type { SpaceXRequestError } from "./request-error.ts";

interface EventOfRequest {
  readonly method: "GET" | "POST";
  /** Without query string and credentials. */
  readonly url: string;
}

/** A request is sent. */
export interface RequestEvent extends EventOfRequest {
  readonly type: "request";
  /** Counts the requests of one call from 1. */
  readonly attempt: number;
}

/** The headers of an answer are here, of one that will be retried or fail too; or the cache answers. */
export interface ResponseEvent extends EventOfRequest {
  readonly type: "response";
  /** 200 for an answer out of the cache that needed no request. */
  readonly status: number;
  /** From the start of this attempt to the headers of its answer, in milliseconds. */
  readonly durationMs: number;
  /** The body comes out of the client's cache: without a request before (200), or confirmed by the API (304). */
  readonly fromCache: boolean;
}

/** An attempt failed and another one follows after a wait. */
export interface RetryEvent extends EventOfRequest {
  readonly type: "retry";
  /** Counts the retries of one call from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  /** `HTTP 503`, `timeout`, `stalled`, or the text of the network's error. */
  readonly reason: string;
}

/** A call ends with this error. A call that its own signal aborts has no such event. */
export interface FailureEvent extends EventOfRequest {
  readonly type: "failure";
  readonly error: SpaceXRequestError;
}

/** The user's cache threw, took too long or gave something that is no entry; the call goes on without it. */
export interface CacheFailureEvent extends EventOfRequest {
  readonly type: "cache-failure";
  readonly operation: "get" | "set" | "delete";
  /** What the cache threw, or an `Error` that says what was wrong. */
  readonly error: unknown;
}

/** What a client does, for logs and metrics. Holds no header, no query and no record. */
export type ClientEvent = RequestEvent | ResponseEvent | RetryEvent | FailureEvent | CacheFailureEvent;

/** A hook whose errors go nowhere: logging must not break a request. */
export function quietly(hook: ((event: ClientEvent) => unknown) | undefined): (event: ClientEvent) => void {
  if (hook === undefined) return () => undefined;
  return (event) => {
    try {
      const result = hook(event);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // Documented at the option.
    }
  };
}
