import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { EtlError } from "@spacex-etl/contracts";
import type { ObjectBody, ObjectStore } from "./object-store.ts";

/** Manifests are the only objects that are read whole; none of ours comes near this size. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

/** The whole object, or undefined if there is none. One request: what is not there is known by its error. */
export async function readObject(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of store.get(key, { signal })) {
      bytes += chunk.byteLength;
      if (bytes > MAX_DOCUMENT_BYTES) throw tooLarge(store, key);
      chunks.push(chunk);
    }
  } catch (error) {
    if (EtlError.isInstance(error) && error.code === "OBJECT_NOT_FOUND") return undefined;
    throw error;
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(store: ObjectStore, key: string): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "DOCUMENT_TOO_LARGE",
    message: `${key} in ${store.url} has more than ${MAX_DOCUMENT_BYTES} bytes; no document of a lake is that large.`,
    hint: "Run `spacex-etl verify`.",
  });
}

export interface ContentHash {
  readonly sha256: string;
  readonly bytes: number;
}

export async function hashStream(chunks: AsyncIterable<Uint8Array>): Promise<ContentHash> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest("hex"), bytes };
}

export async function hashBody(body: ObjectBody): Promise<ContentHash> {
  if (!(body instanceof Uint8Array)) {
    return hashStream(createReadStream(body.file, { highWaterMark: 1 << 20 }));
  }
  return { sha256: createHash("sha256").update(body).digest("hex"), bytes: body.byteLength };
}

/**
 * Reads the object and compares it with what a manifest says.
 *
 * @throws EtlError of kind `integrity` that names the object.
 */
export async function verifyObject(
  store: ObjectStore,
  expected: { readonly path: string; readonly bytes: number; readonly sha256: string },
  signal?: AbortSignal,
): Promise<void> {
  const actual = await hashStream(store.get(expected.path, { signal }));
  if (actual.bytes === expected.bytes && actual.sha256 === expected.sha256) return;
  throw checksumError(store, expected, actual);
}

/**
 * Copies the object to a new local file and compares what went through with what a manifest says.
 *
 * @throws EtlError of kind `integrity` that names the object; the file is then to be removed.
 */
export async function copyObject(
  store: ObjectStore,
  expected: { readonly path: string; readonly bytes: number; readonly sha256: string },
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  async function* observed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.get(expected.path, { signal })) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      yield chunk;
    }
  }
  try {
    await pipeline(
      observed(),
      createWriteStream(file, { flags: "wx" }),
      signal === undefined ? {} : { signal },
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw workFolderError(error);
  }
  const actual = { sha256: hash.digest("hex"), bytes };
  if (actual.bytes !== expected.bytes || actual.sha256 !== expected.sha256) {
    throw checksumError(store, expected, actual);
  }
}

function checksumError(
  store: ObjectStore,
  expected: { readonly path: string; readonly bytes: number; readonly sha256: string },
  actual: ContentHash,
): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "PART_CHECKSUM",
    message:
      `${expected.path} in ${store.url} is not what its manifest says: ` +
      `${actual.bytes} bytes with sha256 ${actual.sha256}, expected ${expected.bytes} with ${expected.sha256}.`,
    hint: "The object was changed or damaged. Restore it, or delete it and run again under a new run id.",
    details: { path: expected.path },
  });
}

/** What the file system said about a folder for temporary files; any error that is not its own comes back as it is. */
export function workFolderError(error: unknown): unknown {
  if (EtlError.isInstance(error) || !(error instanceof Error) || !("syscall" in error)) return error;
  return new EtlError({
    kind: "destination",
    code: "WORK_FOLDER",
    message: `Cannot use the folder for temporary files: ${error.message}`,
    hint: "Free some space there, or choose another folder with TMPDIR, and run the same command again.",
    cause: error,
  });
}
