import { randomUUID } from "node:crypto";
import type { RunningAttempt } from "../remote/index.ts";
import type { CreateOptions } from "../store/object-store.ts";
import type { GcsBody, SendRequest } from "./connection.ts";
import type { GcsSettings } from "./options.ts";
import { GcsFailure } from "./failure.ts";
import { drain, type GcsReply, readFailure } from "./reply.ts";
import type { Source } from "./source.ts";

/** One new object. */
export interface Upload {
  readonly key: string;
  /** In the bucket. */
  readonly name: string;
  readonly source: Source;
  readonly options: CreateOptions;
}

/** One attempt. The answer says that the object was created (200), that one exists (412), or what is wrong. */
export type UploadAttempt = (attempt: RunningAttempt) => Promise<GcsReply>;

const DEFAULT_TYPE = "application/octet-stream";

/** Describes the object, with what the service is to check. `no-transform`: bytes are served as they are stored. */
function resource({ name, source, options }: Upload, settings: GcsSettings): string {
  return JSON.stringify({
    name,
    contentType: options.contentType ?? DEFAULT_TYPE,
    cacheControl: "no-transform",
    metadata: { ...settings.metadata, ...options.metadata },
    ...(settings.storageClass === undefined ? {} : { storageClass: settings.storageClass }),
    ...source.checksum,
  });
}

/** `ifGenerationMatch=0`: only if there is none (https://cloud.google.com/storage/docs/request-preconditions). */
function insertUrl(uploadType: "multipart" | "resumable", settings: GcsSettings): string {
  const query = new URLSearchParams({
    uploadType,
    ifGenerationMatch: "0",
    fields: "name,size,md5Hash,crc32c",
  });
  if (settings.kmsKey !== undefined) query.set("kmsKeyName", settings.kmsKey);
  if (settings.userProject !== undefined) query.set("userProject", settings.userProject);
  return `/upload/storage/v1/b/${encodeURIComponent(settings.bucket)}/o?${query}`;
}

/** Description and bytes in one request. */
export function simpleUpload(send: SendRequest, upload: Upload, settings: GcsSettings): UploadAttempt {
  const { source, options } = upload;
  const bytes = bytesOf(upload, settings);
  return ({ number, renew }) => {
    const boundary = randomUUID();
    const head = Buffer.from(
      `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${resource(upload, settings)}\r\n` +
        `--${boundary}\r\nContent-Type: ${options.contentType ?? DEFAULT_TYPE}\r\n\r\n`,
    );
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
    return send({
      method: "POST",
      url: insertUrl("multipart", settings),
      headers: { "content-type": `multipart/related; boundary=${boundary}` },
      body: {
        bytes: head.byteLength + source.bytes + tail.byteLength,
        async *read() {
          yield head;
          yield* bytes(0, renew).read();
          yield tail;
        },
      },
      signal: options.signal,
      patience: number,
    });
  };
}

/**
 * The bytes in a session of their own, in one streamed request as the documentation advises, since the source can be
 * read again from anywhere: a request that fails half-way is followed by the question how much has arrived. A session
 * that nobody ends is not visible in the bucket, and expires after a week.
 *
 * @see https://cloud.google.com/storage/docs/resumable-uploads
 * @see https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
export function resumableUpload(send: SendRequest, upload: Upload, settings: GcsSettings): UploadAttempt {
  const { key, source, options } = upload;
  const { signal } = options;
  const type = options.contentType ?? DEFAULT_TYPE;
  const bytes = bytesOf(upload, settings);
  let session: string | undefined;
  let reached = 0;
  let patience = 0;

  function begin(): Promise<GcsReply> {
    return send({
      method: "POST",
      url: insertUrl("resumable", settings),
      headers: {
        "content-type": "application/json; charset=UTF-8",
        "x-upload-content-type": type,
        "x-upload-content-length": String(source.bytes),
      },
      body: textBody(resource(upload, settings)),
      signal,
    });
  }

  /** How many bytes have arrived; the answer itself if they were all; nothing if the session is no more. */
  async function progress(url: string): Promise<number | GcsReply | undefined> {
    const headers = { "content-range": `bytes */${source.bytes}` };
    const answer = await send({ method: "PUT", url, headers, signal });
    const { status } = answer;
    if (status === 308) {
      const arrived = /^bytes=0-(\d+)$/.exec(answer.headers.get("range") ?? "")?.[1];
      await drain(answer);
      const next = arrived === undefined ? 0 : Number(arrived) + 1;
      return next < source.bytes ? next : undefined;
    }
    if (status < 300 || status === 412) return answer;
    const failure = await readFailure(answer);
    if (isOver(status)) return undefined;
    throw failure;
  }

  return async ({ renew }) => {
    const arrived = session === undefined ? undefined : await progress(session);
    if (typeof arrived === "object") return arrived;
    if (session === undefined || arrived === undefined) {
      session = undefined;
      const answer = await begin();
      const location = answer.headers.get("location");
      if (answer.status >= 300 || location === null) return answer;
      await drain(answer);
      session = location;
      await settings.checkpoint(`begun ${key}`);
    }
    const from = arrived ?? 0;
    patience = from > reached ? 1 : patience + 1;
    reached = Math.max(reached, from);
    const answer = await send({
      method: "PUT",
      url: session,
      headers: {
        "content-type": type,
        "content-range": `bytes ${from}-${source.bytes - 1}/${source.bytes}`,
      },
      body: bytes(from, renew),
      signal,
      patience,
    });
    const { status } = answer;
    if (isOver(status)) session = undefined;
    if (status !== 308 && status !== 404 && status !== 410) return answer;
    await drain(answer);
    const what = status === 308 ? "not all bytes have arrived" : "the upload session is gone";
    throw new GcsFailure(`${what} (HTTP ${status})`, { step: "network", code: "SESSION" });
  };
}

/** The session has ended: with an object, or because the service will have no more of it. */
function isOver(status: number): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 408 && status !== 429;
}

/** The object's bytes from an offset on. Bytes that no attempt has sent before renew the deadline. */
function bytesOf(
  { key, source }: Upload,
  { checkpoint }: GcsSettings,
): (from: number, renew: () => void) => GcsBody {
  let furthest = 0;
  return (from, renew) => ({
    bytes: source.bytes - from,
    async *read() {
      let at = from;
      for await (const chunk of source.read(from)) {
        const half = at < source.bytes / 2 && at + chunk.byteLength >= source.bytes / 2;
        at += chunk.byteLength;
        if (at > furthest) {
          furthest = at;
          renew();
        }
        yield chunk;
        if (half) await checkpoint(`half ${key}`);
      }
    },
  });
}

function textBody(text: string): GcsBody {
  const bytes = Buffer.from(text);
  return {
    bytes: bytes.byteLength,
    async *read() {
      yield bytes;
    },
  };
}
