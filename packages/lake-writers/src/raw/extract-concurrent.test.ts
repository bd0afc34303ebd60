import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allKeys, temporaryLake } from "../../test/lake.ts";
import { clock, extractShop, opensOf, shopSources } from "../../test/run.ts";
import { manyOrders, order } from "../../test/shop.ts";
import { testSource } from "../../test/source.ts";
import { runProcess } from "../../test/spawn.ts";
import { gc, readHead, verify } from "../index.ts";

test("two extractions of one run in one process end with one commit that both return", async () => {
  const store = await temporaryLake();
  const [a, b] = [shopSources(), shopSources()];
  const results = await Promise.all([extractShop(store, "r1", a), extractShop(store, "r1", b)]);
  expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(["adopted", "committed"]);
  expect(results[0].extract).toEqual(results[1].extract);
  expect(results[0].collections).toEqual(results[1].collections);
  expect((await verify({ store })).findings).toEqual([]);
});

test("two extractions of one run that see different data never mix", async () => {
  const store = await temporaryLake();
  const [a, b] = [shopSources({ orders: 40 }), shopSources({ orders: 80 })];
  a.customers.records = [];
  const results = await Promise.all([extractShop(store, "r1", a), extractShop(store, "r1", b)]);
  expect(results[0].collections).toEqual(results[1].collections);
  for (const manifest of results[0].collections) {
    expect(manifest.records).toBe(manifest.parts.reduce((sum, { rows }) => sum + rows, 0));
    expect([0, 10, 40, 80]).toContain(manifest.records);
  }
  expect((await verify({ store })).findings).toEqual([]);
  await gc({ store, graceHours: 0 });
  expect((await verify({ store })).findings).toEqual([]);
});

test("two processes with the same run id end with one commit", async () => {
  const store = await temporaryLake();
  const root = fileURLToPath(store.url);
  const options = {
    root,
    runId: "r1",
    orders: 500,
    killAt: 0,
    normalize: true,
    collections: ["orders", "customers"],
  } as const;
  const ended = await Promise.all([runProcess(options), runProcess(options)]);
  expect(ended.map(({ stderr }) => stderr)).toEqual(["", ""]);
  for (const step of ["extract", "normalize"] as const) {
    expect(ended.filter(({ result }) => result?.[step] === "committed")).toHaveLength(1);
    expect(ended.filter(({ result }) => result?.[step] === "adopted")).toHaveLength(1);
  }
  const keys = await allKeys(store);
  expect(keys.filter((key) => key.startsWith("raw/shop/customers/"))).toHaveLength(1);
  expect(keys.filter((key) => key.startsWith("tables/customers/"))).toHaveLength(1);
  expect((await verify({ store })).findings).toEqual([]);
});

test("runs at the same time publish one chain of heads that holds the newest of each collection", async () => {
  const store = await temporaryLake();
  const runs = Array.from({ length: 8 }, (_, n) => {
    const { orders, customers } = shopSources({ orders: 10 + n });
    const sources = n % 2 === 0 ? { orders, customers } : { orders };
    return extractShop(store, `r${n}`, sources, { now: clock(Date.UTC(2026, 0, 10 - n)) });
  });
  await Promise.all(runs);
  expect((await readHead(store))?.document.extracts["shop"]).toMatchObject({
    customers: { runId: "r0" },
    orders: { runId: "r0" },
  });
  const heads = await allKeys(store, "heads/");
  expect(heads).toEqual(heads.map((_, n) => `heads/${String(n + 1).padStart(10, "0")}.json`));
  expect((await verify({ store })).findings).toEqual([]);
});

test("an older extraction that is late never hides a newer one, and costs no head", async () => {
  const store = await temporaryLake();
  const orders = testSource(manyOrders(5));
  await extractShop(store, "newer", { orders }, { now: clock(Date.UTC(2026, 5, 2)) });
  const heads = await allKeys(store, "heads/");
  await extractShop(store, "older", { orders }, { now: clock(Date.UTC(2026, 5, 1)) });
  expect(await allKeys(store, "heads/")).toEqual(heads);
  expect((await readHead(store))?.document.extracts["shop"]?.["orders"]?.runId).toBe("newer");
});

test("another source in the same lake is apart", async () => {
  const store = await temporaryLake();
  const sources = { orders: testSource(manyOrders(5)) };
  await extractShop(store, "r1", sources, { source: "constructor" });
  await extractShop(store, "r2", sources, { source: "10.0.0.1-8080" });
  expect(sources.orders.asked.notModified).toBe(0);
  const extracts = (await readHead(store))?.document.extracts ?? {};
  expect(Object.keys(extracts).toSorted()).toEqual(["10.0.0.1-8080", "constructor"]);
  await extractShop(store, "r3", sources, { source: "constructor" });
  expect(sources.orders.asked.notModified).toBe(1);
  expect((await verify({ store })).findings).toEqual([]);
});

test("an abort ends with its reason, leaves nothing under way, and the rerun goes on", async () => {
  const store = await temporaryLake();
  const sources = shopSources({ orders: 200 });
  const controller = new AbortController();
  const reason = new Error("SIGTERM");
  sources.orders.onRecord = (given) => {
    if (given > 100) controller.abort(reason);
  };
  const aborted = extractShop(store, "r1", sources, { signal: controller.signal, concurrency: 1 });
  await expect(aborted).rejects.toBe(reason);
  const keys = await allKeys(store);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await allKeys(store)).toEqual(keys);
  expect(opensOf(sources)).toEqual({ orders: 1, customers: 0, coupons: 0 });
  sources.orders.onRecord = undefined;
  expect((await extractShop(store, "r1", sources)).outcome).toBe("committed");
  expect((await verify({ store })).findings).toEqual([]);
});

test("an abort while waiting for the next attempt ends at once", async () => {
  const store = await temporaryLake();
  const orders = testSource([order(1)]);
  orders.breaks.push(0);
  const reason = new Error("SIGTERM");
  const controller = new AbortController();
  const aborted = extractShop(
    store,
    "r1",
    { orders },
    {
      signal: controller.signal,
      reread: { baseDelayMs: 600_000 },
      onEvent: ({ type }) => {
        if (type === "retry") controller.abort(reason);
      },
    },
  );
  await expect(aborted).rejects.toBe(reason);
});
