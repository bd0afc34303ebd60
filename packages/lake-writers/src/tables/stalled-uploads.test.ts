import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openDuckDB, temporaryFolder } from "../../test/lake.ts";
import { remoteLake } from "../../test/remote-lake.ts";
import { extractShop, shopSources } from "../../test/run.ts";
import { shop } from "../../test/shop.ts";
import { normalize, tablesAhead, verify } from "../index.ts";

/** Orders, their lines and the marks of these. */
const TABLES = 3;
/** Two connections, two transfers. */
const BATCHES = 2 + 2;

/** A lake whose uploads of tables hang until they are let go. */
async function stalledLake() {
  const lake = await remoteLake();
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  lake.before = (call, key) => (call === "create" && key.startsWith("tables/") ? letGo : undefined);
  const workFolder = await temporaryFolder();
  const [connection, more] = await Promise.all([openDuckDB(), openDuckDB()]);
  const { store } = lake;
  const moreConnections = [more];
  const options = { store, collections: shop, connection, moreConnections, workFolder, batchBytes: 9000 };
  async function parquetFiles(): Promise<number> {
    const folders = await readdir(workFolder);
    const names = await Promise.all(folders.map((name) => readdir(join(workFolder, name))));
    return names.flat().filter((name) => name.endsWith(".parquet")).length;
  }
  return {
    store,
    options,
    release,
    workFolder,
    /** How many files there are when no more come for a while, or when there are more than there may be. */
    async filesWaiting(): Promise<number> {
      let most = 0;
      for (let polls = 0, quiet = 0; polls < 400 && quiet < 20 && most <= BATCHES * TABLES; polls++) {
        await sleep(25);
        const files = await parquetFiles();
        quiet = files === 0 || files > most ? 0 : quiet + 1;
        most = Math.max(most, files);
      }
      return most;
    },
  };
}

test("tables that wait for their upload do not fill the disk", async () => {
  const { store, options, release, workFolder, filesWaiting } = await stalledLake();
  await extractShop(store, "r1", { orders: shopSources({ orders: 600 }).orders });
  const normalizing = normalize({ ...options, runId: "r1" });
  const most = await filesWaiting();
  release();
  await normalizing;
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(BATCHES * TABLES);
  expect(await readdir(workFolder)).toEqual([]);
  expect((await verify({ store })).findings).toEqual([]);
});

test("nor do those that are made while others are read, and the reading goes on", async () => {
  const { store, options, release, workFolder, filesWaiting } = await stalledLake();
  {
    await using ahead = tablesAhead({ ...options, runId: "r1" });
    await extractShop(store, "r1", { orders: shopSources({ orders: 600 }).orders }, { observer: ahead });
    const normalizing = normalize({ ...options, runId: "r1", ahead });
    const most = await filesWaiting();
    release();
    await normalizing;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(BATCHES * TABLES);
  }
  expect(await readdir(workFolder)).toEqual([]);
  expect((await verify({ store })).findings).toEqual([]);
});
