import { EtlError, type SourceRequestOptions } from "@spacex-etl/contracts";
import ky, { isTimeoutError } from "ky";
import { bodyChunks, boundedText } from "./body.ts";
import {
  failureDetails,
  type FailureDetails,
  failureOfAnswer,
  failureOfContent,
  failureOfHtml,
  failureOfNetwork,
  failureOfTimeout,
  type RequestLine,
} from "./failure.ts";
import { backoffMs, retryAfterMs, type RetryPolicy } from "./retry.ts";

export interface TransportOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly headers: Headers;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
}

export interface ApiRequest extends SourceRequestOptions {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are an answer; all others are failures. */
  readonly accept: readonly number[];
}

/** An answer with its headers; the body is still on its way. */
export interface ApiAnswer {
  readonly response: Response;
  readonly request: RequestLine;
  /** The body as it arrives. A failure is thrown as an `EtlError` and not retried. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Sends requests to one API under one policy. */
export interface Transport {
  requestLine(method: "GET" | "POST", path: string): RequestLine;
  /** Resolves with the headers of an accepted answer. Retries everything before that. */
  open(request: ApiRequest): Promise<ApiAnswer>;
  /** Resolves with the parsed body. Retries also what fails inside of the body. */
  json(request: ApiRequest): Promise<unknown>;
}

/** Most that a typed method reads of one answer; JSON text beyond V8's string limit could not be parsed anyway. */
export const MAX_JSON_BYTES = 256 * 1024 * 1024;

export function createTransport(options: TransportOptions): Transport {
  // Retries are not ky's: it can neither give up when `Retry-After` is too long nor say how long it will wait.
  const client = ky.create({
    retry: 0,
    throwHttpErrors: false,
    timeout: options.timeoutMs,
    headers: options.headers,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });

  function requestLine(method: "GET" | "POST", path: string): RequestLine {
    return { method, url: `${options.baseUrl}${path}` };
  }

  async function attempt(request: ApiRequest, line: RequestLine): Promise<Response> {
    const { signal } = request;
    signal?.throwIfAborted();
    request.onRequest?.();
    let response: Response;
    try {
      response = await client(line.url, {
        method: line.method,
        ...(request.body === undefined ? {} : { json: request.body }),
        ...(request.headers === undefined ? {} : { headers: request.headers }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason;
      throw isTimeoutError(cause) ? failureOfTimeout(line, options.timeoutMs) : failureOfNetwork(line, cause);
    }
    const isHtml = /\bhtml\b/i.test(response.headers.get("content-type") ?? "");
    if (request.accept.includes(response.status)) {
      if (!isHtml) return response;
      void response.body?.cancel().catch(() => undefined);
      throw failureOfHtml(line, response.status);
    }
    const text = await boundedText(response, line, options.timeoutMs, signal);
    const wait = retryAfterMs(response.headers, Date.now());
    throw failureOfAnswer(line, response.status, text, isHtml || text.startsWith("<"), wait);
  }

  async function withRetries<T>(request: ApiRequest, run: () => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries++) {
      try {
        return await run();
      } catch (error) {
        if (request.signal?.aborted === true || !EtlError.isInstance(error)) throw error;
        const details = failureDetails(error);
        if (details === undefined || !error.retryable || retries >= options.retry.limit)
          throw afterRetries(error, retries);
        const delayMs = waitFor(error, details, options.retry, retries + 1);
        request.onRetry?.({ attempt: retries + 1, delayMs, reason: details.reason });
        await options.retry.sleep(delayMs, request.signal);
      }
    }
  }

  function answer(request: ApiRequest, line: RequestLine, response: Response): ApiAnswer {
    return {
      response,
      request: line,
      chunks: () => bodyChunks(response, line, options.timeoutMs, request.signal),
    };
  }

  async function parsed(request: ApiRequest, line: RequestLine): Promise<unknown> {
    const response = await attempt(request, line);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let text = "";
    let bytes = 0;
    try {
      for await (const chunk of bodyChunks(response, line, options.timeoutMs, request.signal)) {
        bytes += chunk.byteLength;
        if (bytes > MAX_JSON_BYTES) throw tooMuch(line);
        text += decoder.decode(chunk, { stream: true });
      }
      return JSON.parse(text + decoder.decode()) as unknown;
    } catch (error) {
      // Bytes that are no UTF-8 (TypeError) or no JSON (SyntaxError): cut off, or from something in between.
      if (error instanceof SyntaxError || error instanceof TypeError) throw failureOfContent(line, error);
      throw error;
    }
  }

  return {
    requestLine,
    open: async (request) => {
      const line = requestLine(request.method, request.path);
      return answer(request, line, await withRetries(request, () => attempt(request, line)));
    },
    json: (request) => {
      const line = requestLine(request.method, request.path);
      return withRetries(request, () => parsed(request, line));
    },
  };
}

function waitFor(error: EtlError, details: FailureDetails, policy: RetryPolicy, attempt: number): number {
  const asked = details.retryAfterMs;
  if (asked !== undefined && asked > policy.maxRetryAfterMs) {
    throw new EtlError({
      kind: "busy",
      code: "SOURCE_BUSY",
      message: `${error.message} It asks to wait ${Math.ceil(asked / 1000)} s, longer than the ${Math.ceil(policy.maxRetryAfterMs / 1000)} s that this client waits.`,
      hint: "Try again after that time, or raise retry.maxRetryAfterMs.",
      details: error.details,
      cause: error,
    });
  }
  return asked === undefined || asked === 0 ? backoffMs(policy, attempt) : asked;
}

/** The error of the last attempt, which says how many there were. */
function afterRetries(error: EtlError, retries: number): EtlError {
  if (retries === 0) return error;
  return new EtlError({
    kind: error.kind,
    code: error.code,
    message: `${error.message} (Attempt ${retries + 1}, the last.)`,
    hint: error.hint,
    retryable: error.retryable,
    details: { ...error.details, attempts: retries + 1 },
    cause: error.cause,
  });
}

function tooMuch(line: RequestLine): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_TOO_LARGE",
    message: `${line.method} ${line.url} answered more than ${MAX_JSON_BYTES} bytes.`,
    hint: "Read it as a stream with recordSource(), or in pages with query().",
    retryable: false,
  });
}
