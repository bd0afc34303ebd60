import type { RecordBatch, RecordSource } from "@spacex-etl/contracts";

/** Records in one batch. */
const BATCH_RECORDS = 256;

/**
 * A source of the lake from any records that a program has: an array, a generator, a database cursor. Each record is
 * written as its `JSON.stringify` text. `read` is called anew when the collection must be read from its start again.
 */
export function recordsFrom(
  description: string,
  read: () => AsyncIterable<unknown> | Iterable<unknown>,
): RecordSource {
  return {
    description,
    open: async () => ({ status: "ok", etag: undefined, batches: batchesOf(read()) }),
  };
}

async function* batchesOf(records: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<RecordBatch> {
  let pending: Buffer[] = [];
  for await (const record of records) {
    pending.push(Buffer.from(JSON.stringify(record) ?? "null"));
    if (pending.length < BATCH_RECORDS) continue;
    yield toBatch(pending);
    pending = [];
  }
  if (pending.length > 0) yield toBatch(pending);
}

function toBatch(records: readonly Buffer[]): RecordBatch {
  const offsets: number[] = [];
  let end = 0;
  for (const record of records) offsets.push(end, (end += record.length));
  return { bytes: Buffer.concat(records), offsets };
}
