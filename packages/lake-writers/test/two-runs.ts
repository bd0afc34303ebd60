import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileStore } from "../src/file/index.ts";
import { normalize, type ObjectStore } from "../src/index.ts";
import { temporaryFolder } from "./lake.ts";
import { clock, extractShop, shopSources } from "./run.ts";
import { manyOrders, shop } from "./shop.ts";

interface Kept {
  readonly folders: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: Buffer; readonly modified: Date }[];
}

/** Held in memory, so that whatever file of tests comes next on this worker finds it too. */
let template: Promise<Kept> | undefined;

/**
 * A lake with the runs r1 and r2, extracted and normalized. In r2 one order is another and the customers are not
 * modified, so that r2 refers to parts of r1. One order is in quarantine in both.
 */
export async function lakeOfTwoRuns(): Promise<ObjectStore> {
  template ??= build();
  const root = await temporaryFolder();
  const { folders, files } = await template;
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  await Promise.all(
    files.map(async ({ path, bytes, modified }) => {
      await writeFile(join(root, path), bytes);
      await utimes(join(root, path), modified, modified);
    }),
  );
  return fileStore({ root });
}

async function build(): Promise<Kept> {
  const root = await mkdtemp(join(tmpdir(), "two-runs-"));
  try {
    await write(root);
    return await keep(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function keep(root: string): Promise<Kept> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const pathOf = (entry: (typeof entries)[number]): string =>
    relative(root, join(entry.parentPath, entry.name));
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = pathOf(entry);
      const [bytes, { mtime }] = [await readFile(join(root, path)), await stat(join(root, path))];
      return { path, bytes, modified: mtime };
    });
  return {
    folders: entries.filter((entry) => entry.isDirectory()).map(pathOf),
    files: await Promise.all(files),
  };
}

async function write(root: string): Promise<void> {
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
}
