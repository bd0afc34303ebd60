import { expect, test } from "vitest";
import {
  allKeys,
  editDocument,
  openDuckDB,
  overwrite,
  temporaryFolder,
  temporaryLake,
  withoutLocalPath,
} from "../../test/lake.ts";
import { clock, extractShop, shopSources } from "../../test/run.ts";
import { manyOrders, order, orders, shop } from "../../test/shop.ts";
import {
  normalize,
  type NormalizeOptions,
  type NormalizeResult,
  type ObjectStore,
  tableFiles,
  verify,
} from "../index.ts";

async function normalizeShop(store: ObjectStore, runId: string, more: Partial<NormalizeOptions> = {}) {
  const connection = more.connection ?? (await openDuckDB());
  return normalize({ store, runId, collections: shop, connection, now: clock(), ...more });
}

function entriesOf({ tables }: NormalizeResult) {
  return tables.document.collections.flatMap((collection) => collection.tables);
}

/** What stays the same whoever wrote the parts. */
function hashesOf(result: NormalizeResult) {
  return entriesOf(result).map(({ spec, rows, contentSha256 }) => [spec.name, rows, contentSha256]);
}

async function rowsOf(store: ObjectStore, table: string): Promise<Record<string, unknown>[]> {
  const { parts } = await tableFiles(store, table, { source: "shop" });
  const files = parts.map(({ location }) => `'${location}'`).join(", ");
  const connection = await openDuckDB();
  const sql = `SELECT * FROM read_parquet([${files}], hive_partitioning = false)`;
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

test("every record and element becomes a row, in order, and the run is committed", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources());
  const result = await normalizeShop(store, "r1");
  expect(result.outcome).toBe("committed");
  const records = manyOrders(60);
  const lines = records.flatMap((record) => record.lines.map((line, n) => ({ ...line, of: record.id, n })));
  expect(entriesOf(result).map(({ spec, rows }) => [spec.name, rows])).toEqual([
    ["coupons", 0],
    ["customers", 10],
    ["orders", 60],
    ["orders__lines", lines.length],
    ["orders__lines__marks", lines.reduce((sum, { marks }) => sum + marks.length, 0)],
  ]);
  expect(entriesOf(result)[0]?.parts).toEqual([]);
  expect(
    (await rowsOf(store, "orders")).map(({ id, total, run, ship_city: city }) => ({ id, total, run, city })),
  ).toEqual(
    // `run` is the record's own, not the run in the part's path.
    records.map(({ id, total, run, ship }) => ({ id, total, run, city: ship?.city ?? null })),
  );
  expect(await rowsOf(store, "orders__lines")).toEqual(
    lines.map(({ of, n, sku, quantity }) => ({
      _parent_id: of,
      _ordinal: String(n),
      sku,
      quantity: String(quantity),
    })),
  );
  expect((await verify({ store, connection: await openDuckDB() })).findings).toEqual([]);
});

test("the same run again is adopted and touches nothing", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources());
  const first = await normalizeShop(store, "r1");
  const keys = await allKeys(store);
  expect(await normalizeShop(store, "r1")).toEqual({ ...first, outcome: "adopted" });
  expect(await allKeys(store)).toEqual(keys);
});

test("two normalizations of one run at once end with one commit", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources());
  const results = await Promise.all([normalizeShop(store, "r1"), normalizeShop(store, "r1")]);
  expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(["adopted", "committed"]);
  expect(results[0].tables).toEqual(results[1].tables);
  expect(await allKeys(store, "tables/")).toHaveLength(4);
  expect((await verify({ store })).findings).toEqual([]);
});

test("equal records give byte-equal files: threads, codec, run and copies do not matter", async () => {
  const store = await temporaryLake();
  const sources = shopSources({ orders: 100 });
  await extractShop(store, "r1", sources);
  const first = await normalizeShop(store, "r1");
  for (const [runId, threads, local] of [
    ["r3", "2", true],
    ["r4", "4", false],
  ] as const) {
    const other = await temporaryLake();
    await extractShop(other, runId, sources, { compression: "gzip", source: "shop" });
    const connection = await openDuckDB({ threads });
    const result = await normalizeShop(local ? other : withoutLocalPath(other), runId, { connection });
    expect(hashesOf(result)).toEqual(hashesOf(first));
  }
});

test("row groups are cut alike whatever the number of threads", async () => {
  const store = await temporaryLake();
  const customers = shopSources().customers;
  customers.records = Array.from({ length: 140_000 }, (_, number) => ({ number, name: `c${number % 97}` }));
  await extractShop(store, "r1", { customers }, { partBytes: 1_000_000 });
  const seen = new Set<string>();
  for (const threads of ["1", "2"]) {
    await store.delete("runs/r1/tables.json");
    for (const key of await allKeys(store, "heads/")) await store.delete(key);
    const result = await normalizeShop(store, "r1", { connection: await openDuckDB({ threads }) });
    seen.add(JSON.stringify(hashesOf(result)));
  }
  expect(seen.size).toBe(1);
});

test("unchanged records take over the tables, also under another codec; a change makes new ones", async () => {
  const store = await temporaryLake();
  const sources = shopSources({ etags: false });
  await extractShop(store, "r1", sources);
  const first = await normalizeShop(store, "r1");
  const parts = await allKeys(store, "tables/");
  await extractShop(store, "r2", sources);
  const second = await normalizeShop(store, "r2");
  expect(entriesOf(second)).toEqual(entriesOf(first));
  expect(second.tables.document.collections.map(({ reused }) => reused)).toEqual([true, true, true]);
  expect(await allKeys(store, "tables/")).toEqual(parts);

  sources.orders.records = manyOrders(60).map((record, n) => (n === 7 ? order(1007) : record));
  await extractShop(store, "r3", sources);
  const third = await normalizeShop(store, "r3");
  expect(third.tables.document.collections.map(({ name, reused }) => [name, reused])).toEqual([
    ["coupons", true],
    ["customers", true],
    ["orders", false],
  ]);
  expect((await tableFiles(store, "orders", { source: "shop" })).runId).toBe("r3");
  expect((await tableFiles(store, "orders", { source: "shop", runId: "r1" })).parts[0]?.runId).toBe("r1");
  expect((await verify({ store, connection: await openDuckDB() })).findings).toEqual([]);
});

test("earlier tables that are gone or damaged are made anew", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  await extractShop(store, "r1", sources);
  const first = await normalizeShop(store, "r1");
  await store.delete(
    entriesOf(first).find(({ spec }) => spec.name === "orders__lines")?.parts[0]?.path ?? "none",
  );
  await extractShop(store, "r2", sources);
  const second = await normalizeShop(store, "r2");
  expect(hashesOf(second)).toEqual(hashesOf(first));
  expect(second.tables.document.collections.map(({ reused }) => reused)).toEqual([true, true, false]);

  await overwrite(store, "runs/r2/tables.json", () => "{}");
  await extractShop(store, "r3", sources);
  const warnings: string[] = [];
  const third = await normalizeShop(store, "r3", {
    onEvent: (event) => {
      if (event.type === "warning") warnings.push(event.message);
    },
  });
  expect(hashesOf(third)).toEqual(hashesOf(first));
  expect(warnings).toContainEqual(
    expect.stringMatching(/^The tables of orders are made anew: runs\/r2\/tables\.json/),
  );
});

test("batches by size give the same rows in more files", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources({ orders: 200 }));
  const result = await normalizeShop(store, "r1", { batchBytes: 9000 });
  const entry = entriesOf(result).find(({ spec }) => spec.name === "orders");
  expect(entry?.parts.length).toBeGreaterThan(2);
  expect((await rowsOf(store, "orders")).map(({ id }) => id)).toEqual(manyOrders(200).map(({ id }) => id));
  expect((await verify({ store, connection: await openDuckDB() })).findings).toEqual([]);
});

test.each([
  [
    "is damaged",
    "PART_CHECKSUM",
    (store: ObjectStore, key: string) => overwrite(store, key, (bytes) => bytes.fill(0, 20, 24)),
  ],
  [
    "is cut",
    "PART_CHECKSUM",
    (store: ObjectStore, key: string) => overwrite(store, key, (bytes) => bytes.subarray(0, -5)),
  ],
  ["is deleted", "OBJECT_NOT_FOUND", (store: ObjectStore, key: string) => store.delete(key)],
])("a raw part that %s is an integrity error, with and without local files", async (_, code, damage) => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources());
  const [part] = await allKeys(store, "raw/shop/orders/");
  await damage(store, part ?? "none");
  const workFolder = await temporaryFolder();
  for (const seen of [store, withoutLocalPath(store)]) {
    const failing = normalizeShop(seen, "r1", { workFolder });
    await expect(failing).rejects.toMatchObject({
      kind: "integrity",
      code,
      exitCode: 10,
      message: expect.stringContaining(part ?? "none"),
    });
  }
  expect(await allKeys(store, "runs/r1/tables")).toEqual([]);
});

test("a manifest that was edited or is of a newer version is refused", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources());
  const key = "runs/r1/extract/orders.json";
  await editDocument<{ records: number }>(store, key, (manifest) => void manifest.records--);
  await expect(normalizeShop(store, "r1")).rejects.toMatchObject({ code: "DOCUMENT_CHECKSUM", exitCode: 10 });
  await editDocument<{ version: number }>(store, key, (manifest) => void manifest.version++);
  await expect(normalizeShop(store, "r1")).rejects.toMatchObject({ code: "MANIFEST_NEWER", exitCode: 6 });
});

test("a run that was not extracted, or with another schema, is refused", async () => {
  const store = await temporaryLake();
  await expect(normalizeShop(store, "r1")).rejects.toMatchObject({ code: "RUN_NOT_EXTRACTED", exitCode: 2 });
  await extractShop(store, "r1", shopSources());
  for (const collections of [
    [],
    shop.map((spec) => (spec === orders ? { ...spec, fingerprint: "0".repeat(64) } : spec)),
  ]) {
    const failing = normalizeShop(store, "r1", { collections });
    await expect(failing).rejects.toMatchObject({ code: "SCHEMA_CHANGED", exitCode: 6 });
  }
});
