import { DuckDBInstance } from "@duckdb/node-api";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadPart, LoadTable } from "../loader/load-request.ts";
import { loadRun } from "../loader/load-run.ts";
import { expectError } from "../testing/scenario.ts";
import { anOrder, orders, ordersRetyped, products, someOrders } from "../testing/shop.ts";
import { requestOf, TestLake } from "../testing/test-lake.ts";
import { duckdbLoader } from "./duckdb-loader.ts";

let folder: string;
let lake: TestLake;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "duckdb-stage-"));
  lake = await TestLake.open(join(folder, "lake"));
});
afterEach(async () => {
  await lake[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function loadWith(change: (parent: LoadTable) => Promise<LoadTable> | LoadTable): Promise<unknown> {
  const collection = await lake.collection(orders, someOrders(3));
  const [parent, ...children] = collection.tables;
  const tables = [await change(parent!), ...children];
  await using loader = duckdbLoader({ path: join(folder, "warehouse.duckdb") });
  return await loadRun(loader, requestOf("r1", [{ ...collection, tables }]));
}

/** The table with its only part replaced. */
function withPart(table: LoadTable, change: Partial<LoadPart>): LoadTable {
  return { ...table, parts: [{ ...table.parts[0]!, ...change }] };
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("a part of which one bit has turned is refused before anything is read from it", async () => {
  const error = await expectError(
    loadWith(async (parent) => {
      const { uri } = parent.parts[0]!;
      const bytes = await readFile(uri);
      bytes[40]! ^= 1;
      await writeFile(uri, bytes);
      return parent;
    }),
    "PART_CHECKSUM",
    10,
  );
  expect(error.message).toMatch(/tables\/.*\.parquet of table orders/);
});

test("a part that was cut off or deleted is refused", async () => {
  await expectError(
    loadWith(async (parent) => {
      const { uri } = parent.parts[0]!;
      await writeFile(uri, (await readFile(uri)).subarray(0, 100));
      return parent;
    }),
    "PART_CHECKSUM",
    10,
  );
  await expectError(
    loadWith(async (parent) => {
      await rm(parent.parts[0]!.uri);
      return parent;
    }),
    "PART_MISSING",
    10,
  );
});

test("a part that is no Parquet file though its checksum is right is refused", async () => {
  const bytes = Buffer.from("PAR1 is how it starts and how it ends PAR1");
  const uri = join(folder, "not.parquet");
  await writeFile(uri, bytes);
  await expectError(
    loadWith((parent) => withPart(parent, { uri, bytes: bytes.length, sha256: sha256(bytes) })),
    "PART_UNREADABLE",
    10,
  );
});

test("columns and types of every part must be those of the table", async () => {
  const retyped = await lake.collection(ordersRetyped, [anOrder("z", { total: 1 })]);
  const error = await expectError(
    loadWith((parent) => ({
      ...parent,
      rows: parent.rows + 1,
      parts: [...parent.parts, ...retyped.tables[0]!.parts],
    })),
    "PART_COLUMNS",
    10,
  );
  expect(error.message).toContain("total is BIGINT instead of DOUBLE");
  const foreign = await lake.collection(orders, [anOrder("z")]);
  const wrong = await expectError(
    loadWith((parent) => ({ ...parent, rows: 1, parts: foreign.tables[1]!.parts })),
    "PART_COLUMNS",
    10,
  );
  expect(wrong.message).toMatch(/placed_at is missing.*sku is unknown/);
});

test("a nested column is refused, whatever it is called", async () => {
  const nested = await lake.generated(products, {
    products: "SELECT 1::BIGINT AS id, {id: 'n'} AS name, 'h' AS _row_hash",
    products__sizes: "SELECT 1::BIGINT AS _parent_id, 0::BIGINT AS _ordinal, ['S'] AS value",
  });
  await using loader = duckdbLoader({ path: join(folder, "warehouse.duckdb") });
  const error = await expectError(loadRun(loader, requestOf("r1", [nested])), "PART_COLUMNS", 10);
  expect(error.message).toMatch(/name is NESTED instead of VARCHAR/);
});

const LARGE = 20_001;
const PARENTS = `SELECT i AS id, 'p' || i AS name, 'h' || i AS _row_hash FROM range(${LARGE}) AS numbers(i)`;
const CHILDREN = `SELECT i AS _parent_id, 0::BIGINT AS _ordinal, 'S' AS value FROM range(${LARGE}) AS numbers(i)`;
const again = (select: string, row: string) => `${select} WHERE i > 0 UNION ALL SELECT ${row}`;

test.each<[string, string, string, string, string]>([
  ["a key twice", "KEY_DUPLICATE", "products: 7", again(PARENTS, "7, 'again', 'h'"), CHILDREN],
  ["a row without a key", "KEY_NULL", "products have no key", again(PARENTS, "NULL, 'none', 'h'"), CHILDREN],
  ["a child's key twice", "KEY_DUPLICATE", "products__sizes: 7/0", PARENTS, again(CHILDREN, "7, 0, 'S'")],
  [
    "a child's key twice, far out",
    "KEY_DUPLICATE",
    "products__sizes: 7/100",
    PARENTS,
    again(CHILDREN, "7, unnest([100, 100]), 'S'"),
  ],
  ["a child without a position", "KEY_NULL", "1 of the 20001 rows", PARENTS, again(CHILDREN, "0, NULL, 'S'")],
  ["a child without a parent", "CHILD_ORPHAN", "1 of the 20001 rows", PARENTS, again(CHILDREN, "-1, 0, 'S'")],
  [
    "a small child of a large parent, without it",
    "CHILD_ORPHAN",
    "1 of the 2 rows",
    PARENTS,
    "SELECT unnest([7, -1]) AS _parent_id, 0::BIGINT AS _ordinal, 'S' AS value",
  ],
  [
    "a key twice, with children",
    "KEY_DUPLICATE",
    "products: 7",
    "SELECT unnest([7, 7]) AS id, 'p' AS name, 'h' AS _row_hash",
    "SELECT 7 AS _parent_id, 0::BIGINT AS _ordinal, 'S' AS value",
  ],
])("tables of any size are held against the manifest: %s", async (_, code, words, parents, children) => {
  const bigint = (select: string, key: string) =>
    `SELECT * REPLACE (${key}::BIGINT AS ${key}) FROM (${select})`;
  const collection = await lake.generated(products, {
    products: bigint(parents, "id"),
    products__sizes: bigint(children, "_parent_id"),
  });
  await using loader = duckdbLoader({ path: join(folder, "warehouse.duckdb") });
  const error = await expectError(loadRun(loader, requestOf("r1", [collection])), code, 10);
  expect(error.message).toContain(words);
});

test.each([1, 61, 62, 63, 64, 200])("children of a large table may be %i to a parent", async (each) => {
  const collection = await lake.generated(products, {
    products: PARENTS.replace("i AS id", "i::BIGINT AS id"),
    products__sizes: `SELECT i // ${each} AS _parent_id, i % ${each} AS _ordinal, 'S' AS value FROM range(${LARGE}) AS numbers(i)`,
  });
  await using loader = duckdbLoader({ path: join(folder, "warehouse.duckdb") });
  const { outcome, tables } = await loadRun(loader, requestOf("r1", [collection]));
  expect([outcome, tables.map(({ counts }) => counts.inserted)]).toEqual(["loaded", [LARGE, LARGE]]);
});

test("an address that DuckDB does not read is a usage error", async () => {
  await expectError(
    loadWith((parent) => withPart(parent, { uri: "gs://bucket/part.parquet" })),
    "PART_URI",
    2,
  );
});

test("parts that do not add up to the manifest are refused before the warehouse is opened", async () => {
  await expectError(
    loadWith((parent) => ({ ...parent, rows: 4 })),
    "MANIFEST_COUNTS",
    10,
  );
});

test("a path that looks like a pattern names its own file and no other", async () => {
  const collection = await lake.collection(orders, [anOrder("right")]);
  const decoy = await lake.collection(orders, [anOrder("wrong")]);
  const tables: LoadTable[] = [];
  for (const [index, table] of collection.tables.entries()) {
    const place = async (name: string, part: LoadPart) => {
      await mkdir(join(folder, name), { recursive: true });
      const uri = join(folder, name, `${table.spec.name}.parquet`);
      await copyFile(part.uri, uri);
      return uri;
    };
    await place("run=x", decoy.tables[index]!.parts[0]!);
    tables.push(withPart(table, { uri: await place("run=[x]", table.parts[0]!) }));
  }
  const path = join(folder, "warehouse.duckdb");
  {
    await using loader = duckdbLoader({ path });
    await loadRun(loader, requestOf("r1", [{ ...collection, tables }]));
  }
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const stored = await connection.runAndReadAll("SELECT id FROM raw.orders");
  expect(stored.getRowObjectsJson()).toEqual([{ id: "right" }]);
  connection.closeSync();
  instance.closeSync();
});
