import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { shrunk } from "../remote/index.ts";
import type { ObjectBody } from "../store/object-store.ts";
import { hashBody, workFolderError } from "../store/read.ts";

/** Handed to the socket piece by piece, so that it can be seen whether bytes still go. */
const PIECE_BYTES = 64 * 1024;
const FILE_PIECE_BYTES = 256 * 1024;

/** A SHA-256 in the two forms that S3 takes it in. */
export interface Digest {
  readonly hex: string;
  readonly base64: string;
}

export function digestOf(hex: string): Digest {
  return { hex, base64: Buffer.from(hex, "hex").toString("base64") };
}

export function digestOfBytes(bytes: Uint8Array): Digest {
  return digestOf(createHash("sha256").update(bytes).digest("hex"));
}

/** S3's checksum of an object in parts: of the parts' digests, and their count. */
export function compositeOf(parts: readonly Digest[]): string {
  const hash = createHash("sha256");
  for (const { hex } of parts) hash.update(hex, "hex");
  return `${hash.digest("base64")}-${parts.length}`;
}

export async function sizeOf(body: ObjectBody): Promise<number> {
  if (body instanceof Uint8Array) return body.byteLength;
  return (await stat(body.file).catch(unreadable)).size;
}

/** That which the caller knows, else computed: a file is then read twice. */
export async function digestOfBody(body: ObjectBody, known: string | undefined): Promise<Digest> {
  return digestOf(known ?? (await hashBody(body).catch(unreadable)).sha256);
}

function unreadable(error: unknown): never {
  throw workFolderError(error);
}

/** One sending of a body. */
export interface Sending {
  readonly body: Uint8Array | Readable;
  /** The outcome of the request, or why the body could not be read. Closes the body. */
  finish<T>(request: Promise<T>): Promise<T>;
}

/**
 * A file that ends before the bytes that were announced fails at once: the server would wait for the rest.
 *
 * @param touch called for every piece that is taken
 */
export function sending(body: ObjectBody, bytes: number, touch: () => void): Sending {
  if (bytes === 0) return { body: new Uint8Array(), finish: (request) => request };
  if (body instanceof Uint8Array && bytes <= PIECE_BYTES) return { body, finish: (request) => request };
  let left = bytes;
  const stream =
    body instanceof Uint8Array
      ? Readable.from(pieces(body, touch), { objectMode: false, highWaterMark: PIECE_BYTES })
      : // Not a byte more than was announced, should the file grow.
        createReadStream(body.file, { highWaterMark: FILE_PIECE_BYTES, end: bytes - 1 })
          .on("data", (piece) => {
            left -= piece.length;
            touch();
          })
          .pause();
  // A stream's failure does not reach the request that it is piped to.
  const broken = new Promise<never>((_, reject) => {
    stream.once("error", (error: Error) => reject(workFolderError(error) as Error));
    if (!(body instanceof Uint8Array))
      stream.once("end", () => {
        if (left > 0) reject(shrunk(body.file));
      });
  });
  broken.catch(() => undefined);
  return {
    body: stream,
    finish: (request) => Promise.race([request, broken]).finally(() => stream.destroy()),
  };
}

function* pieces(bytes: Uint8Array, touch: () => void): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
    touch();
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}
