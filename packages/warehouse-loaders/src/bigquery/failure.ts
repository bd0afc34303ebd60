/** How a request or a job failed, as far as the decision about it needs to know. */
export interface FailureFacts {
  /**
   * `token`: no access token could be had, nothing was sent. `network`: no answer, or none of the service's; the request may
   * have had its effect. `answer`: the service refused. `job`: it was accepted and failed.
   */
  readonly step: "token" | "network" | "answer" | "job";
  /** Of HTTP. */
  readonly status?: number | undefined;
  /** https://cloud.google.com/bigquery/docs/error-messages */
  readonly reason?: string | undefined;
  /** What it is about: a URI, `query`. */
  readonly location?: string | undefined;
  /** Of a failed connection: ECONNRESET. */
  readonly code?: string | undefined;
  readonly jobId?: string | undefined;
}

/** A failed request or job. It holds no request, answer or header, because those hold credentials. */
export class BigQueryFailure extends Error {
  override readonly name = "BigQueryFailure";
  readonly facts: FailureFacts;

  constructor(message: string, facts: FailureFacts) {
    super(cleanText(message));
    this.facts = facts;
  }
}

const MAX_TEXT = 1_000;
const SECRETS: readonly RegExp[] = [
  /\bya29\.[\w.-]+/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=\bbearer\s)[^\s"'<>]+/gi,
  /\b1\/\/[\w-]{10,}/g,
  /(?<=\bkey(?:["']\s*[=:]\s*|[=:])["']?)[^\s"'&,;<>]+/gi,
  /\bGOCSPX-[\w-]+/g,
  /(?<=\b(?:access_token|refresh_token|id_token|client_secret|assertion|private_key(?:_id)?)["']?\s*[=:]\s*["']?)[^\s"'&,;<>]+/gi,
];

/** What a service or a library says, without what gives access. */
export function cleanText(text: string): string {
  const clean = SECRETS.reduce((masked, pattern) => masked.replace(pattern, "***"), text);
  return clean
    .replaceAll(/(https?:\/\/[^\s?"'<>]*)\?[^\s"'<>]*/gi, "$1")
    .replaceAll(/(\bhttps?:\/\/)[^\s/@]+@/gi, "$1***@")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, MAX_TEXT)
    .replace(/[.\s]+$/, "");
}

/** Of a request that ended without an answer, in one of the two steps. */
export function failureOf(step: "token" | "network", error: unknown): BigQueryFailure {
  if (error instanceof BigQueryFailure) return error;
  let code: string | undefined;
  let status: number | undefined;
  let cause: unknown = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    if ("code" in cause && typeof cause.code === "string") code ??= cause.code;
    if ("status" in cause && typeof cause.status === "number") status ??= cause.status;
    cause = cause.cause;
  }
  // A JSON parser repeats a piece of the text, which is that of a file with a key.
  if (error instanceof SyntaxError)
    return new BigQueryFailure("a credentials file is not valid JSON", { step });
  const text =
    error instanceof Error ? error.message.replace(/^request to \S+ failed, reason: /, "") : String(error);
  return new BigQueryFailure(text === "" ? (code ?? "the connection failed") : text, { step, code, status });
}

/** What the service says of a request that it refused: `{error: {message, errors: [{reason, location}]}}`. */
export function answerFailure(status: number, body: unknown): BigQueryFailure {
  const error = field(body, "error");
  const details = field(error, "errors");
  const [first] = Array.isArray(details) ? (details as unknown[]) : [];
  const reason = textOf(field(first, "reason")) ?? textOf(field(error, "status"));
  return new BigQueryFailure(textOf(field(error, "message")) ?? `HTTP ${status}`, {
    step: "answer",
    status,
    reason,
    location: textOf(field(first, "location")),
  });
}

/** What a job ended with. */
export function jobFailure(jobId: string, error: unknown): BigQueryFailure {
  return new BigQueryFailure(textOf(field(error, "message")) ?? "it says nothing more", {
    step: "job",
    reason: textOf(field(error, "reason")),
    location: textOf(field(error, "location")),
    jobId,
  });
}

export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
