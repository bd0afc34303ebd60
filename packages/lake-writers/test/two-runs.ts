import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { fileStore } from "../src/file/index.ts";
import { normalize, type ObjectStore } from "../src/index.ts";
import { temporaryFolder } from "./lake.ts";
import { clock, extractShop, shopSources } from "./run.ts";
import { manyOrders, shop } from "./shop.ts";

let template: Promise<string> | undefined;
afterAll(async () => {
  if (template !== undefined) await rm(await template, { recursive: true, force: true });
});

/**
 * A lake with the runs r1 and r2, extracted and normalized. In r2 one order is another and the customers are not
 * modified, so that r2 refers to parts of r1. One order is in quarantine in both.
 */
export async function lakeOfTwoRuns(): Promise<ObjectStore> {
  template ??= build();
  const root = await temporaryFolder();
  await cp(await template, root, { recursive: true, preserveTimestamps: true });
  return fileStore({ root });
}

async function build(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "two-runs-"));
  const store = fileStore({ root });
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const now = clock();
  const { orders, customers } = shopSources();
  const invalid = { id: "order-x", total: "much" };
  for (const runId of ["r1", "r2"]) {
    const records = manyOrders(60).map((record, n) =>
      n === 20 && runId === "r2" ? { ...record, run: "BATCH-20" } : record,
    );
    orders.records = [...records, invalid];
    await extractShop(store, runId, { orders, customers }, { maxInvalid: 1, now });
    await normalize({ store, runId, collections: shop, connection, now });
  }
  connection.closeSync();
  instance.closeSync();
  return root;
}
