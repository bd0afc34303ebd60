import type { ErrorKind } from "@spacex-etl/contracts/errors";
import { type RequestLine, SpaceXRequestError } from "./request-error.ts";

/**
 * Texts of an API whose database is away. It answers them with status 400 where a driver error reaches the query route,
 * just as it does for a bad query.
 */
const OUTAGE = /ECONN|ENOTFOUND|EAI_AGAIN|buffering timed out|Server selection|topology|pool/i;

const LATER = "Try again later.";
const SLOW = "Try again later, or raise the timeout.";

/** What an answer that is not a success means for this API, whose errors are plain text and whose 400 may be an outage. */
export function failureOfAnswer(
  request: RequestLine,
  status: number,
  body: string,
  isHtml: boolean,
  retryAfterMs: number | undefined,
): SpaceXRequestError {
  const says = isHtml
    ? "a page of HTML, so it comes from something in front of the API"
    : body === ""
      ? "no text"
      : JSON.stringify(body.slice(0, 200));
  return new SpaceXRequestError({
    ...judge(request.method, status, body, isHtml),
    message: `${request.method} ${request.url} failed with status ${status}: ${says}.`,
    request,

    reason: `HTTP ${status}`,
    status,
    ...(isHtml ? {} : { body: body.slice(0, 1000) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

interface Verdict {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
}

const MISSING: Verdict = {
  kind: "source",
  code: "NOT_FOUND",
  hint: "Check the id, and that the address is the API's without /v4.",
  retryable: false,
};

/** Version 4 trips over a launch that is not there, and answers the text of its own TypeError. */
const TRIPPED = /^Cannot read propert(y|ies)\b.*\bnull\b/;

function judge(method: "GET" | "POST", status: number, body: string, isHtml: boolean): Verdict {
  switch (status) {
    case 400:
      if (method === "GET" && TRIPPED.test(body)) return MISSING;
      // A GET has nothing that could be wrong about it: this API answers 400 when its database fails.
      return method === "GET" || isHtml || OUTAGE.test(body)
        ? {
            kind: "source",
            code: "SOURCE_OUTAGE",
            hint: "The API answers 400 while its database is away. Try again later.",
            retryable: true,
          }
        : {
            kind: "usage",
            code: "QUERY_REFUSED",
            hint: "Correct the query: the API's text names the field and the value.",
            retryable: false,
          };
    case 401:
    case 403:
      return {
        kind: "auth",
        code: "SOURCE_REFUSED",
        hint: isHtml
          ? "A firewall in front of the API refused this client. Send fewer requests, or come from another network."
          : "The public routes need no key: check the address and any proxy in between.",
        retryable: false,
      };
    case 404:
      return MISSING;
    case 408:
      return { kind: "source", code: "SOURCE_TIMEOUT", hint: LATER, retryable: true };
    case 413:
      return {
        kind: "usage",
        code: "QUERY_TOO_LARGE",
        hint: "The API takes queries of up to 1 MB: split the list in the filter.",
        retryable: false,
      };
    case 429:
      return {
        kind: "busy",
        code: "SOURCE_BUSY",
        hint: "The API limits requests. Try again later, or allow more or longer retries.",
        retryable: true,
      };
    default:
      return status >= 500
        ? { kind: "source", code: "SOURCE_UNAVAILABLE", hint: LATER, retryable: true }
        : {
            kind: "source",
            code: "SOURCE_UNEXPECTED_STATUS",
            hint: "Check that the address is the SpaceX API's.",
            retryable: false,
          };
  }
}

/** An accepted status with a page of HTML. */
export function failureOfHtml(request: RequestLine, status: number): SpaceXRequestError {
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_NOT_JSON",
    message: `${request.method} ${request.url} answered a page of HTML with status ${status}, so it comes from something in front of the API.`,
    hint: LATER,
    request,
    reason: "HTML instead of JSON",
    status,
  });
}

/** No answer at all: refused, reset, unknown host, TLS. */
export function failureOfNetwork(request: RequestLine, cause: unknown): SpaceXRequestError {
  const reason = networkReason(cause);
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_UNREACHABLE",
    message: `${request.method} ${request.url} failed: ${reason}.`,
    hint: "Check the address and the network, then try again.",
    cause,
    request,
    reason,
  });
}

/** No headers for as long as the client waits. */
export function failureOfTimeout(request: RequestLine, timeoutMs: number): SpaceXRequestError {
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_TIMEOUT",
    message: `${request.method} ${request.url} did not answer within ${timeoutMs} ms.`,
    hint: SLOW,
    request,
    reason: "timeout",
  });
}

/** No further byte of the body for as long as the client waits. */
export function failureOfStall(
  request: RequestLine,
  timeoutMs: number,
  received: number,
): SpaceXRequestError {
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_STALLED",
    message: `${request.method} ${request.url} sent nothing for ${timeoutMs} ms, after ${received} bytes.`,
    hint: SLOW,
    request,
    reason: "stalled",
  });
}

/** The connection ended inside of the body. */
export function failureOfBody(request: RequestLine, received: number, cause: unknown): SpaceXRequestError {
  const reason = networkReason(cause);
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_INTERRUPTED",
    message: `${request.method} ${request.url} was interrupted after ${received} bytes: ${reason}.`,
    hint: LATER,
    cause,
    request,
    reason,
  });
}

/** An accepted answer whose body is no JSON: cut off, or from something in between. */
export function failureOfContent(request: RequestLine, cause: Error): SpaceXRequestError {
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_NOT_JSON",
    message: `${request.method} ${request.url} did not answer whole JSON: ${cause.message}.`,
    hint: LATER,
    cause,
    request,
    reason: "not JSON",
  });
}

/** More bytes than a typed method reads. */
export function failureOfSize(request: RequestLine, maxBytes: number): SpaceXRequestError {
  return new SpaceXRequestError({
    kind: "source",
    code: "SOURCE_TOO_LARGE",
    message: `${request.method} ${request.url} answered more than ${maxBytes} bytes.`,
    hint: "Read it as a stream with recordSource(), or in pages with query().",
    retryable: false,
    request,
    reason: "too large",
  });
}

/** The deepest text of an error of `fetch`, whose own is only "fetch failed". */
function networkReason(cause: unknown): string {
  let text = "network error";
  let current = cause;
  for (let depth = 0; depth < 6 && current instanceof Error; depth++) {
    const code = (current as { code?: unknown }).code;
    text = current.message === "" && typeof code === "string" ? code : current.message || text;
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else current = current.cause;
  }
  return text;
}
