import { entryOf, guardedCache, isFresh, type ResponseCache } from "../cache/index.ts";
import { bodyChunks } from "./body.ts";
import { type CallOptions, callPolicy } from "./call-options.ts";
import { type ClientEvent, quietly } from "./events.ts";
import { failureOfContent, failureOfSize } from "./failure.ts";
import { type RequestLine, SpaceXRequestError } from "./request-error.ts";
import type { RequestPolicy } from "./request-policy.ts";
import { failed, retrying, withAttempts } from "./retrying.ts";
import { isServer } from "./runtime.ts";
import { type ApiRequest, sendOnce } from "./send.ts";

export interface TransportOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch | undefined;
  /** Of every call; the options of a call are laid over it. */
  readonly policy: RequestPolicy;
  /** For `json` with GET. */
  readonly cache: ResponseCache | undefined;
  readonly onEvent: ((event: ClientEvent) => unknown) | undefined;
}

/** An answer with its headers; the body is still on its way. */
export interface ApiAnswer {
  readonly response: Response;
  readonly request: RequestLine;
  /** The body as it arrives. A failure is thrown as a `SpaceXRequestError` and not retried. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Sends requests to one API under one policy. */
export interface Transport {
  requestLine(method: "GET" | "POST", path: string): RequestLine;
  /** @throws EtlError of kind `usage` for options of a call that make no sense, without sending anything. */
  checkCall(call: CallOptions | undefined): void;
  /** Resolves with the headers of an accepted answer. Retries everything before that. */
  open(request: ApiRequest): Promise<ApiAnswer>;
  /**
   * Resolves with the parsed body, undefined where the status is an accepted 204. Retries also what fails inside of the
   * body.
   */
  json(request: ApiRequest): Promise<unknown>;
  /** Resolves with the body as text. Retries like `json`. */
  text(request: ApiRequest): Promise<string>;
}

/** Most that a typed method reads of one answer; JSON text beyond V8's string limit could not be parsed anyway. */
export const MAX_JSON_BYTES = 256 * 1024 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const emit = quietly(options.onEvent);
  const cache =
    options.cache &&
    guardedCache(options.cache, (url, operation, error) =>
      emit({ type: "cache-failure", method: "GET", url, operation, error }),
    );

  function requestLine(method: "GET" | "POST", path: string): RequestLine {
    return { method, url: `${options.baseUrl}${path}` };
  }

  /** Runs with retries; `run` gets what sends one request and resolves with an accepted answer's headers. */
  async function sending<T>(
    request: ApiRequest,
    run: (
      sent: () => Promise<Response>,
      line: RequestLine,
      policy: RequestPolicy,
      attempt: number,
    ) => Promise<T>,
  ): Promise<T> {
    const policy = callPolicy(options.policy, request.call);
    const line = requestLine(request.method, request.path);
    return retrying(line, policy, request.call?.onRetry, emit, (attempt) =>
      run(() => sendOnce(request, line, policy, attempt, options.fetch, emit), line, policy, attempt),
    );
  }

  /** The answer's whole text, with its headers. */
  function whole<T>(request: ApiRequest, read: (text: string, response: Response) => T): Promise<T> {
    return sending(request, async (sent, line, policy) => {
      const response = await sent();
      return readWhole(response, line, policy, (text) => read(text, response));
    });
  }

  async function json(request: ApiRequest): Promise<unknown> {
    const parse = (text: string, { status }: Response): unknown =>
      status === 204 ? undefined : (JSON.parse(text) as unknown);
    const { call } = request;
    // Headers of one call may ask for something else than the key says.
    if (
      cache === undefined ||
      request.method !== "GET" ||
      call?.cache === false ||
      call?.headers !== undefined
    )
      return whole(request, parse);
    const { signal } = callPolicy(options.policy, call);
    signal?.throwIfAborted();
    const { url } = requestLine("GET", request.path);
    const started = performance.now();
    const kept = await cache.get(url, signal);
    if (kept !== undefined && isFresh(kept.entry, Date.now())) {
      const durationMs = performance.now() - started;
      emit({ type: "response", method: "GET", url, status: 200, durationMs, fromCache: true });
      return kept.value;
    }
    // A browser's own cache sends the ETag by itself; a page that sends one needs a preflight, which the API refuses.
    const onServer = isServer();
    const etag = onServer ? kept?.entry.etag : undefined;
    const { value, entry } = await whole({ ...request, ifNoneMatch: etag }, (text, response) => {
      const { status, headers } = response;
      const confirmed = status === 304 && kept !== undefined;
      return {
        value: confirmed ? kept.value : parse(text, response),
        entry:
          confirmed || status === 200
            ? entryOf(url, headers, confirmed ? kept.entry : text, Date.now(), onServer)
            : undefined,
      };
    });
    if (entry !== undefined) await cache.set(url, entry);
    return value;
  }

  return {
    requestLine,
    checkCall: (call) => void callPolicy(options.policy, call),
    open: (request) =>
      sending(request, async (sent, line, policy, attempt) => {
        const response = await sent();
        const { timeoutMs, signal } = policy;
        return {
          response,
          request: line,
          chunks: () => tellingFailure(bodyChunks(response, line, timeoutMs, signal), attempt, emit),
        };
      }),
    json,
    text: (request) => whole(request, (text) => text),
  };
}

async function readWhole<T>(
  response: Response,
  line: RequestLine,
  policy: RequestPolicy,
  read: (text: string) => T,
): Promise<T> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of bodyChunks(response, line, policy.timeoutMs, policy.signal)) {
      bytes += chunk.byteLength;
      if (bytes > MAX_JSON_BYTES) throw failureOfSize(line, MAX_JSON_BYTES);
      text += decoder.decode(chunk, { stream: true });
    }
    return read(text + decoder.decode());
  } catch (error) {
    // Bytes that are no UTF-8 (TypeError) or no JSON (SyntaxError): cut off, or from something in between.
    if (error instanceof SyntaxError || error instanceof TypeError) throw failureOfContent(line, error);
    throw error;
  }
}

async function* tellingFailure(
  chunks: AsyncIterable<Uint8Array>,
  attempts: number,
  emit: (event: ClientEvent) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    throw SpaceXRequestError.isInstance(error) ? failed(withAttempts(error, attempts), emit) : error;
  }
}
