import { type CollectionManifest, defineTables, EtlError, type RecordBatch } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { allKeys, temporaryLake } from "../../test/lake.ts";
import { extractShop } from "../../test/run.ts";
import { manyOrders, order, orders } from "../../test/shop.ts";
import { testSource } from "../../test/source.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { inspector } from "./inspect.ts";
import { readRecords, type ReadResult } from "./read-records.ts";
import { slots } from "./slots.ts";
import { vouchedParts } from "./vouched-parts.ts";

const BEFORE = manyOrders(60).map((record) => JSON.stringify(record));
const PART_BYTES = 2000;

function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function* inBatches(
  lines: readonly string[],
  pick: (below: number) => number,
): AsyncGenerator<RecordBatch> {
  for (let at = 0; at < lines.length;) {
    const some = lines.slice(at, (at += 1 + pick(9)));
    const offsets: number[] = [];
    const bytes = Buffer.from(`<${some.join(",")}>`);
    let start = 1;
    for (const line of some) {
      offsets.push(start, start + Buffer.byteLength(line));
      start += Buffer.byteLength(line) + 1;
    }
    yield { bytes, offsets };
    bytes.fill(0);
  }
}

interface Outcome {
  readonly result: ReadResult | { readonly code: string; readonly message: string };
  readonly inspected: number;
}

/** Reads the lines into the store as run r2 after `previous`; fully, or with its parts vouched for. */
async function read(
  store: ObjectStore,
  lines: readonly string[],
  previous: CollectionManifest | undefined,
  how: { readonly vouch: boolean; readonly maxInvalid: number; readonly seed: number },
): Promise<Outcome> {
  const inspect = inspector(orders);
  let inspected = 0;
  const reading = readRecords(inBatches(lines, seeded(how.seed)), {
    store,
    at: { source: "shop", collection: "orders", runId: previous === undefined ? "r1" : "r2" },
    compression: "zstd",
    partBytes: PART_BYTES,
    previous: previous?.parts ?? [],
    previousQuarantine: previous?.quarantine ?? null,
    vouched: how.vouch ? vouchedParts(orders, previous) : [],
    slots: slots(1),
    checkpoint: () => undefined,
    signal: undefined,
    spec: orders,
    inspect: (records, start, end) => {
      inspected++;
      return inspect(records, start, end);
    },
    maxInvalid: how.maxInvalid,
    strict: false,
    onEvent: () => undefined,
  });
  const result = await reading.catch((error: unknown) => {
    if (!EtlError.isInstance(error)) throw error;
    return { code: error.code, message: error.message };
  });
  return { result, inspected };
}

/** Reads `before` and then `after` into two lakes, with and without vouching, and expects no difference. */
async function compare(
  before: readonly string[],
  after: readonly string[],
  options: { readonly maxInvalid?: number; readonly seed?: number } = {},
): Promise<{ readonly result: Outcome["result"]; readonly inspected: number }> {
  const { maxInvalid = 2, seed = 1 } = options;
  const outcomes: (Outcome & { readonly keys: readonly string[] })[] = [];
  for (const vouch of [false, true]) {
    const store = await temporaryLake();
    const first = await read(store, before, undefined, { vouch: false, maxInvalid, seed });
    if ("code" in first.result) throw new Error(first.result.message);
    const previous = { ...first.result, key: orders.key, schemaFingerprint: orders.fingerprint };
    const next = await read(store, after, previous as unknown as CollectionManifest, {
      vouch,
      maxInvalid,
      seed: seed + 1,
    });
    outcomes.push({ ...next, keys: await allKeys(store) });
  }
  const [full, vouched] = outcomes as [(typeof outcomes)[0], (typeof outcomes)[0]];
  expect(vouched.result).toEqual(full.result);
  // What a failed reading leaves behind is garbage, and may differ.
  if (!("code" in full.result)) expect(vouched.keys).toEqual(full.keys);
  expect(vouched.inspected).toBeLessThanOrEqual(full.inspected);
  return vouched;
}

const replaced = (at: number, line: string): string[] => BEFORE.map((old, n) => (n === at ? line : old));
const inserted = (at: number, ...lines: string[]): string[] => BEFORE.toSpliced(at, 0, ...lines);
const another = (n: number, more: object = {}): string => JSON.stringify({ ...order(n), ...more });
const INVALID = '{"id":"order-x","total":"much"}';

test("what comes again is not read again, and the manifest is that of a full reading", async () => {
  expect((await compare(BEFORE, BEFORE)).inspected).toBe(0);
  const longer = await compare(BEFORE, [...BEFORE, another(60), another(61)]);
  expect(longer.inspected).toBeGreaterThan(0);
  expect(longer.inspected).toBeLessThan(20);
});

test("a changed record costs the reading of its part, and of all after it if its length is another", async () => {
  const same = await compare(BEFORE, replaced(20, another(20, { run: "BATCH-20" })));
  expect(same.inspected).toBeGreaterThan(0);
  expect(same.inspected).toBeLessThan(25);
  const other = await compare(BEFORE, replaced(20, another(20, { run: "another batch" })));
  expect(other.inspected).toBeGreaterThan(35);
  expect(other.inspected).toBeLessThan(BEFORE.length);
});

test.each<readonly [string, readonly string[], readonly string[]]>([
  ["nothing left", BEFORE, []],
  ["a part's records gone at the end", BEFORE, BEFORE.slice(0, 30)],
  ["a record gone at the start", BEFORE, BEFORE.slice(1)],
  ["a record gone in the middle", BEFORE, BEFORE.toSpliced(30, 1)],
  ["a new record at the start", BEFORE, inserted(0, another(99))],
  ["a new record in the middle", BEFORE, inserted(31, another(99))],
  ["another order", BEFORE, BEFORE.toReversed()],
  ["an invalid record in the middle", BEFORE, inserted(31, INVALID)],
  ["an invalid record at the end", BEFORE, inserted(60, INVALID)],
  ["a record that became invalid", BEFORE, replaced(31, INVALID)],
  ["an invalid record as before", inserted(31, INVALID), inserted(31, INVALID)],
  ["an invalid record elsewhere", inserted(31, INVALID), inserted(7, INVALID)],
  ["an invalid record mended", inserted(31, INVALID), BEFORE],
  ["a new field", BEFORE, replaced(31, another(31, { gift: true }))],
  ["a new field of the same length", BEFORE, replaced(31, (BEFORE[31] ?? "").replace('"total"', '"tutti"'))],
  ["an unknown field as before", replaced(2, another(2, { gift: 1 })), replaced(2, another(2, { gift: 1 }))],
  ["an unknown field that is gone", replaced(2, another(2, { gift: 1 })), BEFORE],
  ["a line break between tokens", BEFORE, replaced(31, (BEFORE[31] ?? "").replace(":", ":\n"))],
  ["spaces where line breaks were", replaced(3, '{\n"id":"order-x"}'), replaced(3, '{ "id":"order-x"}')],
])("%s: as a full reading", async (_, before, after) => {
  for (const seed of [1, 2]) await compare(before, after, { seed });
});

test("a line break inside of a text is no JSON, though as a space it was", async () => {
  const spaced = replaced(31, another(31, { run: "a b" }));
  const broken = replaced(31, another(31, { run: "a b" }).replace("a b", "a\nb"));
  const { result } = await compare(spaced, broken);
  expect(result).toMatchObject({ invalid: 1, records: 59 });
});

test("a key that comes twice is found, whichever of the two was read", async () => {
  const last = BEFORE[59] ?? "";
  for (const after of [
    replaced(0, last),
    replaced(59, BEFORE[0] ?? ""),
    [...BEFORE, BEFORE[1] ?? "", another(1, { total: 1 })],
    inserted(40, BEFORE[0] ?? ""),
    [...BEFORE, ...BEFORE],
  ]) {
    const { result } = await compare(BEFORE, after);
    expect(result).toMatchObject({ code: "DUPLICATE_KEYS" });
  }
});

test("more invalid records than are allowed, and a flood of them, are the same error", async () => {
  const few = await compare(BEFORE, [...BEFORE.slice(0, 40), INVALID, INVALID, INVALID, ...BEFORE.slice(40)]);
  expect(few.result).toMatchObject({ code: "RECORDS_INVALID" });
  const flood = Array.from({ length: 1500 }, (_, n) => `{"id":${n}}`);
  const { result } = await compare(BEFORE, [...BEFORE.slice(0, 30), ...flood, ...BEFORE.slice(30)]);
  expect(result).toMatchObject({ code: "RECORDS_INVALID" });
});

test("random changes in random batches give what a full reading gives", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const pick = seeded(seed * 7919);
    const before = BEFORE.slice(0, 20 + pick(40));
    if (pick(3) === 0) before.splice(pick(before.length), 0, INVALID);
    const after = [...before];
    for (let change = pick(4); change > 0; change--) {
      const at = pick(after.length);
      const n = 100 + pick(100);
      const kind = pick(9);
      if (kind === 0) after.splice(at, 1);
      else if (kind === 1) after.splice(at, 0, another(n));
      else if (kind === 2) after[at] = INVALID;
      else if (kind === 3) after[at] = another(n, { gift: 1 });
      else if (kind === 4) after.splice(at, 0, after[pick(after.length)] ?? INVALID);
      else after[at] = (after[at] ?? "").replace(/\d(?=})/, String(pick(10)));
    }
    await compare(before, after, { seed, maxInvalid: 3 });
  }
}, 60_000);

test("another schema, another key, or unknown fields before: nothing is vouched for", async () => {
  const store = await temporaryLake();
  const [manifest] = (await extractShop(store, "r1", { orders: testSource(manyOrders(60)) })).collections;
  if (manifest === undefined) throw new Error("no manifest");
  expect(vouchedParts(orders, manifest)).toEqual(manifest.parts);
  expect(vouchedParts(orders, undefined)).toEqual([]);
  const wider = defineTables({ collection: "orders", schema: z.looseObject({ id: z.string() }) });
  expect(vouchedParts(wider, manifest)).toEqual([]);
  expect(vouchedParts(orders, { ...manifest, key: "placed" })).toEqual([]);
  expect(vouchedParts(orders, { ...manifest, drift: [{ path: "gift", records: 1 }] })).toEqual([]);
});
