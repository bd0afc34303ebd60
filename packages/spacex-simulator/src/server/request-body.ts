import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, unzip } from "node:zlib";
import { parseForm } from "./form.ts";
import { parseBodyJson } from "./json-body.ts";

// The defaults of koa-bodyparser 4.3 and of what it is made of (co-body, raw-body, inflation).
const JSON_LIMIT_BYTES = 1024 * 1024;
const FORM_LIMIT_BYTES = 56 * 1024;
const JSON_TYPES = [
  "application/json",
  "application/json-patch+json",
  "application/vnd.api+json",
  "application/csp-report",
];
const FORM_TYPE = "application/x-www-form-urlencoded";

export type RequestBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 413 | 415 | 500; readonly text: string };

const TOO_LARGE: RequestBody = { ok: false, status: 413, text: "request entity too large" };

/**
 * Reads and parses a request's body as the API does: JSON and forms only, compressed or not; a body of another type, or
 * of none, counts as empty. What is too large (JSON over 1 MB, a form over 56 KB) is read to its end and thrown away, so
 * that the client gets to see the 413.
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const limit = JSON_TYPES.includes(type) ? JSON_LIMIT_BYTES : type === FORM_TYPE ? FORM_LIMIT_BYTES : 0;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size <= limit) parts.push(part);
  }
  if (limit === 0 || size === 0) return { ok: true, value: {} };
  if (size > limit) return TOO_LARGE;
  const bytes = await decoded(Buffer.concat(parts), request.headers["content-encoding"] ?? "identity", limit);
  if ("ok" in bytes) return bytes;
  const text = bytes.toString();
  return type === FORM_TYPE ? { ok: true, value: parseForm(text) } : parseBodyJson(text);
}

async function decoded(bytes: Buffer, encoding: string, limit: number): Promise<Buffer | RequestBody> {
  if (encoding === "identity") return bytes;
  const decompress =
    encoding === "gzip" || encoding === "deflate"
      ? promisify(unzip)
      : encoding === "br"
        ? promisify(brotliDecompress)
        : undefined;
  if (decompress === undefined)
    return { ok: false, status: 415, text: `Unsupported Content-Encoding: ${encoding}` };
  try {
    return (await decompress(bytes, { maxOutputLength: limit })) as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return TOO_LARGE;
    return { ok: false, status: 500, text: error instanceof Error ? error.message : String(error) };
  }
}
