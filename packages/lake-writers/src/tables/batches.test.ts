import { readdir } from "node:fs/promises";
import type { RawPart } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { allKeys, openDuckDB, overwrite, temporaryFolder, temporaryLake } from "../../test/lake.ts";
import { clock, extractShop, shopSources } from "../../test/run.ts";
import { shop } from "../../test/shop.ts";
import { normalize, type NormalizeOptions, type NormalizeResult, type ObjectStore } from "../index.ts";
import { batches } from "./batch-cut.ts";

async function normalizeShop(store: ObjectStore, more: Partial<NormalizeOptions> = {}) {
  const connection = more.connection ?? (await openDuckDB());
  return normalize({ store, runId: "r1", collections: shop, connection, now: clock(), ...more });
}

function entriesOf({ tables }: NormalizeResult) {
  return tables.document.collections.flatMap((collection) => collection.tables);
}

test("a batch closes with the part that reaches the limit, whatever comes after it", () => {
  const cut = (sizes: readonly number[], limit: number) =>
    batches(
      sizes.map((contentBytes) => ({ contentBytes }) as RawPart),
      limit,
    ).map((batch) => batch.map(({ contentBytes }) => contentBytes));
  expect(cut([], 32)).toEqual([]);
  expect(cut([3], 32)).toEqual([[3]]);
  expect(cut([15, 15], 32)).toEqual([[15, 15]]);
  expect(cut([16, 16], 32)).toEqual([[16, 16]]);
  expect(cut([17, 17, 17, 17, 5], 32)).toEqual([[17, 17], [17, 17], [5]]);
  expect(cut([200, 17], 32)).toEqual([[200], [17]]);
  expect(cut([1, 1, 300, 1], 32)).toEqual([[1, 1, 300], [1]]);
});

test("batches that are made at the same time give the same files under the same names", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources({ orders: 200 }));
  const first = await normalizeShop(store, { batchBytes: 9000 });
  const names = await allKeys(store, "tables/");
  await store.delete("runs/r1/tables.json");
  for (const key of [...names, ...(await allKeys(store, "heads/"))]) await store.delete(key);
  const connections = await Promise.all([1, 2, 3].map(() => openDuckDB()));
  const events: string[] = [];
  const second = await normalizeShop(store, {
    batchBytes: 9000,
    moreConnections: connections,
    onEvent: (event) => {
      if (event.type.startsWith("collection.") && "collection" in event)
        events.push(`${event.type} ${event.collection}`);
    },
  });
  expect(entriesOf(second)).toEqual(entriesOf(first));
  expect(await allKeys(store, "tables/")).toEqual(names);
  for (const name of ["orders", "customers", "coupons"]) {
    const own = events.filter((event) => event.endsWith(` ${name}`));
    expect(own).toEqual([`collection.started ${name}`, `collection.finished ${name}`]);
  }
});

test("the first batch that fails stops the others and leaves nothing behind", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources({ orders: 200 }));
  const damaged = (await allKeys(store, "raw/shop/orders/")).at(-1) ?? "none";
  await overwrite(store, damaged, (bytes) => bytes.fill(0, 20, 24));
  const connections = await Promise.all([1, 2, 3].map(() => openDuckDB()));
  const workFolder = await temporaryFolder();
  const failing = normalizeShop(store, {
    batchBytes: 4000,
    connection: connections[0] ?? (await openDuckDB()),
    moreConnections: connections.slice(1),
    workFolder,
  });
  await expect(failing).rejects.toMatchObject({ code: "PART_CHECKSUM" });
  const written = await allKeys(store, "tables/");
  for (const connection of connections) {
    const left = await connection.runAndReadAll("SELECT table_name FROM duckdb_tables()");
    expect(left.getRowObjectsJson()).toEqual([]);
  }
  expect(await readdir(workFolder)).toEqual([]);
  expect(await allKeys(store, "runs/r1/tables")).toEqual([]);
  expect(await allKeys(store, "tables/")).toEqual(written);
});
