import { EtlError, type RecordBatch, type RecordSource } from "@spacex-etl/contracts";

/** Records in one batch. */
const BATCH_RECORDS = 256;

/** Records of a program, one by one: each a value that JSON can hold, or the UTF-8 bytes of one record's JSON. */
export type Records = Iterable<unknown> | AsyncIterable<unknown>;

/**
 * A source of the lake from any records that a program has: an array, a generator, a database cursor, a stream in object
 * mode. A value is written as its `JSON.stringify` text; a `Uint8Array` is taken as one record's JSON and kept byte for
 * byte.
 *
 * Give a function where that is possible. It is called anew when the collection must be read from its start again: after
 * a failure half-way (up to three times), and for every run. An array or a set can be read anew too; any other iterable
 * is good for one reading.
 *
 * @param description for messages, without secrets: `orders.csv`, `table orders of the shop`
 * @throws EtlError when it is read, of kind `source`: SOURCE_FAILED for whatever the records throw, SOURCE_SPENT for a
 *   second reading of what can be read once; of kind `data`: RECORD_NOT_JSON.
 */
export function recordsFrom(
  description: string,
  records: Records | (() => Records | Promise<Records>),
): RecordSource {
  const rereadable = typeof records === "function" || Array.isArray(records) || records instanceof Set;
  let opened = false;
  return {
    description,
    async open() {
      if (opened && !rereadable) throw spent(description);
      opened = true;
      const batches = batchesOf(records, { description, rereadable });
      return { status: "ok", etag: undefined, batches };
    },
  };
}

interface Origin {
  readonly description: string;
  readonly rereadable: boolean;
}

async function* batchesOf(
  given: Records | (() => Records | Promise<Records>),
  origin: Origin,
): AsyncGenerator<RecordBatch> {
  let pending: Uint8Array[] = [];
  let position = 0;
  try {
    const records = typeof given === "function" ? await given() : given;
    for await (const record of records) {
      pending.push(record instanceof Uint8Array ? record : textOf(record, position, origin));
      position++;
      if (pending.length < BATCH_RECORDS) continue;
      yield toBatch(pending);
      pending = [];
    }
  } catch (error) {
    throw EtlError.isInstance(error) ? error : failed(error, position, origin);
  }
  if (pending.length > 0) yield toBatch(pending);
}

function textOf(record: unknown, position: number, { description }: Origin): Uint8Array {
  let text: string | undefined;
  let reason = "JSON has no such value";
  try {
    text = JSON.stringify(record);
  } catch (error) {
    reason = (error as Error).message.split("\n", 1)[0] ?? reason;
  }
  if (text !== undefined) return Buffer.from(text);
  throw new EtlError({
    kind: "data",
    code: "RECORD_NOT_JSON",
    message: `${description}: record ${position} (from 0) cannot be written as JSON: ${reason}.`,
    hint: "Turn it into plain values first, for example a bigint into a string.",
  });
}

function toBatch(records: readonly Uint8Array[]): RecordBatch {
  const offsets: number[] = [];
  let end = 0;
  for (const record of records) offsets.push(end, (end += record.byteLength));
  return { bytes: Buffer.concat(records), offsets };
}

function failed(error: unknown, position: number, { description, rereadable }: Origin): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_FAILED",
    retryable: rereadable,
    message: `${description} failed after ${position} records: ${error instanceof Error ? error.message : String(error)}`,
    hint: rereadable
      ? "Run it again with the same run id; complete collections are not read again."
      : "Read it anew: give recordsFrom a function that opens it.",
    cause: error,
  });
}

function spent(description: string): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_SPENT",
    retryable: false,
    message: `${description} can be read once, and was.`,
    hint: "Give recordsFrom a function that opens it anew.",
  });
}
