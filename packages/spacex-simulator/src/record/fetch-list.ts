import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { EtlError } from "@spacex-etl/contracts/errors";
import { recordBatches } from "@spacex-etl/spacex-client";
import { AttemptError, failureOfStatus, folderError, sourceError } from "./errors.ts";

export interface FetchListOptions {
  readonly url: string;
  readonly shape: "array" | "object";
  /** Where the body goes; the file is whole and synced when the result says `recorded`. */
  readonly file: string;
  readonly ifNoneMatch: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Longest wait for headers, and for further bytes. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export type FetchedList =
  | {
      readonly status: "recorded";
      readonly etag: string | null;
      readonly sha256: string;
      readonly bytes: number;
      readonly records: number;
    }
  | { readonly status: "unchanged" }
  | { readonly status: "absent" };

/**
 * One attempt to save one list. The body goes to the file as it arrives, and is checked on the way: content length,
 * every record JSON, and the SHA-1 in the API's own form of ETag.
 *
 * @throws AttemptError for what the API did, EtlError for what the disk did, the signal's reason if it is aborted.
 */
export async function fetchList(options: FetchListOptions): Promise<FetchedList> {
  const { url, signal } = options;
  const watchdog = startWatchdog(options.timeoutMs);
  const combined = signal === undefined ? watchdog.signal : AbortSignal.any([signal, watchdog.signal]);
  try {
    const response = await options.fetch(url, {
      headers: {
        accept: "application/json",
        // The bytes of the body are the recording: no compression on the way.
        "accept-encoding": "identity",
        "user-agent": "spacex-etl",
        // Without it fetch sends no-cache beside If-None-Match, and the API never answers 304.
        ...(options.ifNoneMatch === undefined
          ? {}
          : { "if-none-match": options.ifNoneMatch, "cache-control": "max-age=0" }),
      },
      signal: combined,
    });
    watchdog.touch();
    return await answered(options, response, watchdog.touch);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AttemptError || EtlError.isInstance(error)) throw error;
    const reason = watchdog.signal.aborted ? `nothing came for ${options.timeoutMs} ms` : reasonOf(error);
    throw new AttemptError(
      sourceError("source", "SOURCE_UNREACHABLE", `GET ${url} failed: ${reason}.`, { cause: error }),
    );
  } finally {
    watchdog.stop();
  }
}

async function answered(
  options: FetchListOptions,
  response: Response,
  touch: () => void,
): Promise<FetchedList> {
  const { url } = options;
  if (response.status === 304 && options.ifNoneMatch !== undefined) return { status: "unchanged" };
  const isHtml = /\bhtml\b/i.test(response.headers.get("content-type") ?? "");
  if (response.status !== 200 || isHtml) {
    const text = (await response.text().catch(() => "")).trim();
    if (response.status === 404 && !isHtml) return { status: "absent" };
    throw new AttemptError(
      failureOfStatus(url, response.status, text, isHtml || text.startsWith("<")),
      retryAfterMs(response.headers),
    );
  }
  return await saved(options, response, touch);
}

async function saved(options: FetchListOptions, response: Response, touch: () => void): Promise<FetchedList> {
  const { url, file, shape, signal } = options;
  const handle = await open(file, "wx").catch((error: unknown) => {
    throw folderError(error, file);
  });
  try {
    const body = checkedBody(response, handle, file, touch);
    let records = 0;
    const utf8 = new TextDecoder("utf-8", { fatal: true });
    for await (const { bytes, offsets } of recordBatches(body.chunks(), { shape, from: `GET ${url}` })) {
      for (let at = 0; at < offsets.length; at += 2) {
        JSON.parse(utf8.decode(bytes.subarray(offsets[at], offsets[at + 1])));
        records++;
      }
    }
    const { bytes, sha1, sha256 } = body.sums();
    assertWhole(url, response.headers, bytes, sha1);
    await handle.sync().catch((error: unknown) => {
      throw folderError(error, file);
    });
    await handle.close();
    return { status: "recorded", etag: response.headers.get("etag"), sha256, bytes, records };
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    if (!isOfBody(error)) throw error;
    throw notWhole(url, reasonOf(error), error);
  }
}

/** A connection that broke (TypeError, DOMException), bytes that are no UTF-8 or no JSON, or no list of records. */
function isOfBody(error: unknown): boolean {
  if (EtlError.isInstance(error)) return error.kind === "source";
  return error instanceof SyntaxError || error instanceof TypeError || error instanceof DOMException;
}

function notWhole(url: string, reason: string, cause?: unknown): AttemptError {
  const message = `The answer to GET ${url} did not arrive whole: ${reason}.`;
  return new AttemptError(sourceError("source", "SOURCE_INTERRUPTED", message, { cause }));
}

/** Writes and hashes the chunks of a body on their way to who reads them. */
function checkedBody(response: Response, handle: FileHandle, file: string, touch: () => void) {
  const [sha1, sha256] = [createHash("sha1"), createHash("sha256")];
  let bytes = 0;
  return {
    async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        touch();
        bytes += chunk.length;
        sha1.update(chunk);
        sha256.update(chunk);
        try {
          for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
        } catch (error) {
          throw folderError(error, file);
        }
        yield chunk;
      }
    },
    sums: () => ({ bytes, sha1: sha1.digest("base64").slice(0, 27), sha256: sha256.digest("hex") }),
  };
}

function assertWhole(url: string, headers: Headers, bytes: number, sha1: string): void {
  const length = headers.get("content-length");
  // What was compressed after all arrives unpacked.
  if (length !== null && headers.get("content-encoding") === null && Number(length) !== bytes) {
    throw notWhole(url, `${bytes} bytes came of the ${length} that were announced`);
  }
  const own = /^"([0-9a-f]+)-([A-Za-z0-9+/]{27})"$/.exec(headers.get("etag") ?? "");
  if (own !== null && (Number.parseInt(own[1] ?? "", 16) !== bytes || own[2] !== sha1)) {
    throw notWhole(url, `its ${bytes} bytes are not those of its ETag ${own[0]}`);
  }
}

function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(headers.get("date") ?? "");
  return Math.max(0, until - (Number.isNaN(sent) ? Date.now() : sent));
}

/** Aborts when it was not touched for some time. */
function startWatchdog(timeoutMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  return { signal: controller.signal, touch: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

/** The innermost message, which says most: fetch only says "fetch failed". */
function reasonOf(error: unknown): string {
  let current = error;
  let text = String(error);
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current.message !== "") text = current.message;
    else if ("code" in current) text = String(current.code);
    current = current.cause;
  }
  return text.replace(/\.$/, "");
}
