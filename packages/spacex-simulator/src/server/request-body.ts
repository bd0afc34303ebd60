import type { IncomingMessage } from "node:http";

const LIMIT_BYTES = 1024 * 1024;
const JSON_TYPES = ["application/json", "application/json-patch+json", "application/vnd.api+json"];
const FORM_TYPE = "application/x-www-form-urlencoded";

export type RequestBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 413; readonly text: string };

/**
 * Reads and parses a request's body as the API does: JSON and forms only; a body of another type, or of none, counts as
 * empty. What is over 1 MB is read to its end and thrown away, so that the client gets to see the 413.
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const parsed = JSON_TYPES.includes(type) || type === FORM_TYPE;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (parsed && size <= LIMIT_BYTES) parts.push(part);
  }
  if (!parsed || size === 0) return { ok: true, value: {} };
  if (size > LIMIT_BYTES) return { ok: false, status: 413, text: "request entity too large" };
  const text = Buffer.concat(parts).toString();
  return type === FORM_TYPE ? { ok: true, value: parseForm(text) } : parseStrictJson(text);
}

function parseStrictJson(text: string): RequestBody {
  if (!/^[ \t\n\r]*[[{]/.test(text)) {
    return { ok: false, status: 400, text: "invalid JSON, only supports object and array" };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, status: 400, text: error instanceof Error ? error.message : String(error) };
  }
}

/** `query[name]=x&options[limit]=2` as an object. */
function parseForm(text: string): Record<string, unknown> {
  const root = emptyObject();
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = [
      name.split("[", 1)[0] ?? "",
      ...Array.from(name.matchAll(/\[([^\]]*)\]/g), (match) => match[1] ?? ""),
    ];
    let node = root;
    for (const key of keys.slice(0, -1)) {
      const next = node[key];
      node = typeof next === "object" && next !== null ? (next as typeof root) : (node[key] = emptyObject());
    }
    node[keys.at(-1) ?? ""] = value;
  }
  return root;
}

/** Without a prototype, so that no key means anything else than itself. */
function emptyObject(): Record<string, Record<string, unknown> | unknown> & Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
