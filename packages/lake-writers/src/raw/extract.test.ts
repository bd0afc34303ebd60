import { expect, test } from "vitest";
import { allKeys, temporaryLake, textOf } from "../../test/lake.ts";
import { extractShop, opensOf, shopSources } from "../../test/run.ts";
import { manyOrders } from "../../test/shop.ts";
import { newestCollections, type ObjectStore, verify } from "../index.ts";
import type { ExtractResult } from "./extract.ts";

function manifestOf(result: ExtractResult, name: string) {
  const manifest = result.collections.find(({ collection }) => collection === name);
  if (manifest === undefined) throw new Error(`no manifest of ${name}`);
  return manifest;
}

async function linesOf(store: ObjectStore, result: ExtractResult, name: string): Promise<string> {
  return (await Promise.all(manifestOf(result, name).parts.map((part) => textOf(store, part)))).join("");
}

const partKeys = async (store: ObjectStore) => allKeys(store, "raw/");

test("a first run writes the source's own bytes, manifests and a head, and nothing else", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  const odd =
    '{"total":1.0,"id":"odd","run":"\\u00e9","lines":[],"placed":"2020-01-01T00:00:00Z","big":12345678901234567890}';
  sources.orders.records = [...sources.orders.records, odd];
  const result = await extractShop(store, "r1", sources);
  expect(result.outcome).toBe("committed");
  const expected = [...manyOrders(60).map((record) => JSON.stringify(record)), odd, ""].join("\n");
  expect(await linesOf(store, result, "orders")).toBe(expected);
  expect(manifestOf(result, "orders")).toMatchObject({
    runId: "r1",
    source: "shop",
    records: 61,
    invalid: 0,
    contentBytes: Buffer.byteLength(expected),
    reused: null,
    drift: [{ path: "big", records: 1 }],
    sourceState: { totalRecords: 61, requests: 2, etag: expect.stringContaining('"') },
  });
  expect(manifestOf(result, "orders").parts.length).toBeGreaterThan(3);
  expect(manifestOf(result, "customers").parts[0]).toMatchObject({ firstKey: "0", lastKey: "9", rows: 10 });
  expect(manifestOf(result, "coupons")).toMatchObject({ records: 0, parts: [], reused: null });
  expect(await allKeys(store)).toEqual([
    "heads/0000000001.json",
    ...result.collections.flatMap(({ parts }) => parts.map(({ path }) => path)).toSorted(),
    "runs/r1/extract.json",
    ...["coupons", "customers", "orders"].map((name) => `runs/r1/extract/${name}.json`),
    "runs/r1/request.json",
  ]);
  expect((await verify({ store })).findings).toEqual([]);
  const events = result.events.filter(({ type }) => type === "collection.finished");
  expect(events).toHaveLength(3);
  expect(events).toContainEqual({
    type: "collection.finished",
    step: "extract",
    collection: "customers",
    records: 10,
    bytes: manifestOf(result, "customers").contentBytes,
    outcome: "written",
  });
});

test("the same run id again asks the source for nothing and changes nothing", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  const first = await extractShop(store, "r1", sources);
  const keys = await allKeys(store);
  const again = await extractShop(store, "r1", sources);
  expect(again.outcome).toBe("adopted");
  expect(again.extract).toEqual(first.extract);
  expect(again.collections).toEqual(first.collections);
  expect(opensOf(sources)).toEqual({ orders: 1, customers: 1, coupons: 1 });
  expect(await allKeys(store)).toEqual(keys);
});

test("parts are cut by size alone: batches, codec, concurrency and run do not matter", async () => {
  const [a, b] = [await temporaryLake(), await temporaryLake()];
  const zstd = await extractShop(a, "r1", shopSources({ orders: 300 }), { concurrency: 1 });
  const gzip = await extractShop(b, "r2", shopSources({ orders: 300 }), {
    compression: "gzip",
    concurrency: 3,
  });
  const cut = (result: ExtractResult) =>
    manifestOf(result, "orders").parts.map(({ contentSha256, rows, firstKey, lastKey }) => ({
      contentSha256,
      rows,
      firstKey,
      lastKey,
    }));
  expect(cut(gzip)).toEqual(cut(zstd));
  expect(await linesOf(b, gzip, "orders")).toBe(await linesOf(a, zstd, "orders"));
});

test("unchanged by ETag: one conditional request each, no body, no part", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  const first = await extractShop(store, "r1", sources);
  const parts = await partKeys(store);
  const second = await extractShop(store, "r2", sources);
  expect(sources.orders.asked).toEqual({ opens: 2, notModified: 1, counts: 1 });
  expect(await partKeys(store)).toEqual(parts);
  expect(manifestOf(second, "orders")).toEqual({
    ...manifestOf(first, "orders"),
    runId: "r2",
    extractedAt: manifestOf(second, "orders").extractedAt,
    reused: "not-modified",
    sourceState: { ...manifestOf(first, "orders").sourceState, requests: 1 },
  });
  expect((await newestCollections(store, "shop")).get("orders")?.runId).toBe("r2");
  expect((await verify({ store })).findings).toEqual([]);
});

test("unchanged without ETags: everything is read, and no part is written", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  await extractShop(store, "r1", sources);
  const keys = await allKeys(store);
  for (const [runId, more] of [
    ["r2", { useEtags: false }],
    ["r3", { useEtags: false, compression: "gzip" }],
  ] as const) {
    const result = await extractShop(store, runId, sources, more);
    expect(result.collections.map(({ reused }) => reused)).toEqual(Array(3).fill("same-content"));
    expect(result.events).toContainEqual(
      expect.objectContaining({ type: "collection.finished", collection: "orders", outcome: "unchanged" }),
    );
  }
  expect(sources.orders.asked).toEqual({ opens: 3, notModified: 0, counts: 3 });
  const isDocument = (key: string) => key.startsWith("runs/") || key.startsWith("heads/");
  expect((await allKeys(store)).filter((key) => !keys.includes(key) && !isDocument(key))).toEqual([]);
  expect((await verify({ store })).findings).toEqual([]);
});

test("one changed record costs the parts that hold it, the rest is referenced", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  const first = await extractShop(store, "r1", sources);
  // The same length, so that later parts are cut where they were.
  sources.orders.records = manyOrders(60).map((record, n) =>
    n === 20 ? { ...record, run: "BATCH-20" } : record,
  );
  const second = await extractShop(store, "r2", sources);
  const changed = manifestOf(second, "orders").parts.filter(({ runId }) => runId === "r2");
  expect(changed).toHaveLength(1);
  expect(manifestOf(second, "orders").reused).toBeNull();
  expect(manifestOf(second, "customers").reused).toBe("not-modified");
  expect(await linesOf(store, second, "orders")).toContain('"BATCH-20"');
  expect(await linesOf(store, first, "orders")).not.toContain('"BATCH-20"');
  expect((await verify({ store })).findings).toEqual([]);
});

test("records that are gone are a change, though every part left is an earlier run's", async () => {
  const store = await temporaryLake();
  const sources = shopSources({ etags: false });
  const first = await extractShop(store, "r1", sources);
  const kept = manifestOf(first, "orders")
    .parts.slice(0, 2)
    .reduce((sum, { rows }) => sum + rows, 0);
  sources.orders.records = manyOrders(kept);
  const second = await extractShop(store, "r2", sources);
  expect(manifestOf(second, "orders").parts).toEqual(manifestOf(first, "orders").parts.slice(0, 2));
  expect(manifestOf(second, "orders")).toMatchObject({ records: kept, reused: null });
  sources.orders.records = [];
  expect(manifestOf(await extractShop(store, "r3", sources), "orders").reused).toBeNull();
  expect(manifestOf(await extractShop(store, "r4", sources), "orders").reused).toBe("same-content");
});
