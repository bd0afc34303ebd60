import { recordText, type RecordText } from "./record-text.ts";
import type { Slots } from "./slots.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** A small collection's buffer starts at this; a later one has this beyond `partBytes`, for the record that fills it. */
const BUFFER_MARGIN = 1 << 16;
/** Held records are read in groups of about so many bytes. */
const READ_BYTES = 1 << 16;

/** The lines of the part that is being filled: first those that were read, then those that are only held. */
export interface PartLines {
  /** In bytes, held lines included. */
  readonly length: number;
  readonly rows: number;
  /** Bytes at the end that were not read yet. */
  readonly held: number;
  readonly firstKey: string;
  readonly lastKey: string;
  /** Copies a record that was read; before it, all that is held must have been. */
  add(bytes: Uint8Array, start: number, end: number, key: string, mayHaveLineBreaks: boolean): void;
  /** Copies a record without a line break that is read later, if ever. */
  hold(bytes: Uint8Array, start: number, end: number): void;
  /** Reads what is held; a record that gets no key is dropped. */
  readHeld(read: (records: RecordText, start: number, end: number) => string | undefined): void;
  content(): Buffer;
  /** Begins anew; the buffer that was filled is the caller's until it calls what comes back. */
  handOver(): () => void;
}

export function partLines(partBytes: number, slots: Slots): PartLines {
  const fullBuffer = partBytes + BUFFER_MARGIN;
  let buffer: Buffer = Buffer.alloc(0);
  let nextBuffer = BUFFER_MARGIN;
  let length = 0;
  let rows = 0;
  let readLength = 0;
  let firstKey = "";
  let lastKey = "";

  function append(bytes: Uint8Array, start: number, end: number): void {
    const needed = length + (end - start) + 1;
    if (needed > buffer.length) {
      const size = Math.max(needed, Math.min(Math.max(nextBuffer, buffer.length * 2), fullBuffer));
      const larger = size === fullBuffer ? slots.takeBuffer(size) : Buffer.allocUnsafeSlow(size);
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(bytes.subarray(start, end), length);
    buffer[needed - 1] = NEWLINE;
    length = needed;
    rows++;
  }

  function noteKey(key: string): void {
    if (readLength === 0) firstKey = key;
    lastKey = key;
  }

  return {
    get length() {
      return length;
    },
    get rows() {
      return rows;
    },
    get held() {
      return length - readLength;
    },
    get firstKey() {
      return firstKey;
    },
    get lastKey() {
      return lastKey;
    },
    add(bytes, start, end, key, mayHaveLineBreaks) {
      const before = length;
      append(bytes, start, end);
      if (mayHaveLineBreaks) flattenLines(buffer, before, length - 1);
      noteKey(key);
      readLength = length;
    },
    hold: append,
    readHeld(read) {
      let from = readLength;
      const end = length;
      length = readLength;
      while (from < end) {
        const { lines, ends } = wholeLines(buffer, from, end);
        const records = recordText(lines);
        let start = 0;
        for (const lineEnd of ends) {
          const key = read(records, start, lineEnd);
          if (key === undefined) {
            rows--;
          } else {
            noteKey(key);
            if (length !== from + start) buffer.copyWithin(length, from + start, from + lineEnd + 1);
            readLength = length += lineEnd + 1 - start;
          }
          start = lineEnd + 1;
        }
        from += lines.length;
      }
    },
    content: () => buffer.subarray(0, length),
    handOver() {
      const filled = buffer;
      buffer = Buffer.alloc(0);
      nextBuffer = fullBuffer;
      length = 0;
      rows = 0;
      readLength = 0;
      return () => {
        if (filled.length === fullBuffer) slots.giveBuffer(filled);
      };
    },
  };
}

/** A view of some whole lines, and where each of them ends in it. */
function wholeLines(
  buffer: Buffer,
  from: number,
  end: number,
): { readonly lines: Buffer; readonly ends: readonly number[] } {
  const ends: number[] = [];
  let at = from;
  while (at < end && at - from < READ_BYTES) {
    const lineEnd = buffer.indexOf(NEWLINE, at);
    ends.push(lineEnd - from);
    at = lineEnd + 1;
  }
  return { lines: buffer.subarray(from, at), ends };
}

/** A line break inside valid JSON is white space between tokens; as a space it keeps one record on one line. */
function flattenLines(buffer: Buffer, start: number, end: number): void {
  const record = buffer.subarray(start, end);
  for (const breaking of [NEWLINE, CARRIAGE_RETURN]) {
    for (let at = record.indexOf(breaking); at !== -1; at = record.indexOf(breaking, at + 1))
      record[at] = SPACE;
  }
}

/** Whether any of the bytes could break a line. */
export function hasLineBreaks(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.includes(NEWLINE) || buffer.includes(CARRIAGE_RETURN);
}
