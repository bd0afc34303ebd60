const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Spelled in one way only, unless with `\uXXXX`. */
const PLAIN_NAME = /^[\w-]+$/;
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const BACKSLASH_U = Buffer.from("\\u");

/** What is done with a key: its place in the bytes where it stands there as it is, or its text. */
export interface KeyVisitor {
  readonly onBytes: (start: number, end: number) => void;
  readonly onText: (key: string) => void;
}

/**
 * The keys of lines that are known to be valid records, in their order, without parsing them. A field's name that
 * stands exactly once in a line is the key's: the record has the key at its top level, and a second place, be it deeper
 * or in a text, would be a second time. All other lines are parsed.
 *
 * @param bytes whole lines, each a record and a line break
 */
export function lineKeys(bytes: Buffer, keyField: string, visit: KeyVisitor): void {
  const plain = PLAIN_NAME.test(keyField) && !bytes.includes(BACKSLASH_U);
  const name = Buffer.from(JSON.stringify(keyField));
  let found = -1;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1) return;
    if (plain && found < start) found = indexOr(bytes, name, start);
    const at = found;
    if (plain && at < end) found = indexOr(bytes, name, at + name.length);
    if (!plain || at >= end || found < end || !visitValue(bytes, at + name.length, end, visit)) {
      const record = JSON.parse(bytes.toString("utf8", start, end)) as Readonly<Record<string, unknown>>;
      visit.onText(String(record[keyField]));
    }
    start = end + 1;
  }
}

function indexOr(bytes: Buffer, name: Buffer, from: number): number {
  const at = bytes.indexOf(name, from);
  return at === -1 ? bytes.length : at;
}

/** False for a value that does not stand there as it is. */
function visitValue(bytes: Buffer, from: number, lineEnd: number, visit: KeyVisitor): boolean {
  let at = skipSpaces(bytes, from);
  if (bytes[at] !== COLON) return false;
  at = skipSpaces(bytes, at + 1);
  if (bytes[at] !== QUOTE) {
    let end = at;
    while (end < lineEnd && isOfNumber(bytes[end] as number)) end++;
    const text = bytes.toString("latin1", at, end);
    if (!PLAIN_INTEGER.test(text)) return false;
    visit.onText(text);
    return true;
  }
  const start = at + 1;
  for (let end = start; end < lineEnd; end++) {
    const byte = bytes[end] as number;
    if (byte === QUOTE) {
      visit.onBytes(start, end);
      return true;
    }
    // An escape, or more than ASCII.
    if (byte === BACKSLASH || byte >= 0x80) return false;
  }
  return false;
}

function skipSpaces(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
  return at;
}

/** A digit, or what else a number may hold. */
function isOfNumber(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45 ||
    byte === 0x65
  );
}
