import { EtlError } from "@spacex-etl/contracts";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadCollection, LoadPart } from "../loader/load-request.ts";
import { loadRun } from "../loader/load-run.ts";
import { expectError } from "../testing/scenario.ts";
import { orders, products, someOrders } from "../testing/shop.ts";
import { requestOf, TestLake } from "../testing/test-lake.ts";
import { duckdbLoader } from "./duckdb-loader.ts";

let folder: string;
let lake: TestLake;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "duckdb-local-parts-"));
  lake = await TestLake.open(join(folder, "lake"));
});
afterEach(async () => {
  await lake[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The collection with its files under addresses that DuckDB does not read, and who brings them here. */
function elsewhere(collection: LoadCollection) {
  const files = new Map<string, string>();
  const brought: string[] = [];
  let atOnce = 0;
  let most = 0;
  const remote = (part: LoadPart): LoadPart => {
    const uri = `s3://bucket/lake/${part.path}`;
    files.set(uri, part.uri);
    return { ...part, uri };
  };
  return {
    collection: {
      ...collection,
      tables: collection.tables.map((table) => ({ ...table, parts: table.parts.map(remote) })),
    },
    brought,
    mostAtOnce: () => most,
    localPart: async ({ uri, sha256: name }: LoadPart) => {
      brought.push(uri);
      most = Math.max(most, ++atOnce);
      const copy = join(folder, `copy-${name}.parquet`);
      await copyFile(files.get(uri) ?? "", copy);
      atOnce--;
      return copy;
    },
  };
}

test("parts that lie elsewhere are brought here for the tables that are loaded, a few at once, and for no others", async () => {
  const { localPart, collection, brought, mostAtOnce } = elsewhere(
    await lake.collection(orders, someOrders(40), { parts: 10 }),
  );
  const path = join(folder, "warehouse.duckdb");
  await using loader = duckdbLoader({ path, localPart });
  const report = await loadRun(loader, requestOf("r1", [collection]));
  expect(report.tables.find(({ table }) => table === "orders")?.counts.inserted).toBe(40);
  const parts = collection.tables.flatMap((table) => table.parts.map(({ uri }) => uri));
  expect(brought.toSorted()).toEqual(parts.toSorted());
  expect(mostAtOnce()).toBeGreaterThan(1);
  expect(mostAtOnce()).toBeLessThanOrEqual(4);

  brought.length = 0;
  await loadRun(loader, requestOf("r2", [collection]));
  expect(brought).toEqual([]);

  const changed = elsewhere(await lake.collection(products, [{ id: 1, name: "pot", sizes: ["S"] }]));
  await using other = duckdbLoader({ path: join(folder, "other.duckdb"), localPart: changed.localPart });
  const plan = await other.preflight(requestOf("r1", [changed.collection]));
  expect(changed.brought).toEqual([]);
  const staged = plan.statements.filter(({ purpose }) => purpose === "stage").map(({ sql }) => sql);
  expect(staged.join("\n")).toContain("s3://bucket/lake/");
});

test("a copy that is not what the manifest says is refused like any part, and one that failed to come ends the load", async () => {
  const { localPart, collection } = elsewhere(await lake.collection(orders, someOrders(3)));
  const damaged = duckdbLoader({
    path: join(folder, "warehouse.duckdb"),
    localPart: async (part) => {
      const copy = await localPart(part);
      await writeFile(copy, (await readFile(copy)).subarray(0, 100));
      return copy;
    },
  });
  await expectError(loadRun(damaged, requestOf("r1", [collection])), "PART_CHECKSUM", 10);
  await damaged.close();
  const unreachable = new EtlError({
    kind: "destination",
    code: "LAKE_UNREACHABLE",
    message: "No answer.",
    hint: "Try again.",
  });
  const failing = duckdbLoader({
    path: join(folder, "warehouse.duckdb"),
    localPart: () => Promise.reject(unreachable),
  });
  await expectError(loadRun(failing, requestOf("r1", [collection])), "LAKE_UNREACHABLE", 8);
  await failing.close();
});

test("a copy has an absolute path", async () => {
  const { collection } = elsewhere(await lake.collection(orders, someOrders(3)));
  await using loader = duckdbLoader({
    path: join(folder, "warehouse.duckdb"),
    localPart: () => Promise.resolve("parts/1.parquet"),
  });
  await expectError(loadRun(loader, requestOf("r1", [collection])), "PART_URI", 2);
});
