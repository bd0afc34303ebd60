import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CHUNK_BYTES, type ChunkMemory } from "../data/index.ts";

/** What is sent back, before any fault damages it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody | undefined;
}

export interface AnswerBody {
  readonly pieces: Iterable<Uint8Array>;
  /** Exact where the length is announced, else an estimate. */
  readonly bytes: number;
  /** Larger bodies are sent in chunks, without a length. */
  readonly announced: boolean;
  /** Whose memory may be used again after each drain. */
  readonly memory?: ChunkMemory | undefined;
}

const TEXT = "text/plain; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { ...headers, "content-type": TEXT }, body: wholeBody(Buffer.from(text)) };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers, body: undefined };
}

/** JSON that is at hand. */
export function jsonAnswer(bytes: Uint8Array, headers: Readonly<Record<string, string>>): Answer {
  return { status: 200, headers: { ...headers, "content-type": JSON_TYPE }, body: wholeBody(bytes) };
}

/** JSON that is made while it is sent, if need be in the given memory. */
export function streamAnswer(
  pieces: Iterable<Uint8Array>,
  estimatedBytes: number,
  headers: Readonly<Record<string, string>>,
  memory?: ChunkMemory,
): Answer {
  return {
    status: 200,
    headers: { ...headers, "content-type": JSON_TYPE },
    body: { pieces, bytes: estimatedBytes, announced: false, memory },
  };
}

function wholeBody(bytes: Uint8Array): AnswerBody {
  if (bytes.length <= CHUNK_BYTES) return { pieces: [bytes], bytes: bytes.length, announced: true };
  return { pieces: sliced(bytes), bytes: bytes.length, announced: false };
}

function* sliced(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** The API's strong ETag: length in hex, then 27 characters of base64 SHA-1. */
export function etagOf(bytes: Uint8Array): string {
  return etagFrom(bytes.length, createHash("sha1").update(bytes).digest("base64").slice(0, 27));
}

export function etagFrom(length: number, digest: string): string {
  return `"${length.toString(16)}-${digest}"`;
}

/**
 * Whether the client already has this ETag; the strong and the `W/` form of a tag are the same here. A request that also
 * says `Cache-Control: no-cache` gets everything, as from koa (module fresh), and `fetch` says so by itself beside
 * If-None-Match unless the request has a Cache-Control of its own. So does one with If-Modified-Since, because the API
 * sends no Last-Modified.
 */
export function isFresh(headers: IncomingHttpHeaders, etag: string): boolean {
  const sent = headers["if-none-match"];
  if (sent === undefined || headers["if-modified-since"] !== undefined) return false;
  if (/(?:^|,)\s*no-cache\s*(?:,|$)/.test(headers["cache-control"] ?? "")) return false;
  if (sent === "*") return true;
  return sent.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
