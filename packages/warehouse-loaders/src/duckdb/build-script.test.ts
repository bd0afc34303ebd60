import type { CollectionSpec } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import type { LoadCollection, LoadRequest } from "../loader/load-request.ts";
import { decideLoad, EMPTY_WAREHOUSE, rawColumns, type WarehouseState } from "../planning/index.ts";
import { orders, ordersNarrower, ordersWider, products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { duckdbDialect } from "./dialect.ts";
import { loadScript } from "./build-script.ts";
import { statementsOf } from "./load-script.ts";
import { DUCKDB_TYPES } from "./sql/index.ts";

const raw = { database: "warehouse", schema: "raw" };

function collectionOf(spec: CollectionSpec, change: Partial<LoadCollection> = {}): LoadCollection {
  return {
    name: spec.name,
    extractedAt: "2026-01-02T00:00:00.000Z",
    schemaFingerprint: "f".repeat(64),
    quarantinedKeys: [],
    tables: spec.tables.map((table, index) => ({
      spec: table,
      rows: index === 2 ? 0 : 10,
      contentSha256: "b".repeat(64),
      parts:
        index === 2
          ? []
          : [1, 2].map((part) => ({
              path: `tables/${table.name}/run=r2/${part}.parquet`,
              uri: `/lake/it's [odd]/tables/${table.name}/run=r2/${part}.parquet`,
              rows: 5,
              bytes: 100,
              sha256: "c".repeat(64),
              runId: "r2",
            })),
    })),
    ...change,
  };
}

/** A warehouse with 12 live rows in every table of the collection, as an earlier load left it. */
function loaded(spec: CollectionSpec, registeredRows = 12): WarehouseState {
  return {
    loads: 1,
    thisRun: null,
    registry: spec.tables.map((table) => ({
      table: table.name,
      collection: spec.name,
      source: "shop",
      schemaVersion: 1,
      schemaFingerprint: "e".repeat(64),
      contentSha256: "a".repeat(64),
      rows: registeredRows,
      extractedAt: "2026-01-01T00:00:00.000000Z",
    })),
    tables: spec.tables.map((table) => ({
      name: table.name,
      writable: true,
      columns: rawColumns(table).map((column) => ({
        name: column.name,
        type: DUCKDB_TYPES[column.type],
        nullable: !column.required,
      })),
      rows: 13,
      liveRows: 12,
    })),
  };
}

function sqlOf(collections: readonly LoadCollection[], state: WarehouseState, ordered = false): string {
  const request: LoadRequest = requestOf("r2", collections, { manifestSha256: "d".repeat(64) });
  const decision = decideLoad(request, state, duckdbDialect("raw"));
  const plan = { request, ...decision, ledgerLoads: state.loads, plannedAt: "2026-01-03T00:00:00.000Z" };
  const statements = statementsOf(loadScript(plan, { raw, ordered }));
  expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
  return statements
    .map(({ name, phase, purpose, sql }) => `-- ${phase}, ${purpose}: ${name}\n${sql};\n`)
    .join("\n");
}

test.each<[string, LoadCollection[], WarehouseState, boolean]>([
  ["first-load", [collectionOf(products), collectionOf(orders)], EMPTY_WAREHOUSE, false],
  ["merge", [collectionOf(orders, { quarantinedKeys: ["o1", "it's"] })], loaded(orders), false],
  ["new-columns", [collectionOf(ordersWider, { quarantinedKeys: null })], loaded(orders), false],
  ["gone-column", [collectionOf(ordersNarrower)], loaded(orders), false],
  ["rebuild", [collectionOf(products)], loaded(products, 11), false],
  ["unordered-session", [collectionOf(products)], EMPTY_WAREHOUSE, true],
])("the statements of a load: %s", async (name, collections, state, ordered) => {
  await expect(sqlOf(collections, state, ordered)).toMatchFileSnapshot(
    `../../test/duckdb/golden/${name}.sql`,
  );
});

test("statements have no secret, no TRUNCATE and no DROP of a raw table", () => {
  const sql = sqlOf([collectionOf(ordersWider)], loaded(orders));
  expect(sql).not.toMatch(/TRUNCATE|CASCADE|ON CONFLICT|DROP TABLE "warehouse"|SECRET/i);
});
