import type { CollectionSpec, Drift, OnEvent, Quarantine, RawPart, RecordBatch } from "@spacex-etl/contracts";
import { driftRecorder } from "./drift.ts";
import { drifted, duplicates, rejected } from "./errors.ts";
import type { Inspector } from "./inspect.ts";
import { keySet } from "./key-set.ts";
import { partWriter, type PartWriterOptions } from "./parts.ts";
import { quarantineWriter } from "./quarantine.ts";

/** Duplicate keys named in an error. */
const DUPLICATES_NAMED = 5;

export interface ReadOptions extends PartWriterOptions {
  readonly spec: CollectionSpec;
  readonly inspect: Inspector;
  readonly maxInvalid: number;
  readonly previousQuarantine: Quarantine | null;
  readonly strict: boolean;
  readonly onEvent: OnEvent;
}

export interface ReadResult {
  readonly records: number;
  readonly invalid: number;
  readonly contentBytes: number;
  readonly parts: readonly RawPart[];
  readonly quarantine: Quarantine | null;
  readonly drift: readonly Drift[];
}

/** Takes every record of one answer of the source into parts or quarantine, or throws and leaves nothing committed. */
export async function readRecords(
  batches: AsyncIterable<RecordBatch>,
  options: ReadOptions,
): Promise<ReadResult> {
  const { spec, inspect, maxInvalid, onEvent } = options;
  const collection = spec.name;
  const parts = partWriter(options);
  const quarantine = quarantineWriter(options);
  const drift = driftRecorder(spec.tables);
  const keys = keySet();
  const repeated: string[] = [];
  let duplicateCount = 0;
  let position = 0;
  let records = 0;
  let contentBytes = 0;
  try {
    for await (const { bytes, offsets } of batches) {
      options.signal?.throwIfAborted();
      for (let at = 0; at + 1 < offsets.length; at += 2) {
        const start = offsets[at] as number;
        const end = offsets[at + 1] as number;
        const inspected = inspect(bytes.subarray(start, end));
        if (!inspected.valid) {
          const { key, issues } = inspected;
          const enough = quarantine.add({ position, key, issues, raw: bytes.slice(start, end) });
          if (enough) throw rejected(collection, records, quarantine, await quarantine.store(), maxInvalid);
        } else if (!keys.add(inspected.key)) {
          duplicateCount++;
          if (repeated.length < DUPLICATES_NAMED) repeated.push(inspected.key);
        } else {
          drift.observe(inspected.value);
          records++;
          contentBytes += end - start + 1;
          const full = parts.add(bytes, start, end, inspected.key);
          if (full !== undefined) await full;
        }
        position++;
      }
      onEvent({ type: "collection.progress", collection, records, bytes: contentBytes });
    }
    if (duplicateCount > 0) throw duplicates(collection, repeated, duplicateCount);
    const unknown = drift.report();
    if (options.strict && unknown.length > 0) throw drifted(collection, unknown);
    const stored = await quarantine.store();
    if (quarantine.count > maxInvalid) throw rejected(collection, records, quarantine, stored, maxInvalid);
    return {
      records,
      invalid: quarantine.count,
      contentBytes,
      parts: await parts.finish(),
      quarantine: stored,
      drift: unknown,
    };
  } catch (error) {
    await parts.abandon();
    throw error;
  }
}
