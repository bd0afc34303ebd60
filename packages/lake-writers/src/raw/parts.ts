import { type Checkpoint, type RawPart, sha256Hex } from "@spacex-etl/contracts";
import { rawPartKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { verifyObject } from "../store/read.ts";
import { compress, type Compression, extensionOf } from "./compression.ts";
import type { Slots } from "./slots.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** A small collection's buffer starts at this; a later one has this beyond `partBytes`, for the record that fills it. */
const BUFFER_MARGIN = 1 << 16;

export interface PartWriterOptions {
  readonly store: ObjectStore;
  readonly at: { readonly source: string; readonly collection: string; readonly runId: string };
  readonly compression: Compression;
  /** A part closes with the record that reaches this many bytes before compression. */
  readonly partBytes: number;
  /** Parts of an earlier run; one with the same content is referenced instead of written. */
  readonly previous: readonly RawPart[];
  readonly slots: Slots;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal | undefined;
}

export interface PartWriter {
  /** Copies the record; waits when too many parts are on their way to the store. */
  add(bytes: Uint8Array, start: number, end: number, key: string): Promise<void> | undefined;
  finish(): Promise<RawPart[]>;
  /** Waits for what is under way, so that nothing writes after a failure. */
  abandon(): Promise<void>;
}

/** Cuts a stream of records into parts by position alone, so that the same records give the same parts. */
export function partWriter(options: PartWriterOptions): PartWriter {
  const previousByContent = new Map(options.previous.map((part) => [part.contentSha256, part]));
  const pending: Promise<RawPart>[] = [];
  const fullBuffer = options.partBytes + BUFFER_MARGIN;
  let buffer: Buffer = Buffer.alloc(0);
  let nextBuffer = BUFFER_MARGIN;
  let length = 0;
  let rows = 0;
  let firstKey = "";
  let lastKey = "";
  let failed = false;

  async function close(): Promise<void> {
    const filled = buffer;
    const draft = { content: buffer.subarray(0, length), rows, firstKey, lastKey, sequence: pending.length };
    const release = await options.slots.acquire();
    const stored = storePart(options, previousByContent, draft).finally(() => {
      if (filled.length === fullBuffer) options.slots.giveBuffer(filled);
      release();
    });
    stored.catch(() => (failed = true));
    pending.push(stored);
    buffer = Buffer.alloc(0);
    nextBuffer = fullBuffer;
    length = 0;
    rows = 0;
    if (failed) await Promise.all(pending);
  }

  return {
    add(bytes, start, end, key) {
      const needed = length + (end - start) + 1;
      if (needed > buffer.length) {
        const size = Math.max(needed, Math.min(Math.max(nextBuffer, buffer.length * 2), fullBuffer));
        const larger = size === fullBuffer ? options.slots.takeBuffer(size) : Buffer.allocUnsafeSlow(size);
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes.subarray(start, end), length);
      flattenLines(buffer, length, length + end - start);
      length = needed;
      buffer[length - 1] = NEWLINE;
      if (rows === 0) firstKey = key;
      lastKey = key;
      rows++;
      return length >= options.partBytes ? close() : undefined;
    },
    async finish() {
      if (rows > 0) await close();
      return Promise.all(pending);
    },
    async abandon() {
      await Promise.allSettled(pending);
    },
  };
}

/** A line break inside valid JSON is white space between tokens; as a space it keeps one record on one line. */
function flattenLines(buffer: Buffer, start: number, end: number): void {
  const record = buffer.subarray(start, end);
  for (const breaking of [NEWLINE, CARRIAGE_RETURN]) {
    for (let at = record.indexOf(breaking); at !== -1; at = record.indexOf(breaking, at + 1))
      record[at] = SPACE;
  }
}

async function storePart(
  options: PartWriterOptions,
  previous: ReadonlyMap<string, RawPart>,
  draft: {
    readonly content: Uint8Array;
    readonly rows: number;
    readonly firstKey: string;
    readonly lastKey: string;
    readonly sequence: number;
  },
): Promise<RawPart> {
  const contentSha256 = sha256Hex(draft.content);
  const same = previous.get(contentSha256);
  if (same !== undefined && (await isThere(options.store, same))) {
    // Its keys may have been read from another field then.
    return { ...same, firstKey: draft.firstKey, lastKey: draft.lastKey };
  }

  const body = await compress(draft.content, options.compression);
  const sha256 = sha256Hex(body);
  const part: RawPart = {
    path: rawPartKey(options.at, draft.sequence, sha256, extensionOf(options.compression)),
    rows: draft.rows,
    bytes: body.byteLength,
    sha256,
    runId: options.at.runId,
    contentBytes: draft.content.byteLength,
    contentSha256,
    firstKey: draft.firstKey,
    lastKey: draft.lastKey,
  };
  await storeObject(options.store, part, body, options.checkpoint, options.signal);
  return part;
}

/** Whether an object of the right size is there; its hash is checked by whoever reads it. */
export async function isThere(
  store: ObjectStore,
  part: { readonly path: string; readonly bytes: number },
): Promise<boolean> {
  return (await store.head(part.path))?.bytes === part.bytes;
}

/** Creates an object that is named by its content; one that is there already is verified and used. */
export async function storeObject(
  store: ObjectStore,
  object: { readonly path: string; readonly bytes: number; readonly sha256: string },
  body: Uint8Array | { readonly file: string },
  checkpoint: Checkpoint,
  signal: AbortSignal | undefined,
): Promise<void> {
  await checkpoint(`before ${object.path}`);
  const outcome = await store.createIfAbsent(object.path, body, {
    contentType: object.path.endsWith(".parquet") ? "application/vnd.apache.parquet" : "application/x-ndjson",
    signal,
  });
  await checkpoint(`after ${object.path}`);
  if (outcome === "exists") await verifyObject(store, object, signal);
}
