import type { RecordBatch } from "@spacex-etl/contracts";
import { notAnObject, notTheShape, tooLarge, trailingBytes, truncated } from "./problems.ts";
import { newScanState, scanRecord, type ScanState, skipWhiteSpace } from "./scan-state.ts";

/** What the bytes are, and where they come from. */
export interface RecordBatchesOptions {
  /** `array`: a JSON array of objects. `object`: one JSON object. */
  readonly shape: "array" | "object";
  /** Where the bytes come from, for messages: `GET https://api.example.com/v5/launches`. */
  readonly from: string;
  /**
   * Greatest size of one record in bytes, which also bounds the memory in use.
   * @default 16 MiB
   */
  readonly maxRecordBytes?: number | undefined;
}

export const DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024;

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/**
 * Cuts a JSON text into its records while it streams, without parsing it: each record is the slice from its `{` to its
 * `}`. Offsets point into the chunk itself; only a record that lies across chunks is copied. A batch is valid until the
 * next one is asked for.
 *
 * It checks what lies between the records. What is inside of one (escapes, numbers, UTF-8) is checked by whoever parses
 * it: if every slice is JSON, the whole text is.
 *
 * @throws EtlError of kind `source`: `SOURCE_NOT_JSON`, `SOURCE_SHAPE`, `SOURCE_NOT_AN_OBJECT`, `SOURCE_TRUNCATED`,
 *   `SOURCE_TRAILING_BYTES`, `SOURCE_RECORD_TOO_LARGE`.
 */
export async function* recordBatches(
  chunks: AsyncIterable<Uint8Array>,
  options: RecordBatchesOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const limit = options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES;
  const state = newScanState();
  const straddling = newPending();
  let consumed = 0;
  for await (const chunk of chunks) {
    let position = 0;
    if (state.phase === "record") {
      const end = scanRecord(state, chunk, 0);
      const taken = end === -1 ? chunk.length : end;
      if (straddling.length + taken > limit)
        throw tooLarge(options.from, consumed - straddling.length, limit);
      append(straddling, chunk.subarray(0, taken));
      if (end !== -1) {
        state.phase = options.shape === "array" ? "between" : "end";
        position = end;
        const length = straddling.length;
        straddling.length = 0;
        yield { bytes: straddling.bytes.subarray(0, length), offsets: [0, length] };
      }
    }
    const offsets: number[] = [];
    position = scanChunk(state, chunk, position, offsets, options, consumed, limit);
    if (offsets.length > 0) yield { bytes: chunk, offsets };
    // Only now: the batch before may still point into the buffer that this overwrites.
    if (state.phase === "record" && position < chunk.length) append(straddling, chunk.subarray(position));
    consumed += chunk.length;
  }
  if (state.phase !== "end") throw truncated(options.from, consumed, state.phase);
}

/** Notes the records that end in this chunk; returns where one begins that does not, or the chunk's length. */
function scanChunk(
  state: ScanState,
  chunk: Uint8Array,
  from: number,
  offsets: number[],
  options: RecordBatchesOptions,
  consumed: number,
  limit: number,
): number {
  let position = from;
  if (state.phase === "record") return chunk.length;
  for (;;) {
    position = skipWhiteSpace(chunk, position);
    if (position >= chunk.length) return chunk.length;
    const byte = chunk[position]!;
    switch (state.phase) {
      case "start":
        if (byte !== (options.shape === "array" ? OPEN_BRACKET : OPEN_BRACE))
          throw notTheShape(options, chunk, position);
        if (options.shape === "array") {
          state.phase = "first";
          position++;
          continue;
        }
        break;
      case "first":
      case "next":
        if (byte === CLOSE_BRACKET && state.phase === "first") {
          state.phase = "end";
          position++;
          continue;
        }
        if (byte !== OPEN_BRACE) throw notAnObject(options.from, chunk, position, consumed);
        break;
      case "between":
        if (byte !== COMMA && byte !== CLOSE_BRACKET)
          throw trailingBytes(options.from, chunk, position, consumed);
        state.phase = byte === COMMA ? "next" : "end";
        position++;
        continue;
      default:
        throw trailingBytes(options.from, chunk, position, consumed);
    }
    state.phase = "record";
    const end = scanRecord(state, chunk, position);
    if ((end === -1 ? chunk.length : end) - position > limit)
      throw tooLarge(options.from, consumed + position, limit);
    if (end === -1) return position;
    offsets.push(position, end);
    state.phase = options.shape === "array" ? "between" : "end";
    position = end;
  }
}

interface Pending {
  bytes: Uint8Array;
  length: number;
}

function newPending(): Pending {
  return { bytes: new Uint8Array(4096), length: 0 };
}

function append(pending: Pending, piece: Uint8Array): void {
  const length = pending.length + piece.length;
  if (length > pending.bytes.length) {
    const grown = new Uint8Array(Math.max(length, pending.bytes.length * 2));
    grown.set(pending.bytes.subarray(0, pending.length));
    pending.bytes = grown;
  }
  pending.bytes.set(piece, pending.length);
  pending.length = length;
}
