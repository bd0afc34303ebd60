import { createHash } from "node:crypto";
import { EtlError, type RawPart } from "@spacex-etl/contracts";
import type { ObjectStore } from "../store/object-store.ts";
import { verifyObject } from "../store/read.ts";
import { compressionOf, decompress } from "./compression.ts";

export interface PartContent {
  readonly rows: number;
  readonly contentBytes: number;
  readonly contentSha256: string;
  /** Keys of the first and last record; undefined where they cannot be read. */
  readonly firstKey: string | undefined;
  readonly lastKey: string | undefined;
}

/**
 * Recomputes from a part's bytes what its manifest entry says, in one pass.
 *
 * @throws EtlError of kind `integrity` if the bytes are not those of the entry, else what the store throws.
 */
export async function readPartContent(
  store: ObjectStore,
  part: RawPart,
  keyField: string,
  signal?: AbortSignal,
): Promise<PartContent> {
  const stored = createHash("sha256");
  let bytes = 0;
  async function* observed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.get(part.path, { signal })) {
      stored.update(chunk);
      bytes += chunk.byteLength;
      yield chunk;
    }
  }
  try {
    const content = await contentOf(decompress(observed(), compressionOf(part.path)), keyField);
    // What follows the compressed content was not read, and so is missing here, too.
    if (bytes !== part.bytes || stored.digest("hex") !== part.sha256) await verifyObject(store, part, signal);
    return content;
  } catch (error) {
    signal?.throwIfAborted();
    // The store's own: it cannot be read a second time either.
    if (EtlError.isInstance(error)) throw error;
    // A wrong hash says more than what the decompressor met.
    await verifyObject(store, part, signal);
    throw error;
  }
}

async function contentOf(chunks: AsyncIterable<Uint8Array>, keyField: string): Promise<PartContent> {
  const hash = createHash("sha256");
  let rows = 0;
  let contentBytes = 0;
  let first: string | undefined;
  let line: Buffer[] = [];
  let last: Buffer[] = [];
  for await (const chunk of chunks) {
    hash.update(chunk);
    contentBytes += chunk.byteLength;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lastBreak = bytes.lastIndexOf(10);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      rows++;
      if (first === undefined || end === lastBreak) {
        last = [...line, bytes.subarray(start, end)];
        first ??= Buffer.concat(last).toString("utf8");
      }
      line = [];
      start = end + 1;
    }
    if (start < bytes.length) line.push(Buffer.from(bytes.subarray(start)));
    last = last.map((piece) => Buffer.from(piece));
  }
  return {
    rows,
    contentBytes,
    contentSha256: hash.digest("hex"),
    firstKey: keyIn(first, keyField),
    lastKey: keyIn(Buffer.concat(last).toString("utf8"), keyField),
  };
}

function keyIn(line: string | undefined, field: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(line ?? "null") as Record<string, unknown> | null)?.[field];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  } catch {
    return undefined;
  }
}
