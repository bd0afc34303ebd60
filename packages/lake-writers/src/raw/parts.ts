import { type Checkpoint, type RawPart, sha256Hex } from "@spacex-etl/contracts";
import { rawPartKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { isThere, storeObject } from "../store/objects.ts";
import { compress, type Compression, extensionOf } from "./compression.ts";
import { type PartLines, partLines } from "./part-lines.ts";
import type { RecordText } from "./record-text.ts";
import type { Slots } from "./slots.ts";

export interface PartWriterOptions {
  readonly store: ObjectStore;
  readonly at: { readonly source: string; readonly collection: string; readonly runId: string };
  readonly compression: Compression;
  /** A part closes with the record that reaches this many bytes before compression. */
  readonly partBytes: number;
  /** Parts of an earlier run; one with the same content is referenced instead of written. */
  readonly previous: readonly RawPart[];
  readonly slots: Slots;
  /** Hears of every part that the store has, in their order. */
  readonly onPart?: ((part: RawPart, sequence: number) => void) | undefined;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal | undefined;
}

export interface PartWriter {
  /** In all parts; those that are held count. */
  readonly records: number;
  /** Of the lines of all records. */
  readonly contentBytes: number;
  /** The part that is being filled. */
  readonly filling: Pick<PartLines, "length" | "rows" | "held">;
  /** Parts that were closed. */
  readonly closed: number;
  /** Copies a record that was read; waits when too many parts are on their way to the store. */
  add(
    bytes: Uint8Array,
    start: number,
    end: number,
    key: string,
    mayHaveLineBreaks?: boolean,
  ): Promise<void> | undefined;
  /** Copies a record without a line break that is read later, if ever. True if the part is then full. */
  hold(bytes: Uint8Array, start: number, end: number): boolean;
  /** Reads what is held; a record that gets no key is dropped. True if the part is full still. */
  readHeld(read: (records: RecordText, start: number, end: number) => string | undefined): boolean;
  /** The held records as lines, if the part that is being filled has exactly the content of an earlier run's part. */
  heldOf(earlier: RawPart): Buffer | undefined;
  /** @param as an earlier part of the same content, which then gives its keys */
  close(as?: RawPart): Promise<void>;
  /** What is held must have been read, or closed as an earlier part. */
  finish(): Promise<RawPart[]>;
  /** Waits for what is under way, so that nothing writes after a failure. */
  abandon(): Promise<void>;
}

/** Cuts a stream of records into parts by position alone, so that the same records give the same parts. */
export function partWriter(options: PartWriterOptions): PartWriter {
  const { partBytes, slots } = options;
  const previousByContent = new Map(options.previous.map((part) => [part.contentSha256, part]));
  const pending: Promise<RawPart>[] = [];
  let heard: Promise<unknown> = Promise.resolve();
  const lines = partLines(partBytes, slots);
  let closedRecords = 0;
  let closedBytes = 0;
  let failed = false;

  async function close(as?: RawPart): Promise<void> {
    const draft: Draft = {
      content: lines.content(),
      contentSha256: as?.contentSha256,
      rows: lines.rows,
      firstKey: as?.firstKey ?? lines.firstKey,
      lastKey: as?.lastKey ?? lines.lastKey,
      sequence: pending.length,
    };
    const release = await slots.acquire();
    closedRecords += lines.rows;
    closedBytes += lines.length;
    const stored = store(draft, lines.handOver(), release);
    stored.catch(() => (failed = true));
    pending.push(stored);
    // Parts arrive in any order; whoever hears of them hears of the earlier ones first.
    heard = Promise.all([stored, heard]).then(([part]) => options.onPart?.(part, draft.sequence));
    heard.catch(() => undefined);
    if (failed) await Promise.all(pending);
  }

  /** @param giveBuffer called as soon as the draft's content is not needed any more */
  async function store(draft: Draft, giveBuffer: () => void, release: () => void): Promise<RawPart> {
    let arrived: (() => void) | undefined;
    try {
      const { part, body } = await makeReady(options, previousByContent, draft).finally(giveBuffer);
      if (body === undefined) return part;
      // Whoever is next is made ready only now, so that one compressed part at most waits for its turn.
      arrived = await slots.acquireUpload(body.byteLength);
      release();
      const { at, checkpoint, signal } = options;
      const metadata = { "run-id": at.runId, collection: at.collection };
      await storeObject(options.store, part, body, { metadata, checkpoint, signal });
      return part;
    } finally {
      if (arrived === undefined) release();
      arrived?.();
    }
  }

  return {
    get records() {
      return closedRecords + lines.rows;
    },
    get contentBytes() {
      return closedBytes + lines.length;
    },
    filling: lines,
    get closed() {
      return pending.length;
    },
    add(bytes, start, end, key, mayHaveLineBreaks = true) {
      lines.add(bytes, start, end, key, mayHaveLineBreaks);
      return lines.length >= partBytes ? close() : undefined;
    },
    hold(bytes, start, end) {
      lines.hold(bytes, start, end);
      return lines.length >= partBytes;
    },
    readHeld(read) {
      lines.readHeld(read);
      return lines.length >= partBytes;
    },
    heldOf(earlier) {
      if (earlier.rows !== lines.rows || earlier.contentBytes !== lines.length) return undefined;
      const content = lines.content();
      return sha256Hex(content) === earlier.contentSha256
        ? content.subarray(content.length - lines.held)
        : undefined;
    },
    close,
    async finish() {
      if (lines.rows > 0) await close();
      const parts = await Promise.all(pending);
      await heard;
      return parts;
    },
    async abandon() {
      await Promise.allSettled(pending);
    },
  };
}

/** A part that was closed. */
interface Draft {
  readonly content: Uint8Array;
  /** Computed if it is not known. */
  readonly contentSha256: string | undefined;
  readonly rows: number;
  readonly firstKey: string;
  readonly lastKey: string;
  readonly sequence: number;
}

/** The entry of a part, with the object's body unless an earlier run's object is the same. */
async function makeReady(
  options: PartWriterOptions,
  previous: ReadonlyMap<string, RawPart>,
  draft: Draft,
): Promise<{ readonly part: RawPart; readonly body?: Uint8Array }> {
  const contentSha256 = draft.contentSha256 ?? sha256Hex(draft.content);
  const same = previous.get(contentSha256);
  if (same !== undefined && (await isThere(options.store, same, options.signal))) {
    // Its keys may have been read from another field then.
    return { part: { ...same, firstKey: draft.firstKey, lastKey: draft.lastKey } };
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
  return { part, body };
}
