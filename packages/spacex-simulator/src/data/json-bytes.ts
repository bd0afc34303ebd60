/** Start (inclusive) and end (exclusive) of a value inside a buffer. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;

/**
 * The elements of a JSON array as ranges of its bytes, so that they can be served as they were written. The bytes must
 * be valid JSON: this finds borders, it does not check.
 */
export function arrayElements(bytes: Uint8Array): ByteRange[] {
  const open = skipSpace(bytes, 0);
  const elements: ByteRange[] = [];
  let position = skipSpace(bytes, open + 1);
  while (position < bytes.length && bytes[position] !== CLOSE_ARRAY) {
    const end = valueEnd(bytes, position);
    elements.push({ start: position, end });
    position = skipSpace(bytes, end);
    if (bytes[position] === COMMA) position = skipSpace(bytes, position + 1);
  }
  return elements;
}

/** Where the value of a top-level member stands in an object's bytes; undefined if there is no such member. */
export function memberValue(bytes: Uint8Array, key: string): ByteRange | undefined {
  const wanted = Buffer.from(JSON.stringify(key));
  let position = skipSpace(bytes, 0);
  if (bytes[position] !== OPEN_OBJECT) return undefined;
  position = skipSpace(bytes, position + 1);
  while (position < bytes.length && bytes[position] !== CLOSE_OBJECT) {
    const keyEnd = valueEnd(bytes, position);
    const found = wanted.equals(bytes.subarray(position, keyEnd));
    position = skipSpace(bytes, keyEnd);
    if (bytes[position] === COLON) position = skipSpace(bytes, position + 1);
    const end = valueEnd(bytes, position);
    if (found) return { start: position, end };
    position = skipSpace(bytes, end);
    if (bytes[position] === COMMA) position = skipSpace(bytes, position + 1);
  }
  return undefined;
}

/** The bytes with one range replaced. */
export function splice(bytes: Uint8Array, range: ByteRange, replacement: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, range.start), replacement, bytes.subarray(range.end)]);
}

function valueEnd(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return stringEnd(bytes, start);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return scalarEnd(bytes, start);
  let depth = 0;
  let position = start;
  while (position < bytes.length) {
    switch (bytes[position]) {
      case QUOTE:
        position = stringEnd(bytes, position);
        continue;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        depth++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        depth--;
        break;
      default:
    }
    position++;
    if (depth === 0) break;
  }
  return position;
}

function stringEnd(bytes: Uint8Array, start: number): number {
  let position = start + 1;
  while (position < bytes.length && bytes[position] !== QUOTE) {
    position += bytes[position] === BACKSLASH ? 2 : 1;
  }
  return position + 1;
}

function scalarEnd(bytes: Uint8Array, start: number): number {
  let position = start;
  while (position < bytes.length) {
    const byte = bytes[position];
    if (byte === undefined || byte <= 0x20) break;
    if (byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) break;
    position++;
  }
  return position;
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let position = start;
  while (position < bytes.length && (bytes[position] ?? 0) <= 0x20) position++;
  return position;
}
