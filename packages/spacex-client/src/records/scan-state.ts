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
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Goes on inside a record from `position` and returns the index after its last byte, or -1 where the chunk ends before
 * the record does. Brackets are counted and not paired: a record with crossed brackets is no JSON and fails where it
 * is parsed.
 */
export function scanRecord(state: ScanState, chunk: Uint8Array, position: number): number {
  const length = chunk.length;
  let { depth, inString } = state;
  let index = position;
  if (state.escaped && index < length) {
    state.escaped = false;
    index++;
  }
  while (index < length) {
    if (inString) {
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
      continue;
    }
    const byte = chunk[index++]!;
    if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth === 0) {
        state.depth = 0;
        state.inString = false;
        return index;
      }
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
