import { EtlError, type EtlErrorOptions } from "@spacex-etl/contracts/errors";

/** One request as the messages name it. The address has no query string and no credentials. */
export interface RequestLine {
  readonly method: "GET" | "POST";
  readonly url: string;
}

export interface RequestErrorOptions extends Omit<EtlErrorOptions, "details"> {
  readonly request: RequestLine;
  /** Short, for a progress line: `HTTP 503`, `timeout`. */
  readonly reason: string;
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly attempts?: number | undefined;
}

const BRAND = Symbol.for("spacex-etl.request-error");

/**
 * A request that failed: no answer, an answer that is an error, or a body that broke off. Like every `EtlError` it has
 * `kind`, `code`, `hint` and `retryable`, which says whether the same request may succeed later.
 *
 * | status | code | kind | retryable |
 * | --- | --- | --- | --- |
 * | 400 of a GET, or with the text of an outage | `SOURCE_OUTAGE` | source | yes |
 * | 400 of a query | `QUERY_REFUSED` | usage | no |
 * | 401, 403 | `SOURCE_REFUSED` | auth | no |
 * | 404 | `NOT_FOUND` | source | no |
 * | 408 | `SOURCE_TIMEOUT` | source | yes |
 * | 413 | `QUERY_TOO_LARGE` | usage | no |
 * | 429, or a `Retry-After` beyond the cap | `SOURCE_BUSY` | busy | yes |
 * | 5xx | `SOURCE_UNAVAILABLE` | source | yes |
 * | other | `SOURCE_UNEXPECTED_STATUS` | source | no |
 *
 * Without an answer: `SOURCE_UNREACHABLE`, `SOURCE_TIMEOUT`. Inside of a body: `SOURCE_INTERRUPTED`, `SOURCE_STALLED`,
 * `SOURCE_NOT_JSON`, all retryable, and `SOURCE_TOO_LARGE`, which is not.
 */
export class SpaceXRequestError extends EtlError {
  override readonly name: string = "SpaceXRequestError";
  readonly request: RequestLine;
  /** Of the answer; undefined where none came. */
  readonly status: number | undefined;
  /** The start of the answer's text, up to 1000 characters; undefined where there is none or it is HTML. */
  readonly body: string | undefined;
  /** The wait that the answer asked for (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Requests that were sent, the failed ones included. */
  readonly attempts: number;
  /** Short, for a progress line: `HTTP 503`, `timeout`, `stalled`. */
  readonly reason: string;
  readonly [BRAND] = true;

  constructor(options: RequestErrorOptions) {
    const { request, reason, status, body, retryAfterMs, attempts } = options;
    const details = {
      method: request.method,
      url: request.url,
      reason,
      ...(status === undefined ? {} : { status }),
      ...(body === undefined ? {} : { body }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(attempts === undefined ? {} : { attempts }),
    };
    super({ ...options, details });
    this.request = request;
    this.reason = reason;
    this.status = status;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
    this.attempts = attempts ?? 1;
  }

  /** True for a `SpaceXRequestError` of any installed copy of this package, where `instanceof` would be false. */
  static override isInstance(error: unknown): error is SpaceXRequestError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}
