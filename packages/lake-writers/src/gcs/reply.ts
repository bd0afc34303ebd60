import { Readable } from "node:stream";
import { StalledError, type Watch } from "../remote/index.ts";
import { cleanText, failureOf, GcsFailure } from "./failure.ts";

/** What the service answered. It must be read to its end, or closed. */
export interface GcsReply {
  readonly status: number;
  readonly headers: Headers;
  /** The next bytes of the body. @throws GcsFailure if the connection fails, or the signal's reason */
  next(): Promise<Uint8Array | undefined>;
  /** Destroys the connection if the answer has not ended. */
  close(): void;
}

/** Nothing that is read whole comes near it: a page of 1000 objects has 300 KB. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Readable | string;
  readonly watched: Watch;
  /** The request's body, of which a rest may be left. */
  readonly sent: Readable | undefined;
}

export function replyOf({ status, headers, data, watched, sent }: Answer): GcsReply {
  const chunks = (data instanceof Readable ? data : Readable.from([]))[Symbol.asyncIterator]();
  let open = true;
  watched.pause();

  function end(): void {
    open = false;
    watched.end();
    sent?.destroy();
  }

  return {
    status,
    headers,
    async next() {
      if (!open) return undefined;
      watched.touch();
      try {
        const { done, value } = (await chunks.next()) as IteratorResult<Uint8Array>;
        watched.pause();
        if (done !== true) return value;
        end();
        return undefined;
      } catch (error) {
        const { aborted, reason } = watched.signal;
        end();
        if (aborted && !(reason instanceof StalledError)) throw reason;
        throw failureOf("network", aborted ? reason : error);
      }
    },
    close() {
      if (!open) return;
      end();
      if (data instanceof Readable) data.destroy();
    },
  };
}

async function readText(answer: GcsReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let chunk = await answer.next(); chunk !== undefined; chunk = await answer.next()) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > MAX_DOCUMENT_BYTES) break;
    }
  } finally {
    answer.close();
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What the answer says once its status has decided: nothing, if it breaks off. */
async function readRest(answer: GcsReply): Promise<string> {
  return readText(answer).catch((error: unknown) => {
    if (error instanceof GcsFailure) return "";
    throw error;
  });
}

/** To the end, so that the connection serves the next request. */
export async function drain(answer: GcsReply): Promise<void> {
  await readRest(answer);
}

/** A document of the API; anything else is a failure of what stands between it and us. */
export async function readDocument(answer: GcsReply): Promise<Readonly<Record<string, unknown>>> {
  const document = parsed(await readText(answer));
  if (document !== undefined) return document;
  throw new GcsFailure("the answer is no document of the API", { step: "network", code: "ANSWER" });
}

/**
 * What the service says of a request that it refused.
 *
 * @see https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
export async function readFailure(answer: GcsReply): Promise<GcsFailure> {
  const { status, headers } = answer;
  const text = await readRest(answer);
  const error = field(parsed(text), "error");
  const details = field(error, "errors");
  const reason = Array.isArray(details) ? textOf(field(details[0], "reason")) : undefined;
  const isPage = /^\s*</.test(text);
  const told = cleanText(textOf(field(error, "message")) ?? (isPage ? "" : text));
  const numbers = [reason, `HTTP ${status}`].filter((part) => part !== undefined).join(", ");
  return new GcsFailure(told === "" ? numbers : `${told} (${numbers})`, {
    step: "answer",
    status,
    reason,
    afterMs: retryAfterMs(headers.get("retry-after")),
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Seconds, or a date. */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
