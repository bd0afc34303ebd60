import { EtlError, type EtlErrorOptions, type ErrorKind } from "@spacex-etl/contracts";

/** One request as the messages name it. The address has no query string and no credentials. */
export interface RequestLine {
  readonly method: "GET" | "POST";
  readonly url: string;
}

/**
 * What an error of a request carries in `details`. The error's `retryable` says whether another attempt may help, now or
 * later.
 */
export interface FailureDetails extends RequestLine {
  /** Short, for a progress line: `HTTP 503`, `timeout`. */
  readonly reason: string;
  readonly status?: number;
  /** The start of the answer's text; left out where it is HTML. */
  readonly body?: string;
  /** The wait that the answer asked for. */
  readonly retryAfterMs?: number;
  /** Attempts that were made, this one included. */
  readonly attempts?: number;
}

function failure(
  options: Omit<EtlErrorOptions, "details">,
  request: RequestLine,
  details: Omit<FailureDetails, keyof RequestLine>,
): EtlError {
  return new EtlError({ ...options, details: { method: request.method, url: request.url, ...details } });
}

/** The details of an error that was made here, undefined of any other. */
export function failureDetails(error: EtlError): FailureDetails | undefined {
  const details = error.details as Partial<FailureDetails> | undefined;
  return typeof details?.reason === "string" ? (details as FailureDetails) : undefined;
}

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
): EtlError {
  const says = isHtml
    ? "a page of HTML, so it comes from something in front of the API"
    : body === ""
      ? "no text"
      : JSON.stringify(body.slice(0, 200));
  return failure(
    {
      ...judge(request.method, status, body, isHtml),
      message: `${request.method} ${request.url} failed with status ${status}: ${says}.`,
    },
    request,
    {
      reason: `HTTP ${status}`,
      status,
      ...(isHtml ? {} : { body: body.slice(0, 1000) }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

interface Verdict {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
}

function judge(method: "GET" | "POST", status: number, body: string, isHtml: boolean): Verdict {
  switch (status) {
    case 400:
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
      return {
        kind: "source",
        code: "NOT_FOUND",
        hint: "Check the id, and that the address is the API's without /v4.",
        retryable: false,
      };
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
export function failureOfHtml(request: RequestLine, status: number): EtlError {
  return failure(
    {
      kind: "source",
      code: "SOURCE_NOT_JSON",
      message: `${request.method} ${request.url} answered a page of HTML with status ${status}, so it comes from something in front of the API.`,
      hint: LATER,
    },
    request,
    { reason: "HTML instead of JSON", status },
  );
}

/** No answer at all: refused, reset, unknown host, TLS. */
export function failureOfNetwork(request: RequestLine, cause: unknown): EtlError {
  const reason = networkReason(cause);
  return failure(
    {
      kind: "source",
      code: "SOURCE_UNREACHABLE",
      message: `${request.method} ${request.url} failed: ${reason}.`,
      hint: "Check the address and the network, then try again.",
      cause,
    },
    request,
    { reason },
  );
}

/** No headers for as long as the client waits. */
export function failureOfTimeout(request: RequestLine, timeoutMs: number): EtlError {
  return failure(
    {
      kind: "source",
      code: "SOURCE_TIMEOUT",
      message: `${request.method} ${request.url} did not answer within ${timeoutMs} ms.`,
      hint: SLOW,
    },
    request,
    { reason: "timeout" },
  );
}

/** No further byte of the body for as long as the client waits. */
export function failureOfStall(request: RequestLine, timeoutMs: number, received: number): EtlError {
  return failure(
    {
      kind: "source",
      code: "SOURCE_STALLED",
      message: `${request.method} ${request.url} sent nothing for ${timeoutMs} ms, after ${received} bytes.`,
      hint: SLOW,
    },
    request,
    { reason: "stalled" },
  );
}

/** The connection ended inside of the body. */
export function failureOfBody(request: RequestLine, received: number, cause: unknown): EtlError {
  const reason = networkReason(cause);
  return failure(
    {
      kind: "source",
      code: "SOURCE_INTERRUPTED",
      message: `${request.method} ${request.url} was interrupted after ${received} bytes: ${reason}.`,
      hint: LATER,
      cause,
    },
    request,
    { reason },
  );
}

/** An accepted answer whose body is no JSON: cut off, or from something in between. */
export function failureOfContent(request: RequestLine, cause: Error): EtlError {
  return failure(
    {
      kind: "source",
      code: "SOURCE_NOT_JSON",
      message: `${request.method} ${request.url} did not answer whole JSON: ${cause.message}.`,
      hint: LATER,
      cause,
    },
    request,
    { reason: "not JSON" },
  );
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
