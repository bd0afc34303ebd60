import { expect, test } from "vitest";
import { allKeys, editDocument, overwrite, temporaryLake } from "../../test/lake.ts";
import { reachable } from "../../test/reachable.ts";
import { clock, extractShop, shopSources } from "../../test/run.ts";
import { manyOrders } from "../../test/shop.ts";
import { testSource } from "../../test/source.ts";
import { lakeOfTwoRuns } from "../../test/two-runs.ts";
import { gc, type GcOptions, type ObjectStore, verify } from "../index.ts";

const DAY_MS = 86_400_000;

/** The same store where the keys that fit are older by so many hours. */
function aged(store: ObjectStore, hoursOf: (key: string) => number): ObjectStore {
  const age = (info: { key: string; createdAt: Date; bytes: number }) => ({
    ...info,
    createdAt: new Date(info.createdAt.getTime() - hoursOf(info.key) * 3_600_000),
  });
  return {
    ...store,
    async *list(prefix) {
      for await (const info of store.list(prefix)) yield age(info);
    },
  };
}

/** Daily runs of which each changes the first order, and so refers to the first run's later parts. */
async function lakeOfDays(days = 6): Promise<{ store: ObjectStore; now: () => Date }> {
  const store = await temporaryLake();
  const orders = testSource(manyOrders(40));
  for (let day = 0; day < days; day++) {
    orders.records = manyOrders(40).map((record, n) =>
      n === 0 ? { ...record, run: `batch-${day}` } : record,
    );
    await extractShop(store, `r${day}`, { orders }, { now: clock(Date.UTC(2026, 0, 1 + day)) });
  }
  return { store, now: () => new Date(Date.UTC(2026, 0, days, 12)) };
}

/** With the clock of the runs and no grace: files are of today, so everything counts as old. */
const collect = (store: ObjectStore, now: () => Date, more: Partial<GcOptions>) =>
  gc({ store: aged(store, () => 24 * 365 * 100), now, graceHours: 0, ...more });

test("by default every committed run is kept, and old heads and what nothing refers to go", async () => {
  const store = await lakeOfTwoRuns();
  const orphan = "raw/shop/orders/run=r1/00009-0123456789abcdef.ndjson.zst";
  await store.createIfAbsent(orphan, Buffer.from("left by a crash"));
  const before = await allKeys(store);
  const dry = await gc({ store, graceHours: 0, dryRun: true });
  expect(await allKeys(store)).toEqual(before);
  const result = await gc({ store, graceHours: 0 });
  expect(result).toEqual(dry);
  expect(result.keptRuns).toEqual(["r1", "r2"]);
  expect(result.removed.map(({ key }) => key)).toEqual([
    "heads/0000000001.json",
    "heads/0000000002.json",
    "heads/0000000003.json",
    orphan,
  ]);
  expect(result.removedBytes).toBe(result.removed.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(await allKeys(store)).toEqual(await reachable(store, ["r1", "r2"]));
  expect(result.keptObjects).toBe((await allKeys(store)).length);
  expect((await verify({ store })).findings).toEqual([]);
  expect((await gc({ store, graceHours: 0 })).removed).toEqual([]);
});

test("nothing is deleted before all that refers to it is", async () => {
  const { store, now } = await lakeOfDays();
  const gone: string[] = [];
  const watched: ObjectStore = {
    ...store,
    async delete(key) {
      await store.delete(key);
      gone.push(key);
    },
  };
  await collect(watched, now, { keepRuns: 1 });
  const rankOf = (key: string): number =>
    [/^heads/, /tables\.json/, /extract\.json/, /extract\//, /request/, /./].findIndex((part) =>
      part.test(key),
    );
  expect(gone.map(rankOf)).toEqual(gone.map(rankOf).toSorted());
  expect(new Set(gone.map(rankOf)).size).toBeGreaterThanOrEqual(4);
});

test("nothing young is touched, nor what it refers to", async () => {
  const store = await lakeOfTwoRuns();
  await store.createIfAbsent("tables/orders/run=r3/00000-0123456789abcdef.parquet", Buffer.from("x"));
  expect((await gc({ store })).removed).toEqual([]);
  expect((await gc({ store, keepRuns: 0, graceHours: 1 })).removed).toEqual([]);
});

test("keepRuns keeps the newest, with the parts of older runs that they refer to", async () => {
  const { store, now } = await lakeOfDays();
  const result = await collect(store, now, { keepRuns: 2 });
  expect(result.keptRuns).toEqual(["r4", "r5"]);
  expect(result.removedRuns).toEqual(["r0", "r1", "r2", "r3"]);
  const keys = await allKeys(store);
  expect(keys).toEqual(await reachable(store, ["r4", "r5"]));
  expect(keys.some((key) => key.startsWith("raw/shop/orders/run=r0/"))).toBe(true);
  expect(keys.some((key) => key.startsWith("raw/shop/orders/run=r1/"))).toBe(false);
  expect((await verify({ store })).findings).toEqual([]);
});

test("keepDays keeps by time of extraction; with keepRuns a run stays if either says so", async () => {
  const { store, now } = await lakeOfDays();
  const dry = (more: Partial<GcOptions>) => collect(store, now, { ...more, dryRun: true });
  expect((await dry({ keepDays: 3 })).keptRuns).toEqual(["r3", "r4", "r5"]);
  expect((await dry({ keepDays: 3, keepRuns: 1 })).keptRuns).toEqual(["r3", "r4", "r5"]);
  expect((await dry({ keepDays: 1, keepRuns: 4 })).keptRuns).toEqual(["r2", "r3", "r4", "r5"]);
  const later = () => new Date(now().getTime() + 365 * DAY_MS);
  expect((await collect(store, later, { keepDays: 3, dryRun: true })).keptRuns).toEqual(["r5"]);
});

test("runs that the newest head points to stay, however old", async () => {
  const store = await temporaryLake();
  const { orders, customers } = shopSources();
  await extractShop(store, "r1", { orders, customers });
  for (const runId of ["r2", "r3"]) {
    orders.records = manyOrders(61).slice(runId === "r2" ? 1 : 0);
    await extractShop(store, runId, { orders });
  }
  expect((await gc({ store, keepRuns: 0, graceHours: 0 })).keptRuns).toEqual(["r1", "r3"]);
  expect((await verify({ store })).findings).toEqual([]);
  const again = await extractShop(store, "r4", { customers });
  expect(again.collections[0]?.reused).toBe("not-modified");
});

test("a run that was the newest during the grace period stays: another may be about to refer to it", async () => {
  const { store, now } = await lakeOfDays();
  // Heads 5 and 6 are young; head 4 was the newest when the period began.
  const young = aged(store, (key) => (/heads\/000000000[56]/.test(key) ? 0 : 24 * 365 * 100));
  const result = await gc({ store: young, now, keepRuns: 1, graceHours: 24 });
  expect(result.keptRuns).toEqual(["r3", "r4", "r5"]);
  expect((await allKeys(store, "heads/")).map((key) => key.slice(-7, -5))).toEqual(["04", "05", "06"]);
  expect((await verify({ store })).findings).toEqual([]);
});

test("an unfinished run stays whole while any of its documents is young, and goes whole after that", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  sources.orders.breaks.push(30, 30, 30, 30);
  await expect(extractShop(store, "r1", sources)).rejects.toMatchObject({ code: "BODY_BROKEN" });
  const before = await allKeys(store);
  const half = aged(store, (key) => (key.endsWith("coupons.json") ? 0 : 48));
  const { removed } = await gc({ store: half });
  expect(removed.every(({ key }) => key.startsWith("raw/shop/orders/"))).toBe(true);
  expect(await allKeys(store, "runs/")).toEqual(before.filter((key) => key.startsWith("runs/")));
  expect((await verify({ store })).findings).toEqual([]);
  await gc({ store, graceHours: 0 });
  expect(await allKeys(store)).toEqual([]);
});

test("objects of others are none of our business", async () => {
  const store = await lakeOfTwoRuns();
  const foreign = [
    "README.md",
    "heads/README.md",
    "heads/1.json",
    "runs/README.md",
    "runs/r1/notes.txt",
    "runs/Bad Run/extract.json",
    "raw/shop/orders/notes.ndjson",
    "raw/shop/orders/run=r1/mine.csv",
    "tables/orders/run=r1/export.parquet",
    "airbyte/launches/2026_11_22_1_0.jsonl.gz",
    "copy/run=r1/orders.manifest",
  ];
  for (const key of foreign) await store.createIfAbsent(key, Buffer.from("somebody else's"));
  await gc({ store, graceHours: 0, keepRuns: 0 });
  const keys = await allKeys(store);
  expect(foreign.filter((key) => !keys.includes(key))).toEqual([]);
  expect(await verify({ store })).toMatchObject({ runs: 1, heads: 1, findings: [] });
});

test("what told a warehouse which parts to copy goes after the grace period, though its run is kept", async () => {
  const store = await lakeOfTwoRuns();
  const key = "copy/run=r1/orders-0123456789abcdef.manifest";
  await store.createIfAbsent(key, Buffer.from("{}"));
  expect((await gc({ store })).removed).toEqual([]);
  const { removed, keptRuns } = await gc({ store: aged(store, () => 48) });
  expect(removed.map((object) => object.key)).toContain(key);
  expect(keptRuns).toContain("r1");
  expect((await verify({ store })).findings).toEqual([]);
});

test.each([
  ["a kept manifest", "runs/r1/extract/orders.json"],
  ["a tables manifest", "runs/r2/tables.json"],
  ["a run's manifest", "runs/r1/extract.json"],
  ["the newest head", "heads/0000000004.json"],
])("where %s cannot be read, nothing is deleted", async (_, key) => {
  const damages = [
    ["MANIFEST_DAMAGED", (store: ObjectStore) => overwrite(store, key, () => "{")],
    [
      "MANIFEST_NEWER",
      (store: ObjectStore) =>
        editDocument<object>(store, key, (document) => void Object.assign(document, { version: 2 })),
    ],
  ] as const;
  for (const [code, damage] of damages) {
    const store = await lakeOfTwoRuns();
    await damage(store);
    const before = await allKeys(store);
    await expect(gc({ store, graceHours: 0 })).rejects.toMatchObject({ code });
    expect(await allKeys(store)).toEqual(before);
  }
});

test("a collection that is stopped after any deletion leaves a lake without findings, and the next one ends it", async () => {
  const { store: complete, now } = await lakeOfDays(3);
  const all = (await collect(complete, now, { keepRuns: 1, dryRun: true })).removed.length;
  expect(all).toBeGreaterThan(8);
  const { store } = await lakeOfDays(3);
  for (let done = 1; done <= all; done++) {
    let left = 1;
    const stopping: ObjectStore = {
      ...store,
      delete: async (key) => {
        if (left-- === 0) throw new Error("stopped");
        await store.delete(key);
      },
    };
    await collect(stopping, now, { keepRuns: 1 }).catch((error: Error) =>
      expect(error.message).toBe("stopped"),
    );
    expect((await verify({ store })).findings, `after ${done} deletions`).toEqual([]);
  }
  expect(await allKeys(store)).toEqual(await reachable(store, ["r2"]));
});

test("numbers below zero are refused", async () => {
  const store = await temporaryLake();
  for (const options of [{ keepRuns: -1 }, { keepDays: Number.NaN }, { graceHours: -0.5 }]) {
    await expect(gc({ store, ...options })).rejects.toMatchObject({ kind: "usage", code: "GC_OPTION" });
  }
});
