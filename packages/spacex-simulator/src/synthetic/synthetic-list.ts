import { createHash } from "node:crypto";
import { CHUNK_BYTES, type RecordList } from "../data/index.ts";
import type { Slot } from "./template.ts";

export interface SyntheticListOptions {
  readonly length: number;
  /** Everything that the content depends on. */
  readonly identity: string;
  readonly write: Slot;
  readonly indexOf: (id: string) => number;
  readonly upcomingFrom?: number | undefined;
}

/** No generated record is larger. */
const MOST_BYTES = 8 * 1024;
const SAMPLES = 64;

/** A list whose records are made when they are asked for. */
export function syntheticList(options: SyntheticListOptions): RecordList {
  const { length, write } = options;
  const record = (index: number): Uint8Array => {
    const target = Buffer.allocUnsafeSlow(MOST_BYTES);
    return target.subarray(0, checked(write(target, 0, index), MOST_BYTES));
  };
  return {
    length,
    bytes: estimateBytes(length, record),
    digest: createHash("sha1").update(options.identity).digest("base64").slice(0, 27),
    exact: false,
    idsAscend: true,
    upcomingFrom: options.upcomingFrom,
    record,
    indexOf: options.indexOf,
    *chunks(start, end, memory) {
      let index = start;
      while (index < end) {
        const target = memory?.lend() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
        let offset = 0;
        while (index < end && offset + MOST_BYTES < CHUNK_BYTES) {
          if (index > start) target[offset++] = 0x2c;
          offset = checked(write(target, offset, index++), CHUNK_BYTES);
        }
        yield target.subarray(0, offset);
      }
    },
  };
}

function checked(end: number, room: number): number {
  if (end > room) throw new Error("A generated record is larger than its buffer");
  return end;
}

function estimateBytes(length: number, record: (index: number) => Uint8Array): number {
  if (length === 0) return 0;
  const samples = Math.min(SAMPLES, length);
  let size = 0;
  for (let sample = 0; sample < samples; sample++)
    size += record(Math.floor((sample * length) / samples)).length;
  return Math.round((size / samples) * length) + length - 1;
}
