/** Where a scan stands between two bytes; everything that survives from one chunk to the next. */
export interface ScanState {
  /** What the next byte outside of a record may be. */
  phase: Phase;
  /** Brackets of the current record that are open. */
  depth: number;
  /** Inside a string of the current record. */
  inString: boolean;
  /** The last byte was a backslash inside a string. */
  escaped: boolean;
}

/**
 * `start`: nothing but white space so far. `first`: after `[`. `next`: after a comma, a record must come. `record`:
 * inside of one. `between`: after a record of an array. `end`: only white space may come.
 */
export type Phase = "start" | "first" | "next" | "record" | "between" | "end";

export function newScanState(): ScanState {
  return { phase: "start", depth: 0, inString: false, escaped: false };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** This bit apart, `[` is `{` and `]` is `}`. */
const CASE_BIT = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** A byte four times over. */
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;

/**
 * Goes on inside a record from `position` and returns the index after its last byte, or -1 where the chunk ends before
 * the record does. Brackets are counted and not paired: a record with crossed brackets is no JSON and fails where it
 * is parsed.
 */
export function scanRecord(state: ScanState, chunk: Uint8Array, position: number): number {
  const length = chunk.length;
  const words = new DataView(chunk.buffer, chunk.byteOffset, length);
  const lastWord = length - 4;
  let { depth, inString } = state;
  let index = position;
  if (state.escaped && index < length) {
    state.escaped = false;
    index++;
  }
  // One loop for what is outside of strings and one for what is inside: a flag in a single loop costs a third more.
  scan: while (index < length) {
    if (!inString) {
      for (;;) {
        if (index >= length) break scan;
        const byte = chunk[index++]!;
        if (byte === QUOTE) break;
        const bracket = byte | CASE_BIT;
        if (bracket < OPEN) continue;
        if (bracket === OPEN) {
          depth++;
        } else if (bracket === CLOSE && --depth === 0) {
          state.depth = 0;
          state.inString = false;
          return index;
        }
      }
      inString = true;
    }
    // Four bytes at a time as long as none is a quote or a backslash: less 1 in each byte, a word borrows into the
    // highest bit of a byte exactly where its lowest zero byte is.
    for (; index <= lastWord; index += 4) {
      const word = words.getInt32(index, true);
      const quote = word ^ QUOTES;
      const backslash = word ^ BACKSLASHES;
      if ((((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash)) & HIGH_BITS) break;
    }
    let byte = 0;
    while (index < length && (byte = chunk[index]!) !== QUOTE && byte !== BACKSLASH) index++;
    if (index >= length) break;
    index++;
    if (byte === QUOTE) {
      inString = false;
    } else if (index < length) {
      index++;
    } else {
      state.escaped = true;
    }
  }
  state.depth = depth;
  state.inString = inString;
  return -1;
}

/** Index of the first byte from `position` that is no JSON white space, or the chunk's length. */
export function skipWhiteSpace(chunk: Uint8Array, position: number): number {
  let index = position;
  for (; index < chunk.length; index++) {
    const byte = chunk[index]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return index;
}
