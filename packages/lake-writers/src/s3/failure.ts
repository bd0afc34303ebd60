import { StalledError } from "../remote/index.ts";

/** What is known of a request that failed, whatever threw. */
export interface Failure {
  /** S3's code, or the system's: `AccessDenied`, `ECONNRESET`, `Stalled`; the error's name where there is neither. */
  readonly code: string;
  /** Of HTTP; undefined where no answer came. */
  readonly status: number | undefined;
  readonly message: string;
  readonly requestId: string | undefined;
  /** Where the bucket is, if the answer says so. */
  readonly region: string | undefined;
  /** Of the whole object, where a range was asked for that is not in it. */
  readonly objectBytes: number | undefined;
  /** From `Retry-After`. */
  readonly afterMs: number | undefined;
  /** How often the SDK itself sent the request. */
  readonly attempts: number;
  /** No answer came, or not all of it. */
  readonly network: boolean;
  /** The SDK has learned from the answer how wrong this machine's clock is, and signs the next request right. */
  readonly clockCorrected: boolean;
}

/** Errors of SDKs, of Node and of parsers differ in shape; nothing of it is certain. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly Region?: unknown;
  readonly ActualObjectSize?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: {
    readonly httpStatusCode?: unknown;
    readonly requestId?: unknown;
    readonly attempts?: unknown;
    readonly clockSkewCorrected?: unknown;
  };
  readonly $response?: {
    readonly statusCode?: unknown;
    readonly headers?: Readonly<Record<string, unknown>>;
  };
}

const NETWORK_CODES = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ESOCKETTIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "ERR_STREAM_PREMATURE_CLOSE",
  "TimeoutError",
]);

const SOCKET_CALLS = new Set(["connect", "getaddrinfo", "read", "write", "shutdown"]);

/** @param error anything that a request threw */
export function failureOf(error: unknown): Failure {
  if (error instanceof StalledError) return { ...NOTHING, code: "Stalled", message: error.message };
  const thrown: Thrown = typeof error === "object" && error !== null ? error : { message: String(error) };
  const headers = thrown.$response?.headers ?? {};
  const status = numberOf(thrown.$metadata?.httpStatusCode) ?? numberOf(thrown.$response?.statusCode);
  const message = textOf(thrown.message) ?? "";
  const code = codeOf(thrown, status);
  const network =
    status === undefined && (NETWORK_CODES.has(code) || code.startsWith("HPE_") || isOfSocket(thrown));
  return {
    code,
    status,
    message,
    requestId: textOf(thrown.$metadata?.requestId),
    objectBytes: objectBytes(
      textOf(headers["content-range"]) ?? `bytes */${textOf(thrown.ActualObjectSize)}`,
    ),
    region: textOf(headers["x-amz-bucket-region"]) ?? textOf(thrown.Region) ?? expectedRegion(message),
    afterMs: retryAfter(textOf(headers["retry-after"])),
    attempts: numberOf(thrown.$metadata?.attempts) ?? 1,
    network,
    clockCorrected: thrown.$metadata?.clockSkewCorrected === true,
  };
}

const NOTHING = {
  status: undefined,
  requestId: undefined,
  objectBytes: undefined,
  region: undefined,
  afterMs: undefined,
  attempts: 1,
  network: true,
  clockCorrected: false,
} as const;

/** The SDK's name for an error is S3's code; for an answer without a body it is made up, for Node's it is `Error`. */
function codeOf(thrown: Thrown, status: number | undefined): string {
  const system = textOf(thrown.code);
  if (status === undefined && system !== undefined) return system;
  const [first] = Array.isArray(thrown.errors) ? (thrown.errors as readonly Thrown[]) : [];
  if (status === undefined && first !== undefined) return codeOf(first, undefined);
  const cause = thrown.cause as Thrown | null | undefined;
  if (status === undefined && cause !== null && textOf(cause?.code) !== undefined)
    return textOf(cause?.code) ?? "";
  return textOf(thrown.Code) ?? textOf(thrown.name) ?? "Error";
}

/**
 * Whether a call of the network failed, whatever its code: no permission to connect, no sockets left. Files have calls
 * of the same names, but Node.js words their errors the other way round: `read ECONNRESET`, and `EISDIR: …, read`.
 */
function isOfSocket(thrown: Thrown): boolean {
  const [first] = Array.isArray(thrown.errors) ? (thrown.errors as readonly Thrown[]) : [];
  if (first !== undefined) return isOfSocket(first);
  const call = textOf(thrown.syscall);
  if (call === undefined) return thrown.cause instanceof Error && isOfSocket(thrown.cause);
  return SOCKET_CALLS.has(call) && (textOf(thrown.message)?.startsWith(`${call} `) ?? false);
}

// Of `bytes */1234`.
function objectBytes(range: string): number | undefined {
  const bytes = /^bytes \*\/(\d+)$/.exec(range)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}

/** `…; the region 'us-east-1' is wrong; expecting 'eu-central-1'` */
function expectedRegion(message: string): string | undefined {
  return /expecting '([a-z0-9-]+)'/.exec(message)?.[1];
}

/** Seconds, or a date. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
