import { EtlError, type RecordBatch, type RecordSource, sha256Hex } from "@spacex-etl/contracts";

/** A source of records in memory that counts what is asked of it, and can be told to misbehave. */
export interface TestSource extends RecordSource {
  /** What the next reading answers: values, or exact text. */
  records: readonly unknown[];
  etags: boolean;
  /** For each coming `open`: the number of records after which it breaks. */
  readonly breaks: number[];
  /** For each coming `count`: its answer instead of the truth. */
  readonly totals: number[];
  /** Called with the number of records given so far. */
  onRecord: ((given: number) => void | Promise<void>) | undefined;
  readonly asked: { opens: number; notModified: number; counts: number };
}

export function testSource(records: readonly unknown[], options: { etags?: boolean } = {}): TestSource {
  const source: TestSource = {
    description: "GET https://shop.example/records",
    records,
    etags: options.etags ?? true,
    breaks: [],
    totals: [],
    onRecord: undefined,
    asked: { opens: 0, notModified: 0, counts: 0 },
    async open({ ifNoneMatch, onRequest, signal }) {
      signal?.throwIfAborted();
      onRequest?.();
      source.asked.opens++;
      const texts = source.records.map((record) =>
        record instanceof Uint8Array
          ? record
          : Buffer.from(typeof record === "string" ? record : JSON.stringify(record)),
      );
      const etag = source.etags ? `"${sha256Hex(Buffer.concat(texts))}"` : undefined;
      if (etag !== undefined && ifNoneMatch === etag) {
        source.asked.notModified++;
        return { status: "not-modified" };
      }
      return { status: "ok", etag, batches: batches(source, texts, source.breaks.shift(), signal) };
    },
    async count({ onRequest }) {
      onRequest?.();
      source.asked.counts++;
      return source.totals.shift() ?? source.records.length;
    },
  };
  return source;
}

/** As a network gives them: several records in one buffer, with bytes between, and gone with the next batch. */
async function* batches(
  source: TestSource,
  texts: readonly Uint8Array[],
  breakAfter: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<RecordBatch> {
  for (let at = 0; at < texts.length; at += 7) {
    signal?.throwIfAborted();
    const batch = texts.slice(at, Math.min(at + 7, breakAfter ?? Infinity));
    const offsets: number[] = [];
    const pieces: Uint8Array[] = [];
    let end = 0;
    for (const text of batch) {
      pieces.push(Buffer.from(",\n "), text);
      offsets.push(end + 3, (end += 3 + text.byteLength));
    }
    const bytes = Buffer.concat(pieces);
    yield { bytes, offsets };
    bytes.fill(0x78);
    await source.onRecord?.(at + batch.length);
    if (breakAfter !== undefined && at + 7 >= breakAfter) break;
  }
  if (breakAfter !== undefined) {
    throw new EtlError({
      kind: "source",
      code: "BODY_BROKEN",
      message: "The connection broke after half of the body.",
      hint: "Run the same command again.",
    });
  }
}
