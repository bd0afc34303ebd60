import type { CollectionSpec, Drift, OnEvent, Quarantine, RawPart, RecordBatch } from "@spacex-etl/contracts";
import { drifted, duplicates, rejected } from "./errors.ts";
import type { Inspector } from "./inspect.ts";
import { partWriter, type PartWriterOptions } from "./parts.ts";
import { quarantineWriter } from "./quarantine.ts";
import { recordIntake } from "./record-intake.ts";

export interface ReadOptions extends PartWriterOptions {
  readonly spec: CollectionSpec;
  readonly inspect: Inspector;
  readonly maxInvalid: number;
  /** Parts whose records need no reading where the same bytes come again. */
  readonly vouched: readonly RawPart[];
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
  const { spec, inspect, vouched, maxInvalid, onEvent } = options;
  const collection = spec.name;
  const parts = partWriter(options);
  const quarantine = quarantineWriter(options);
  const intake = recordIntake({ spec, inspect, parts, quarantine, vouched });
  async function refuse(): Promise<never> {
    throw rejected(collection, parts.records, quarantine, await quarantine.store(), maxInvalid);
  }
  try {
    for await (const batch of batches) {
      options.signal?.throwIfAborted();
      if (!(await intake.take(batch))) await refuse();
      const { records, contentBytes: bytes } = parts;
      onEvent({ type: "collection.progress", collection, records, bytes });
    }
    if (!(await intake.end())) await refuse();
    const { count, named } = intake.duplicates();
    if (count > 0) throw duplicates(collection, named, count);
    const { drift } = intake;
    const { records, contentBytes } = parts;
    if (options.strict && drift.length > 0) throw drifted(collection, drift);
    if (quarantine.count > maxInvalid) await refuse();
    const stored = await quarantine.store();
    const invalid = quarantine.count;
    return { records, invalid, contentBytes, parts: await parts.finish(), quarantine: stored, drift };
  } catch (error) {
    await parts.abandon();
    throw error;
  } finally {
    intake.close();
  }
}
