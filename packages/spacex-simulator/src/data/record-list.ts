import { EtlError } from "@spacex-etl/contracts/errors";
import { CHUNK_BYTES, type ChunkMemory } from "./chunk-memory.ts";
import { digestOf } from "./digest.ts";
import { arrayElements, type ByteRange } from "./json-bytes.ts";

/** The records of one collection in the API's order, as bytes. Nothing in it ever changes. */
export interface RecordList {
  readonly length: number;
  /** Size of all records with the commas between them; an estimate where the records are generated. */
  readonly bytes: number;
  /** What the strong ETag is made of: equal for equal content. */
  readonly digest: string;
  /** Whether `bytes` is no estimate and `digest` the SHA-1 of the array's own bytes, as in the ETags of the API. */
  readonly exact: boolean;
  /** Ids grow with the position, so that a sort by `_id` needs no look at the records. */
  readonly idsAscend: boolean;
  /** Launches only, and only where all upcoming ones stand at the end: position of the first of them. */
  readonly upcomingFrom?: number | undefined;
  /** The whole answer, where it is not just the records with commas between them and brackets around them. */
  readonly body?: Uint8Array | undefined;
  record(index: number): Uint8Array;
  /** Position of a record by its id (24 hex digits, lower case); -1 if there is none. */
  indexOf(id: string): number;
  /**
   * The bytes of the records from `start` to `end` (exclusive) with commas between them, in pieces. Generated pieces are
   * made in `memory` if it is given, else each in memory of its own.
   */
  chunks(start: number, end: number, memory?: ChunkMemory): Iterable<Uint8Array>;
}

/**
 * Records out of a JSON array, or out of one object, each served by its own bytes.
 *
 * @param where for messages: a file, or what the caller passed.
 * @throws EtlError of kind `usage` if the bytes are no such JSON.
 */
export function recordsFromJson(bytes: Uint8Array, where: string): RecordList {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EtlError({
      kind: "usage",
      code: "DATA_NOT_JSON",
      message: `${where} is not valid JSON: ${reason}`,
      hint: "It must hold one JSON array of records, or one object.",
      cause,
    });
  }
  if (Array.isArray(value)) return recordsFromRanges(bytes, arrayElements(bytes));
  if (typeof value === "object" && value !== null) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = text.indexOf("{");
    return recordsFromRanges(bytes, [{ start, end: text.lastIndexOf("}") + 1 }]);
  }
  throw new EtlError({
    kind: "usage",
    code: "DATA_NOT_RECORDS",
    message: `${where} holds a JSON ${value === null ? "null" : typeof value}.`,
    hint: "It must hold one JSON array of records, or one object.",
  });
}

/** Records that are already apart. */
export function recordsFromParts(parts: readonly Uint8Array[]): RecordList {
  const ranges: ByteRange[] = [];
  let position = 0;
  for (const part of parts) {
    ranges.push({ start: position, end: position + part.length });
    position += part.length;
  }
  return recordsFromRanges(Buffer.concat(parts), ranges);
}

/** Records in newline-delimited JSON, one per line, as the packed snapshot holds them. */
export function recordsFromLines(bytes: Uint8Array): RecordList {
  const ranges: ByteRange[] = [];
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start) ranges.push({ start, end });
    start = end + 1;
  }
  return recordsFromRanges(bytes, ranges);
}

function recordsFromRanges(source: Uint8Array, ranges: readonly ByteRange[]): RecordList {
  const size = ranges.reduce((sum, { start, end }) => sum + end - start, Math.max(0, ranges.length - 1));
  const body = Buffer.allocUnsafeSlow(size);
  const starts = new Float64Array(ranges.length + 1);
  let position = 0;
  ranges.forEach((range, index) => {
    if (index > 0) body[position++] = 0x2c;
    starts[index] = position;
    body.set(source.subarray(range.start, range.end), position);
    position += range.end - range.start;
  });
  starts[ranges.length] = size + 1;

  const startOf = (index: number) => starts[index] ?? size + 1;
  const record = (index: number) => body.subarray(startOf(index), startOf(index + 1) - 1);
  let digest: string | undefined;
  let byId: Map<string, number> | undefined;
  return {
    length: ranges.length,
    bytes: size,
    idsAscend: false,
    exact: true,
    get digest() {
      return (digest ??= digestOf([body]));
    },
    record,
    indexOf(id) {
      byId ??= idsOf(ranges.length, record);
      return byId.get(id) ?? -1;
    },
    *chunks(start, end) {
      const last = end > start ? startOf(end) - 1 : startOf(start);
      for (let at = startOf(start); at < last; at += CHUNK_BYTES) {
        yield body.subarray(at, Math.min(at + CHUNK_BYTES, last));
      }
    },
  };
}

function idsOf(length: number, record: (index: number) => Uint8Array): Map<string, number> {
  const ids = new Map<string, number>();
  for (let index = 0; index < length; index++) {
    const id = idOf(JSON.parse(Buffer.from(record(index)).toString()));
    if (id !== undefined && !ids.has(id)) ids.set(id, index);
  }
  return ids;
}

/** The id of a parsed record, where it has one. */
export function idOf(record: unknown): string | undefined {
  if (typeof record !== "object" || record === null || !("id" in record)) return undefined;
  return typeof record.id === "string" ? record.id : undefined;
}
