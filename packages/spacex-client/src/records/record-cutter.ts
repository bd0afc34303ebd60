import type { RecordBatch } from "@spacex-etl/contracts";
import { notAnObject, notTheShape, tooLarge, trailingBytes, truncated } from "./problems.ts";
import { newScanState, scanRecord, skipWhiteSpace } from "./scan-state.ts";

/** What a JSON text must be. */
export interface CutterOptions {
  readonly shape: "array" | "object";
  /** Where it comes from, for messages. */
  readonly from: string;
  /** Greatest size of one record in bytes. */
  readonly limit: number;
}

/** Finds the records of a text that is given piece by piece. */
export interface RecordCutter {
  /** Bytes that were appended since the last cut. */
  readonly uncut: number;
  /** Copies a piece of the text. The batch before is gone then. */
  append(piece: Uint8Array): void;
  /** The records that end in what was appended since the last cut. */
  cut(): RecordBatch;
  /** @throws EtlError `SOURCE_TRUNCATED` if the text is not at its end. */
  end(): void;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** All pieces go through one buffer, which holds no more than a record that has not ended and the pieces after it. */
export function recordCutter({ shape, from, limit }: CutterOptions): RecordCutter {
  const state = newScanState();
  const afterRecord = shape === "array" ? "between" : "end";
  let buffer = new Uint8Array(0);
  let length = 0;
  let cutTo = 0;
  /** Where the record begins that has not ended, or `length`: what is before may go. */
  let kept = 0;
  /** Bytes of the text before those in the buffer. */
  let consumed = 0;

  function dropRead(): void {
    buffer.copyWithin(0, kept, length);
    consumed += kept;
    length -= kept;
    cutTo -= kept;
    kept = 0;
  }

  /** Notes the records that end here; returns where one begins that does not, or the text's length. */
  function scan(text: Uint8Array, offsets: number[]): number {
    let position = cutTo;
    if (state.phase === "record") {
      const end = scanRecord(state, text, position);
      if ((end === -1 ? text.length : end) > limit) throw tooLarge(from, consumed, limit);
      if (end === -1) return 0;
      offsets.push(0, end);
      state.phase = afterRecord;
      position = end;
    }
    for (;;) {
      position = skipWhiteSpace(text, position);
      if (position >= text.length) return text.length;
      const byte = text[position]!;
      switch (state.phase) {
        case "start":
          if (byte !== (shape === "array" ? OPEN_BRACKET : OPEN_BRACE))
            throw notTheShape({ shape, from }, text, position);
          if (shape === "array") {
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
          if (byte !== OPEN_BRACE) throw notAnObject(from, text, position, consumed);
          break;
        case "between":
          if (byte !== COMMA && byte !== CLOSE_BRACKET) throw trailingBytes(from, text, position, consumed);
          state.phase = byte === COMMA ? "next" : "end";
          position++;
          continue;
        default:
          throw trailingBytes(from, text, position, consumed);
      }
      state.phase = "record";
      const end = scanRecord(state, text, position);
      if ((end === -1 ? text.length : end) - position > limit)
        throw tooLarge(from, consumed + position, limit);
      if (end === -1) return position;
      offsets.push(position, end);
      state.phase = afterRecord;
      position = end;
    }
  }

  return {
    get uncut() {
      return length - cutTo;
    },
    append(piece) {
      if (kept > 0) dropRead();
      const needed = length + piece.length;
      if (needed > buffer.length) {
        const larger = new Uint8Array(Math.max(needed, buffer.length * 2));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(piece, length);
      length = needed;
    },
    cut() {
      // What is before is of the batch that was given: a record that has not ended begins at `kept`, not at 0.
      if (cutTo === length) return { bytes: buffer.subarray(0, 0), offsets: [] };
      const bytes = buffer.subarray(0, length);
      const offsets: number[] = [];
      kept = scan(bytes, offsets);
      cutTo = length;
      return { bytes, offsets };
    },
    end() {
      if (state.phase !== "end") throw truncated(from, consumed + length, state.phase);
    },
  };
}
