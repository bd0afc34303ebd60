import { setTimeout as sleep } from "node:timers/promises";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadContext } from "../loader/loader.ts";
import { bigqueryError } from "./bigquery-error.ts";
import type { ApiRequest, SendRequest } from "./connection.ts";
import { BigQueryFailure } from "./failure.ts";
import { meaningOf, type Scene } from "./meaning.ts";

/** What the caller may hear and stop. */
export type CallContext = Pick<LoadContext, "signal" | "onEvent">;

/** The API for requests that may be sent twice, and what failures mean. */
export interface Api {
  /** Once, for requests whose caller decides about failures. @throws BigQueryFailure, or the signal's error. */
  readonly once: (request: ApiRequest) => Promise<unknown>;
  /** Until it works or cannot work. @throws EtlError. */
  call(what: string, request: Omit<ApiRequest, "signal">, context?: CallContext): Promise<unknown>;
  /** As `call`; an answer of one of these statuses is null. */
  find(
    what: string,
    request: Omit<ApiRequest, "signal">,
    context: CallContext | undefined,
    ...statuses: readonly number[]
  ): Promise<unknown>;
  /** An `EtlError` of a failure; anything else as it is. */
  error(failure: unknown, what: string): unknown;
  /** Whether the same can succeed in a moment. */
  mayRetry(failure: BigQueryFailure): boolean;
}

const TRIES = 6;

export function openApi(send: SendRequest, place: Omit<Scene, "what">): Api {
  const scene = (what: string): Scene => ({ ...place, what });
  const once: Api["once"] = async (request) => {
    const { signal } = request;
    throwIfAborted(signal);
    try {
      return await send(request);
    } catch (error) {
      if (signal?.aborted === true) throw abortError(signal);
      throw error;
    }
  };
  const mayRetry = (failure: BigQueryFailure) => meaningOf(failure.facts, failure.message, scene("")).retry;
  const find: Api["find"] = async (what, request, context = {}, ...statuses) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once({ ...request, signal: context.signal });
      } catch (error) {
        if (!(error instanceof BigQueryFailure)) throw error;
        if (error.facts.status !== undefined && statuses.includes(error.facts.status)) return null;
        if (attempt >= TRIES || !mayRetry(error)) throw bigqueryError(error, scene(what));
        await backOff(what, attempt, error, context);
      }
    }
  };
  return {
    once,
    find,
    call: (what, request, context) => find(what, request, context),
    error: (failure, what) => bigqueryError(failure, scene(what)),
    mayRetry,
  };
}

const BASE_MS = 250;
/** Limits on rates are counted over ten seconds, and another load's transaction takes its time. */
const SLOW_BASE_MS = 1_000;
const MAX_MS = 16_000;

/** Waits before the attempt that follows this one, half of it random, and says so. Ended by the signal. */
export async function backOff(
  what: string,
  attempt: number,
  failure: BigQueryFailure,
  { signal, onEvent }: CallContext,
): Promise<void> {
  const slow = /rateLimit/i.test(failure.facts.reason ?? "") || /concurrent update/i.test(failure.message);
  const base = slow ? SLOW_BASE_MS : BASE_MS;
  const full = Math.min(MAX_MS, base * 2 ** (attempt - 1));
  const delayMs = Math.round(full * (0.5 + Math.random() / 2));
  onEvent?.({ type: "retry", what, attempt, delayMs, reason: failure.message });
  await pause(delayMs, signal);
}

/** Time that is left after a stop. */
export interface Grace extends Disposable {
  /** Comes so long after the given one; undefined where none was given. */
  readonly signal: AbortSignal | undefined;
}

/** What must be found out after a stop has this long for it. */
export function graceAfter(signal: AbortSignal | undefined, ms: number): Grace {
  if (signal === undefined) return { signal, [Symbol.dispose]: () => undefined };
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(signal.reason), ms).unref();
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return { signal: late.signal, [Symbol.dispose]: () => signal.removeEventListener("abort", begin) };
}

/** @throws the signal's error. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  throwIfAborted(signal);
}
