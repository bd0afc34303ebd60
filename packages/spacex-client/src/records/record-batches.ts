import type { RecordBatch } from "@spacex-etl/contracts";
import { recordCutter } from "./record-cutter.ts";

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

/** A batch costs something on its whole way into a part, and a socket's chunks are small: so many bytes share it. */
const BATCH_BYTES = 256 * 1024;

/**
 * Cuts a JSON text into its records while it streams, without parsing it: each record is the slice from its `{` to its
 * `}`. The first batch comes with the first record, each further one with about 256 KiB of them or at the end. A batch is
 * valid until the next one is asked for.
 *
 * It checks what lies between the records. What is inside of one (escapes, numbers, UTF-8) is checked by whoever parses
 * it: if every slice is JSON, the whole text is.
 *
 * @throws EtlError of kind `source`: `SOURCE_NOT_JSON`, `SOURCE_SHAPE`, `SOURCE_NOT_AN_OBJECT`, `SOURCE_TRUNCATED`,
 *   `SOURCE_TRAILING_BYTES`, `SOURCE_RECORD_TOO_LARGE`.
 */
export async function* recordBatches(
  chunks: AsyncIterable<Uint8Array>,
  { shape, from, maxRecordBytes: limit = DEFAULT_MAX_RECORD_BYTES }: RecordBatchesOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const cutter = recordCutter({ shape, from, limit });
  let enough = 0;
  for await (const chunk of chunks) {
    cutter.append(chunk);
    if (cutter.uncut < enough) continue;
    const batch = cutter.cut();
    if (batch.offsets.length === 0) continue;
    yield batch;
    enough = Math.min(BATCH_BYTES, limit);
  }
  const batch = cutter.cut();
  if (batch.offsets.length > 0) yield batch;
  cutter.end();
}
