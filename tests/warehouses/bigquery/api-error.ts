/** An error as the service answers it: as an HTTP status, or as the `errorResult` of a job. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly reason: string;
  /** What the error is about: a URI for a load, "query" for SQL. */
  readonly location: string | undefined;

  constructor(status: number, reason: string, message: string, location?: string) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.location = location;
  }
}

export interface ErrorProto {
  readonly reason: string;
  readonly message: string;
  readonly location?: string;
}

export const errorProto = (error: ApiError): ErrorProto => ({
  reason: error.reason,
  message: error.message,
  ...(error.location === undefined ? {} : { location: error.location }),
});

/** The body of an answer that is no success. */
export const errorBody = (error: ApiError): object => ({
  error: {
    code: error.status,
    message: error.message,
    errors: [{ domain: "global", ...errorProto(error) }],
  },
});

export const notFound = (what: string): ApiError => new ApiError(404, "notFound", `Not found: ${what}`);

export const alreadyExists = (what: string): ApiError =>
  new ApiError(409, "duplicate", `Already Exists: ${what}`);

export const invalid = (message: string, location?: string): ApiError =>
  new ApiError(400, "invalid", message, location);

export const invalidQuery = (message: string): ApiError =>
  new ApiError(400, "invalidQuery", message, "query");

/** Statuses of the reasons: https://cloud.google.com/bigquery/docs/error-messages */
const STATUSES: Readonly<Record<string, number>> = {
  accessDenied: 403,
  backendError: 503,
  duplicate: 409,
  internalError: 500,
  invalid: 400,
  invalidQuery: 400,
  notFound: 404,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  stopped: 200,
};

/** An error of a reason from the service's list, with the status that it has there; unknown reasons are 500. */
export const errorOf = (reason: string, message: string): ApiError =>
  new ApiError(STATUSES[reason] ?? 500, reason, message);

/** Any other failure is a bug of the double and says so. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(500, "internalError", `The double failed: ${(error as Error).stack ?? String(error)}`);
