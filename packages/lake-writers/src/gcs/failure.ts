import { StalledError, withoutSecrets } from "../remote/index.ts";

/** How a request failed, as far as the decision about it needs to know. */
export type FailureFacts =
  /** No access token could be had; nothing was sent to the service. */
  | { readonly step: "token"; readonly status?: number | undefined; readonly code?: string | undefined }
  /** The connection failed or stalled, or the answer was none of the service's. */
  | { readonly step: "network"; readonly code?: string | undefined }
  /** The service refused. */
  | {
      readonly step: "answer";
      readonly status: number;
      readonly reason?: string | undefined;
      readonly afterMs?: number | undefined;
    };

/** A failed request. It holds no request, answer or header, because those hold credentials. */
export class GcsFailure extends Error {
  override readonly name = "GcsFailure";
  readonly facts: FailureFacts;

  constructor(message: string, facts: FailureFacts) {
    super(message);
    this.facts = facts;
  }
}

const MAX_TEXT = 500;

/** What a service or an SDK says, without what gives access: queries of addresses are sessions and signatures. */
export function cleanText(text: string): string {
  const withoutQueries = text
    .replaceAll(/(https?:\/\/[^\s?"'<>]*)\?[^\s"'<>]*/gi, "$1")
    .replaceAll(
      /\b(upload_id|assertion|private_key(?:_id)?)(["']?\s*[=:]\s*["']?)[^\s"'&,;<>]+/gi,
      "$1$2***",
    );
  const clean = withoutSecrets(withoutQueries).replaceAll(/\s+/g, " ").trim();
  return clean.slice(0, MAX_TEXT).replace(/[.\s]+$/, "");
}

/** Of a request that ended without an answer, in one of the two steps. */
export function failureOf(step: "token" | "network", error: unknown): GcsFailure {
  if (error instanceof GcsFailure) return error;
  if (error instanceof StalledError) return new GcsFailure(error.message, { step, code: "STALLED" });
  let code: string | undefined;
  let status: number | undefined;
  let cause: unknown = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    if ("code" in cause && typeof cause.code === "string") code ??= cause.code;
    if ("status" in cause && typeof cause.status === "number") status ??= cause.status;
    cause = cause.cause;
  }
  // A JSON parser repeats a piece of the text, which is that of a file with a key.
  if (error instanceof SyntaxError) return new GcsFailure("a credentials file is not valid JSON", { step });
  const text =
    error instanceof Error ? error.message.replace(/^request to \S+ failed, reason: /, "") : String(error);
  const message = cleanText(text) || code || "the connection failed";
  return new GcsFailure(message, step === "token" ? { step, code, status } : { step, code });
}
