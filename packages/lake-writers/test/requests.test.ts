import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { completeCollections, fetchPart, gc, normalize, runState, tableFiles, verify } from "../src/index.ts";
import { openDuckDB, temporaryFolder } from "./lake.ts";
import { remoteLake, type RemoteLake } from "./remote-lake.ts";
import { clock, extractShop, shopSources } from "./run.ts";
import { manyOrders, shop } from "./shop.ts";

/** Of the shop: orders, customers, coupons. */
const COLLECTIONS = 3;
/** Of orders, at 3000 bytes each; customers are one, coupons none. */
const ORDER_PARTS = 4;
const RAW_PARTS = ORDER_PARTS + 1;
/** One for each table that has rows. */
const TABLE_PARTS = 4;

async function makeTables(lake: RemoteLake, runId: string): Promise<void> {
  await normalize({ store: lake.store, runId, collections: shop, connection: await openDuckDB() });
}

test("every step costs the requests that it must, so that a bucket far away is not asked for nothing", async () => {
  const lake = await remoteLake({ parallelCreates: 4 });
  const { store } = lake;
  const sources = shopSources();

  await extractShop(store, "r1", sources);
  expect(lake.calls()).toEqual({
    // The request, parts, one manifest each, the run's manifest, the head.
    create: 1 + RAW_PARTS + COLLECTIONS + 1 + 1,
    // Is the run committed? Is the collection?
    get: 1 + COLLECTIONS,
    // The newest head: at the start, before and after publishing.
    list: 3,
  });

  await makeTables(lake, "r1");
  expect(lake.calls()).toEqual({
    create: TABLE_PARTS + 1 + 1,
    // Both manifests of the run, the head, collections, raw parts.
    get: 2 + 1 + COLLECTIONS + RAW_PARTS,
    list: 3,
  });

  // Nothing has changed, and the source says so.
  await extractShop(store, "r2", sources);
  expect(lake.calls()).toEqual({
    create: 1 + COLLECTIONS + 1 + 1,
    // As the first time, the head, and the manifests of the run that it names.
    get: 1 + COLLECTIONS + 1 + 1 + COLLECTIONS,
    // Parts of orders are many in one folder; that of customers is alone.
    list: 3 + 1,
    head: 1,
  });
  await makeTables(lake, "r2");
  expect(lake.calls()).toEqual({
    create: 1 + 1,
    get: 2 + 1 + COLLECTIONS + 1,
    head: TABLE_PARTS,
    list: 3,
  });

  // The same run again.
  await extractShop(store, "r2", sources);
  expect(lake.calls()).toEqual({ create: 1, get: 1 + 1 + 1 + COLLECTIONS, list: 2 });
  await makeTables(lake, "r2");
  expect(lake.calls()).toEqual({ get: 2 + 1, list: 2 });

  // The source cannot say so: every record is read, and every part is looked for.
  const again = shopSources({ etags: false });
  await extractShop(store, "r3", again, { useEtags: false });
  expect(lake.calls()).toMatchObject({ create: 1 + COLLECTIONS + 1 + 1, head: 1 + RAW_PARTS, list: 3 + 1 });

  await runState(store, "r3");
  expect(lake.calls()).toEqual({ head: 2 });
  await completeCollections(store, "r3");
  expect(lake.calls()).toEqual({ list: 1, get: COLLECTIONS });
  await tableFiles(store, "orders", { source: "shop" });
  expect(lake.calls()).toEqual({ list: 1, get: 2 });
  await gc({ store, graceHours: 0, keepRuns: 1 });
  expect(lake.calls()).toMatchObject({ list: 1 });
});

test("requests that do not depend on each other wait side by side", async () => {
  const lake = await remoteLake({ parallelCreates: 3, delayMs: 5 });
  const { store } = lake;
  const { orders } = shopSources();
  orders.records = manyOrders(150);
  await extractShop(store, "r1", { orders });
  expect(lake.most()).toMatchObject({ create: 3 });
  await makeTables(lake, "r1");
  expect(lake.most().create).toBeGreaterThanOrEqual(2);
  expect((await verify({ store })).findings).toEqual([]);
  expect(lake.most().get).toBeGreaterThanOrEqual(4);
  await gc({ store, graceHours: 0, keepRuns: 0 });
  for (let day = 0; day < 6; day++) {
    orders.records = manyOrders(30 + day);
    await extractShop(store, `d${day}`, { orders }, { now: clock(Date.UTC(2027, 0, day + 1)) });
  }
  lake.most();
  await gc({ store, graceHours: 0, keepRuns: 1 });
  expect(lake.most().delete).toBeGreaterThanOrEqual(5);
  expect((await verify({ store })).findings).toEqual([]);
});

test("one upload at a time where the store does not ask for more", async () => {
  const lake = await remoteLake({ delayMs: 2 });
  await extractShop(lake.store, "r1", shopSources({ customers: 0 }), { concurrency: 1 });
  expect(lake.most()).toMatchObject({ create: 1 });
});

test("every call can be stopped, and every object says what it is", async () => {
  const lake = await remoteLake({ parallelCreates: 2 });
  const { store, heard } = lake;
  const { signal } = new AbortController();
  const sources = shopSources();
  const connection = await openDuckDB();
  for (const runId of ["r1", "r2"]) {
    await extractShop(store, runId, { ...sources }, { signal });
    await normalize({ store, runId, collections: shop, connection, signal });
  }
  await verify({ store, connection, signal });
  await verify({ store, runId: "r1", signal });
  await tableFiles(store, "orders", { source: "shop", signal });
  await completeCollections(store, "r1", signal);
  await runState(store, "r1", signal);
  await gc({ store, graceHours: 0, signal });
  for (const { call, key, options } of heard)
    expect(options, `${call} ${key}`).toMatchObject({ signal: expect.any(AbortSignal) });

  const created = heard.filter(({ call }) => call === "create");
  for (const { key, options } of created) {
    const [, type] = /\.(json|zst|parquet)$/.exec(key) ?? [];
    expect(options, key).toMatchObject({
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      metadata: { "run-id": expect.stringMatching(/^r[12]$/) },
      contentType: {
        json: "application/json",
        zst: "application/zstd",
        parquet: "application/vnd.apache.parquet",
      }[type ?? ""],
    });
  }
  const facts = (prefix: string): unknown =>
    (created.find(({ key }) => key.startsWith(prefix))?.options as { metadata?: unknown })?.metadata;
  expect(facts("raw/shop/orders/")).toEqual({ "run-id": "r1", collection: "orders" });
  expect(facts("runs/r2/extract/")).toMatchObject({ "run-id": "r2", collection: expect.any(String) });
  expect(facts("tables/orders__lines/")).toEqual({ "run-id": "r1", table: "orders__lines" });
});

test("normalize keeps few parts of a remote lake on this machine, and none afterwards", async () => {
  const lake = await remoteLake();
  const { orders } = shopSources();
  orders.records = manyOrders(600);
  await extractShop(lake.store, "r1", { orders });
  const workFolder = join(await temporaryFolder(), "work");
  await mkdir(workFolder);
  const raw = async (): Promise<string[]> => {
    const [own = "."] = await readdir(workFolder);
    return (await readdir(join(workFolder, own))).filter((name) => name.includes(".ndjson."));
  };
  let most = 0;
  lake.before = async (call, key) => {
    if (call === "get" && key.startsWith("raw/")) most = Math.max(most, (await raw()).length);
  };
  const connection = await openDuckDB();
  const options = { store: lake.store, collections: shop, connection, workFolder, batchBytes: 9000 };
  await normalize({ ...options, runId: "r1" });
  expect(lake.most().get).toBeGreaterThanOrEqual(2);
  expect(most).toBeGreaterThanOrEqual(1);
  // Two of the batch that is made, two of the one that waits for it.
  expect(most).toBeLessThanOrEqual(4);
  expect(await readdir(workFolder)).toEqual([]);

  orders.records = manyOrders(601).slice(1);
  await extractShop(lake.store, "r2", { orders });
  let left = 6;
  lake.before = (call, key) => {
    if (call !== "get" || !key.startsWith("raw/") || left-- > 0) return;
    throw new EtlError({ kind: "destination", code: "LAKE_UNREACHABLE", message: "The network is gone." });
  };
  await expect(normalize({ ...options, runId: "r2" })).rejects.toMatchObject({ code: "LAKE_UNREACHABLE" });
  expect(await readdir(workFolder)).toEqual([]);
});

test("a lake that cannot be reached is no damaged lake", async () => {
  const lake = await remoteLake();
  await extractShop(lake.store, "r1", shopSources());
  for (const part of ["heads/", "runs/r1/extract.json", "raw/shop/orders/"]) {
    lake.before = (_, key) => {
      if (!key.startsWith(part)) return;
      throw new EtlError({ kind: "destination", code: "LAKE_UNREACHABLE", message: "The network is gone." });
    };
    await expect(verify({ store: lake.store }), part).rejects.toMatchObject({ code: "LAKE_UNREACHABLE" });
  }
});

test("a network that is dead holds nobody up who wants to stop", async () => {
  const lake = await remoteLake({ parallelCreates: 2 });
  const { store, heard } = lake;
  const connection = await openDuckDB();
  const folder = await temporaryFolder();
  await extractShop(store, "r1", shopSources());
  await makeTables(lake, "r1");
  const [part] = (await tableFiles(store, "orders", { source: "shop" })).parts;
  if (part === undefined) throw new Error("no part");
  const reason = new Error("SIGTERM");
  const steps: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
    extract: (signal) => extractShop(store, "r9", shopSources({ orders: 90 }), { signal }),
    normalize: (signal) => normalize({ store, runId: "r1", collections: shop, connection, signal }),
    verify: (signal) => verify({ store, connection, signal }),
    gc: (signal) => gc({ store, graceHours: 0, keepRuns: 0, signal }),
    fetchPart: (signal) => fetchPart(store, part, folder, { signal }),
    completeCollections: (signal) => completeCollections(store, "r1", signal),
    runState: (signal) => runState(store, "r1", signal),
  };
  for (const [name, step] of Object.entries(steps)) {
    for (const after of [0, 1, 4]) {
      const controller = new AbortController();
      let left = after;
      let silent = false;
      lake.before = async () => {
        const given = heard.at(-1)?.options as { readonly signal?: AbortSignal } | undefined;
        if (left-- > 0) return;
        silent = true;
        // No answer ever comes; only the signal that the call was given ends it.
        setImmediate(() => controller.abort(reason));
        await new Promise((_, reject) => {
          given?.signal?.addEventListener("abort", () => reject(given.signal?.reason), { once: true });
        });
      };
      const outcome = await step(controller.signal).then(
        () => "done",
        (error: unknown) => error,
      );
      expect(outcome, `${name} after ${after} calls`).toBe(silent ? reason : "done");
    }
  }
});
