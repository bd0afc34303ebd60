import { isAscii, isUtf8 } from "node:buffer";

/** Bytes that hold records, ready to give the text of each: made once for many records, because most hold only ASCII. */
export interface RecordText {
  readonly bytes: Uint8Array;
  /** The text from `start` to `end`, or undefined if the bytes are not valid UTF-8. */
  slice(start: number, end: number): string | undefined;
  /** False only if no record in it has an escape of the form `\uXXXX`. */
  readonly mayHaveEscapes: boolean;
}

const BACKSLASH_U = Buffer.from("\\u");
/** More than this does not become one text: it would be in memory twice, and a text has its limit. */
const MAX_SHARED_BYTES = 4 * 1024 * 1024;

/** The bytes must stay as they are as long as the text is in use. */
export function recordText(bytes: Uint8Array): RecordText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mayHaveEscapes = buffer.includes(BACKSLASH_U);
  if (buffer.length <= MAX_SHARED_BYTES && isAscii(buffer)) {
    const text = buffer.toString("latin1");
    return { bytes, slice: (start, end) => text.slice(start, end), mayHaveEscapes };
  }
  return {
    bytes,
    slice: (start, end) => {
      const record = buffer.subarray(start, end);
      if (isAscii(record)) return record.toString("latin1");
      return isUtf8(record) ? record.toString("utf8") : undefined;
    },
    mayHaveEscapes,
  };
}
