import type { SourceRequestOptions } from "@spacex-etl/contracts";
import {
  checkedHeaders,
  checkedSignal,
  checkedTimeout,
  checkFunction,
  checkKeys,
  invalidOption,
} from "./checks.ts";
import type { RequestPolicy } from "./request-policy.ts";
import { type RetryOptions, retryPolicy } from "./retry.ts";

/**
 * Of every method of the client, for this one call. What is left out is as the client was made; a key that is not
 * here is refused by name.
 */
export interface CallOptions extends SourceRequestOptions {
  /** Ends the call, its waits and its body; the call then throws the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Longest wait for the headers of an answer, and for further bytes of a body, in milliseconds, from 1 to 2147483647.
   * Each attempt has it anew.
   * @default the client's
   */
  readonly timeout?: number | undefined;
  /** Laid over the client's, option by option: `{ limit: 0 }` turns retries off and keeps the waits. */
  readonly retry?: RetryOptions | undefined;
  /** Laid over the client's, header by header. A request with headers of one's own needs a preflight in a browser. */
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  /** `false` neither asks the client's cache nor fills it. Without a cache it changes nothing. */
  readonly cache?: false | undefined;
  /** Called for every request that is sent, retries included; not for an answer out of the cache. What it throws ends the call. */
  readonly onRequest?: (() => void) | undefined;
  /** Called before each wait. `attempt` counts the retries from 1. What it throws ends the call. */
  readonly onRetry?:
    | ((retry: { readonly attempt: number; readonly delayMs: number; readonly reason: string }) => void)
    | undefined;
}

const KEYS: readonly (keyof CallOptions)[] = [
  "signal",
  "timeout",
  "retry",
  "headers",
  "cache",
  "onRequest",
  "onRetry",
];

/**
 * Options of a call, checked and laid over the client's.
 *
 * @throws EtlError of kind `usage`, code `CALL_OPTION`, for an unknown key or a value that makes no sense.
 */
export function callPolicy(client: RequestPolicy, call: CallOptions | undefined): RequestPolicy {
  if (call === undefined) return client;
  checkKeys("call", call, KEYS);
  checkFunction("call", "onRequest", call.onRequest);
  checkFunction("call", "onRetry", call.onRetry);
  if (call.cache !== undefined && call.cache !== false)
    throw invalidOption(
      "call",
      `cache is ${JSON.stringify(call.cache)}`,
      "It is false or left out; the cache itself is an option of the client.",
    );
  return {
    timeoutMs: call.timeout === undefined ? client.timeoutMs : checkedTimeout("call", call.timeout),
    retry: call.retry === undefined ? client.retry : retryPolicy("call", call.retry, client.retry),
    headers:
      call.headers === undefined
        ? client.headers
        : laidOver(client.headers, checkedHeaders("call", call.headers)),
    signal: checkedSignal("call", call.signal),
  };
}

function laidOver(below: Headers, above: Headers): Headers {
  const both = new Headers(below);
  for (const [name, value] of above) both.set(name, value);
  return both;
}
