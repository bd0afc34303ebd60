import { expect, test } from "vitest";
import { allKeys, temporaryLake, textOf } from "../../test/lake.ts";
import { extractShop, opensOf, shopSources } from "../../test/run.ts";
import { manyOrders, order } from "../../test/shop.ts";
import { testSource } from "../../test/source.ts";
import { completeCollections, gc, type ObjectStore, verify } from "../index.ts";
import { readObject } from "../store/read.ts";
import type { ExtractResult } from "./extract.ts";

const ordersOf = (result: ExtractResult) => {
  const manifest = result.collections.find(({ collection }) => collection === "orders");
  if (manifest === undefined) throw new Error("no orders");
  return manifest;
};

async function quarantineOf(
  store: ObjectStore,
  path: string | undefined,
): Promise<Record<string, unknown>[]> {
  const text = Buffer.from((await readObject(store, path ?? "none")) ?? "").toString("utf8");
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function isCollectable(store: ObjectStore): Promise<void> {
  expect((await verify({ store })).findings).toEqual([]);
  await gc({ store, graceHours: 0 });
  expect((await verify({ store })).findings).toEqual([]);
}

test("a body that breaks is read again from its start, and gives what an unbroken one gives", async () => {
  const [store, calm] = [await temporaryLake(), await temporaryLake()];
  const sources = shopSources();
  sources.orders.breaks.push(30, 0, 59);
  const result = await extractShop(store, "r1", sources);
  expect(ordersOf(result).parts).toEqual(ordersOf(await extractShop(calm, "r1", shopSources())).parts);
  expect(ordersOf(result).sourceState).toMatchObject({ requests: 5, totalRecords: 60 });
  expect(result.events.filter(({ type }) => type === "retry")).toHaveLength(3);
  expect(result.events).toContainEqual(
    expect.objectContaining({ type: "retry", attempt: 1, reason: expect.stringContaining("broke") }),
  );
  expect(await allKeys(store)).toEqual(await allKeys(calm));
});

test("one collection that keeps failing leaves the others complete, and a rerun reads only that one", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  sources.orders.breaks.push(30, 30, 30, 30);
  const failing = extractShop(store, "r1", sources);
  await expect(failing).rejects.toMatchObject({
    kind: "source",
    code: "BODY_BROKEN",
    exitCode: 4,
    retryable: true,
    hint: expect.stringContaining("2 of 3 collections are complete; --run-id r1 goes on"),
    details: { failed: [expect.objectContaining({ collection: "orders" })] },
  });
  expect(opensOf(sources)).toEqual({ orders: 4, customers: 1, coupons: 1 });
  const complete = (await completeCollections(store, "r1")).map(({ collection }) => collection);
  expect(complete).toEqual(["coupons", "customers"]);
  expect(await allKeys(store, "heads/")).toEqual([]);
  const result = await extractShop(store, "r1", sources);
  expect(result.outcome).toBe("committed");
  expect(opensOf(sources)).toEqual({ orders: 5, customers: 1, coupons: 1 });
  await isCollectable(store);
});

test("of several failures the one that no rerun mends is reported, and all are named", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  sources.orders.breaks.push(30);
  sources.customers.records = [{ number: "1" }];
  const events: unknown[] = [];
  const failing = extractShop(store, "r1", sources, {
    reread: { limit: 0 },
    onEvent: (event) => events.push(event),
  });
  await expect(failing).rejects.toMatchObject({
    kind: "data",
    code: "RECORDS_INVALID",
    exitCode: 7,
    message: expect.stringMatching(/^customers: .* Also failed: orders \(BODY_BROKEN\)\.$/),
  });
  for (const collection of ["orders", "customers"])
    expect(events).toContainEqual(
      expect.objectContaining({ type: "collection.finished", collection, outcome: "failed" }),
    );
});

test("a count that differs is read again once; then it is an error, and nothing is committed", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  await extractShop(store, "r1", sources);
  sources.orders.records = manyOrders(61);
  sources.orders.totals.push(60);
  const result = await extractShop(store, "r2", { orders: sources.orders });
  expect(sources.orders.asked.opens).toBe(3);
  expect(ordersOf(result).records).toBe(61);
  sources.orders.records = manyOrders(62);
  sources.orders.totals.push(60, 61);
  await expect(extractShop(store, "r3", { orders: sources.orders })).rejects.toMatchObject({
    kind: "source",
    code: "COUNT_MISMATCH",
    message: expect.stringMatching(/^orders: GET .* gave 62 records twice over, but the source counts 61\.$/),
  });
  expect(await completeCollections(store, "r3")).toEqual([]);
  await isCollectable(store);
});

test("duplicate keys are refused with examples", async () => {
  const store = await temporaryLake();
  const orders = testSource([...manyOrders(20), order(3), order(4), { ...order(3), total: 1 }]);
  await expect(extractShop(store, "r1", { orders })).rejects.toMatchObject({
    kind: "data",
    code: "DUPLICATE_KEYS",
    exitCode: 7,
    message: expect.stringMatching(/^orders: 3 records .* order-000003, order-000004/),
  });
  expect(await completeCollections(store, "r1")).toEqual([]);
});

test("invalid records beyond the limit fail the collection, and all reasons are kept", async () => {
  const store = await temporaryLake();
  const orders = testSource([order(0), { ...order(1), total: "7" }, order(2), { ...order(3), lines: [{}] }]);
  const failing = extractShop(store, "r1", { orders }, { maxInvalid: 1 });
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    kind: "data",
    code: "RECORDS_INVALID",
    exitCode: 7,
    message: expect.stringMatching(
      /^orders: 2 of 4 .* \(allowed: 1\); the first is order-000001: total: .*number/,
    ),
    hint: expect.stringContaining("--max-invalid 2"),
  });
  const path = (error as { details: { quarantine: string } }).details.quarantine;
  expect(await quarantineOf(store, path)).toMatchObject([
    { position: 1, key: "order-000001", issues: [expect.stringContaining("total")] },
    {
      position: 3,
      key: "order-000003",
      issues: expect.arrayContaining([expect.stringMatching(/^lines\[0\]\./)]),
    },
  ]);
});

test("invalid records within the limit go to quarantine with their bytes, and cost nothing when unchanged", async () => {
  const store = await temporaryLake();
  const notText = Buffer.from([0x7b, 0xff, 0x7d]);
  const bad = '{"id":"order-x",  "total":1e2}';
  const orders = testSource([order(0), bad, order(2), notText], { etags: false });
  const first = await extractShop(store, "r1", { orders }, { maxInvalid: 2 });
  const { quarantine } = ordersOf(first);
  expect(ordersOf(first)).toMatchObject({ records: 2, invalid: 2, quarantine: { rows: 2, keys: null } });
  expect(await quarantineOf(store, quarantine?.path)).toMatchObject([
    { position: 1, key: "order-x", raw: bad },
    { position: 3, key: null, rawBase64: notText.toString("base64") },
  ]);
  expect(await textOf(store, ordersOf(first).parts[0] ?? { path: "none" })).not.toContain("order-x");

  const raw = await allKeys(store, "raw/");
  const second = await extractShop(store, "r2", { orders }, { maxInvalid: 2 });
  expect(ordersOf(second)).toMatchObject({ quarantine, reused: "same-content" });
  expect(await allKeys(store, "raw/")).toEqual(raw);
  orders.records = [order(0), bad, order(2)];
  const third = await extractShop(store, "r3", { orders }, { maxInvalid: 2 });
  expect(ordersOf(third)).toMatchObject({ quarantine: { rows: 1, keys: ["order-x"] }, reused: null });
  orders.etags = true;
  await extractShop(store, "r4", { orders }, { maxInvalid: 2 });
  await expect(extractShop(store, "r5", { orders })).rejects.toMatchObject({ code: "RECORDS_INVALID" });
  expect(orders.asked.notModified).toBe(0);
  await isCollectable(store);
});

test("a flood of invalid records ends the reading early", async () => {
  const store = await temporaryLake();
  const orders = testSource(Array.from({ length: 5000 }, (_, n) => ({ id: n })));
  let given = 0;
  orders.onRecord = (count) => void (given = count);
  await expect(extractShop(store, "r1", { orders })).rejects.toMatchObject({ code: "RECORDS_INVALID" });
  expect(given).toBeLessThan(2000);
});

test("unknown fields are reported and kept; with strict they are an error, also after a 304", async () => {
  const store = await temporaryLake();
  const orders = testSource([order(0), { ...order(1), gift: true, ship: { city: "x", zip: 1 } }]);
  const result = await extractShop(store, "r1", { orders });
  expect(ordersOf(result).drift).toEqual([
    { path: "gift", records: 1 },
    { path: "ship.zip", records: 1 },
  ]);
  expect(result.events).toContainEqual({
    type: "warning",
    code: "DRIFT",
    message: "orders: unknown field gift in 1 records; it stays in the raw zone.",
  });
  expect(await textOf(store, ordersOf(result).parts[0] ?? { path: "none" })).toContain('"gift":true');
  await expect(extractShop(store, "r2", { orders }, { strict: true })).rejects.toMatchObject({
    kind: "schema",
    code: "SCHEMA_DRIFT",
    exitCode: 6,
    message: expect.stringContaining("gift (1 records), ship.zip (1 records)"),
  });
  expect(orders.asked).toMatchObject({ opens: 2, notModified: 0 });
});
