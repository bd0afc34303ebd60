import type { CollectionSpec, Drift, RawPart, RecordBatch } from "@spacex-etl/contracts";
import { distinctKeys, type Repeated } from "./distinct-keys.ts";
import { driftRecorder } from "./drift.ts";
import type { Inspector } from "./inspect.ts";
import { lineKeys } from "./line-keys.ts";
import { hasLineBreaks } from "./part-lines.ts";
import type { PartWriter } from "./parts.ts";
import type { QuarantineWriter } from "./quarantine.ts";
import { recordText, type RecordText } from "./record-text.ts";

/** Duplicate keys named in an error. */
const DUPLICATES_NAMED = 5;

export interface IntakeOptions {
  readonly spec: CollectionSpec;
  readonly inspect: Inspector;
  readonly parts: PartWriter;
  readonly quarantine: QuarantineWriter;
  /** Parts of an earlier run whose records need no reading where the same bytes come again. */
  readonly vouched: readonly RawPart[];
}

export interface Intake {
  readonly drift: readonly Drift[];
  /** False when there are so many invalid records that reading on makes no sense. */
  take(batch: RecordBatch): Promise<boolean>;
  /** After the last batch; what `take` says. */
  end(): Promise<boolean>;
  /** Records whose key came before. Call it once, after the end. */
  duplicates(): Repeated;
  close(): void;
}

/**
 * Takes records into parts or quarantine. As long as the source sends what it sent before, a part's records are only
 * held until the part is full, and not read at all if its content is an earlier part's; the outcome is the same as if
 * each had been read when it came.
 */
export function recordIntake({ spec, inspect, parts, quarantine, vouched }: IntakeOptions): Intake {
  const drift = driftRecorder(spec.tables);
  const keys = distinctKeys();
  const named: string[] = [];
  let duplicateCount = 0;
  /** Records that were read or recognized, of any fate; the held ones come after them. */
  let position = 0;
  let flooded = false;
  let holding = vouched.length > 0;

  /** The key of a record that belongs into a part. */
  function read(records: RecordText, start: number, end: number): string | undefined {
    if (flooded) return undefined;
    const inspected = inspect(records, start, end);
    const at = position++;
    if (!inspected.valid) {
      const { key, issues } = inspected;
      flooded = quarantine.add({ position: at, key, issues, raw: records.bytes.slice(start, end) });
      return undefined;
    }
    if (!keys.add(inspected.key)) {
      repeated(inspected.key);
      return undefined;
    }
    drift.observe(inspected.value);
    return inspected.key;
  }

  function repeated(key: string): void {
    duplicateCount++;
    if (named.length < DUPLICATES_NAMED) named.push(key);
  }

  async function readFrom(batch: RecordBatch, from: number, mayHaveLineBreaks: boolean): Promise<void> {
    const { bytes, offsets } = batch;
    const records = recordText(bytes);
    for (let at = from; at + 1 < offsets.length; at += 2) {
      const start = offsets[at] as number;
      const end = offsets[at + 1] as number;
      const key = read(records, start, end);
      if (flooded) return;
      if (key === undefined) continue;
      const full = parts.add(bytes, start, end, key, mayHaveLineBreaks);
      if (full !== undefined) await full;
    }
  }

  /** Returns the offset of the first record that is to be read at once. */
  async function holdFrom({ bytes, offsets }: RecordBatch): Promise<number> {
    let at = 0;
    while (holding && at + 1 < offsets.length) {
      const full = parts.hold(bytes, offsets[at] as number, offsets[at + 1] as number);
      at += 2;
      if (full) holding = await settle(true);
    }
    return at;
  }

  /** Recognizes or reads what is held. Returns whether to go on holding. */
  async function settle(full: boolean): Promise<boolean> {
    const earlier = vouched[parts.closed];
    const lines = earlier === undefined ? undefined : parts.heldOf(earlier);
    if (earlier !== undefined && lines !== undefined) {
      recognize(lines);
      await parts.close(earlier);
      return true;
    }
    const fullStill = parts.readHeld(read);
    if (flooded) return false;
    if (!full || !fullStill) return full;
    // From a change of another length on, no part is cut where it was cut before.
    const { rows, length } = parts.filling;
    const aligned = earlier?.rows === rows && earlier.contentBytes === length;
    await parts.close();
    return aligned;
  }

  function recognize(lines: Buffer): void {
    lineKeys(lines, spec.key, {
      onBytes: (start, end) => {
        if (!keys.addBytes(lines, start, end)) repeated(lines.toString("latin1", start, end));
        position++;
      },
      onText: (key) => {
        if (!keys.add(key)) repeated(key);
        position++;
      },
    });
  }

  return {
    get drift() {
      return drift.report();
    },
    async take(given) {
      const batch = withoutSurroundings(given);
      const mayHaveLineBreaks = hasLineBreaks(batch.bytes);
      if (holding && mayHaveLineBreaks) {
        // A part's lines have spaces there, and what is no JSON with a line break may be with a space.
        if (parts.filling.held > 0) await settle(false);
        holding = false;
      }
      const from = holding ? await holdFrom(batch) : 0;
      if (!flooded) await readFrom(batch, from, mayHaveLineBreaks);
      return !flooded;
    },
    async end() {
      if (parts.filling.held > 0) await settle(false);
      return !flooded;
    },
    duplicates() {
      const late = keys.repeatedLate(DUPLICATES_NAMED - named.length);
      return { count: duplicateCount + late.count, named: [...named, ...late.named] };
    },
    close: keys.close,
  };
}

/** The same records in a view of their own where a source gives some records of a large buffer at a time. */
function withoutSurroundings(batch: RecordBatch): RecordBatch {
  const { bytes, offsets } = batch;
  if (bytes.length <= 2 * ((offsets[offsets.length - 1] ?? 0) - (offsets[0] ?? 0))) return batch;
  let first = bytes.length;
  let last = 0;
  for (let at = 0; at + 1 < offsets.length; at += 2) {
    first = Math.min(first, offsets[at] as number);
    last = Math.max(last, offsets[at + 1] as number);
  }
  if (first >= last) return batch;
  return { bytes: bytes.subarray(first, last), offsets: Array.from(offsets, (offset) => offset - first) };
}
