import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { invalid } from "./api-error.ts";

/** A request of the API, its body read. */
export interface ApiRequest {
  readonly method: string;
  /** After `/bigquery/v2/projects/{project}`; of an upload `/upload/jobs`. */
  readonly path: string;
  readonly projectId: string;
  readonly query: URLSearchParams;
  readonly ifMatch: string | undefined;
  /** JSON as it came. */
  readonly text: string;
  readonly body: unknown;
  /** The file of an upload. */
  readonly upload: Buffer | null;
}

const PATH = /^(\/upload)?\/bigquery\/v2\/projects\/([^/]+)(\/.*)$/;

/** @throws ApiError 400 for another address or a body that cannot be read. */
export async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const bytes = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
  const match = PATH.exec(url.pathname);
  if (match === null) throw invalid(`No such path in this double: ${url.pathname}`);
  const uploading = match[1] !== undefined;
  const { text, upload } = uploading
    ? multipart(bytes, incoming.headers["content-type"] ?? "", url.searchParams)
    : { text: bytes.toString("utf8"), upload: null };
  return {
    method: incoming.method ?? "GET",
    path: `${uploading ? "/upload" : ""}${match[3]!}`,
    projectId: decodeURIComponent(match[2]!),
    query: url.searchParams,
    ifMatch: incoming.headers["if-match"],
    text,
    body: text === "" ? undefined : json(text),
    upload,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid("Parse Error: the body is no JSON");
  }
}

/** `multipart/related` of metadata and bytes: the one way in which the Node client uploads. */
function multipart(
  bytes: Buffer,
  type: string,
  query: URLSearchParams,
): { readonly text: string; readonly upload: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (query.get("uploadType") !== "multipart" || boundary === undefined) {
    throw invalid("This double takes uploads of uploadType=multipart only");
  }
  const mark = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start = bytes.indexOf(mark);
  for (
    let end = bytes.indexOf(mark, start + mark.length);
    start !== -1 && end !== -1;
    end = bytes.indexOf(mark, start + mark.length)
  ) {
    const part = bytes.subarray(start + mark.length, end);
    const head = part.indexOf("\r\n\r\n");
    if (head !== -1) parts.push(part.subarray(head + 4, part.length - 2));
    start = end;
  }
  const [metadata, file, more] = parts;
  if (metadata === undefined || file === undefined || more !== undefined)
    throw invalid("An upload has two parts");
  return { text: metadata.toString("utf8"), upload: Buffer.from(file) };
}
