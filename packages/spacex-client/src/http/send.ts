import ky, { isTimeoutError } from "ky";
import { boundedText } from "./body.ts";
import type { CallOptions } from "./call-options.ts";
import { invalidOption } from "./checks.ts";
import type { ClientEvent } from "./events.ts";
import { failureOfAnswer, failureOfHtml, failureOfNetwork, failureOfTimeout } from "./failure.ts";
import type { RequestLine } from "./request-error.ts";
import type { RequestPolicy } from "./request-policy.ts";
import { retryAfterMs } from "./retry.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Statuses that are an answer; all others are failures. */
  readonly accept: readonly number[];
  /** Makes the request conditional, so that 304 is an answer too. Not for a browser: it needs a preflight there. */
  readonly ifNoneMatch?: string | undefined;
  /** The caller's options, as they came: they are checked here, before anything is sent. */
  readonly call?: CallOptions | undefined;
}

/**
 * One request up to the headers of an accepted answer.
 *
 * @throws SpaceXRequestError for everything else; the signal's reason where it is aborted.
 */
export async function sendOnce(
  request: ApiRequest,
  line: RequestLine,
  { signal, timeoutMs, headers }: RequestPolicy,
  attempt: number,
  fetch: typeof globalThis.fetch | undefined,
  emit: (event: ClientEvent) => void,
): Promise<Response> {
  signal?.throwIfAborted();
  request.call?.onRequest?.();
  emit({ type: "request", ...line, attempt });
  const started = performance.now();
  let response: Response;
  try {
    // Retries are not ky's: it can neither give up when `Retry-After` is too long nor say how long it will wait.
    response = await ky(line.url, {
      method: line.method,
      retry: 0,
      throwHttpErrors: false,
      timeout: timeoutMs,
      headers: conditional(headers, request.ifNoneMatch),
      ...(request.body === undefined ? {} : { json: request.body }),
      ...(signal === undefined ? {} : { signal }),
      ...(fetch === undefined ? {} : { fetch }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    throw isTimeoutError(cause) ? failureOfTimeout(line, timeoutMs) : failureOfNetwork(line, cause);
  }
  if (typeof response?.headers?.get !== "function")
    throw invalidOption("client", "fetch answered no Response", "Give a function that does what fetch does.");
  const { status } = response;
  const notModified = status === 304 && request.ifNoneMatch !== undefined;
  const durationMs = performance.now() - started;
  emit({ type: "response", ...line, status, durationMs, fromCache: notModified });
  const isHtml = /\bhtml\b/i.test(response.headers.get("content-type") ?? "");
  if (notModified) return response;
  if (request.accept.includes(status)) {
    if (!isHtml) return response;
    void response.body?.cancel().catch(() => undefined);
    throw failureOfHtml(line, status);
  }
  const text = await boundedText(response, line, timeoutMs, signal);
  const wait = retryAfterMs(response.headers, Date.now());
  throw failureOfAnswer(line, status, text, isHtml || text.startsWith("<"), wait);
}

function conditional(headers: Headers, ifNoneMatch: string | undefined): Headers {
  if (ifNoneMatch === undefined) return headers;
  const both = new Headers(headers);
  both.set("if-none-match", ifNoneMatch);
  // fetch adds `cache-control: no-cache` to a conditional request of one's own, on which servers such as koa answer in
  // full; saying it ourselves keeps the condition (Fetch standard, "HTTP-network-or-cache fetch").
  both.set("cache-control", "max-age=0");
  return both;
}
