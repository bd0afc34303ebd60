import { expect, test } from "vitest";
import { collectionOf, loaded } from "../../test/merge/plans.ts";
import type { LoadCollection, LoadRequest } from "../loader/load-request.ts";
import { decideLoad, EMPTY_WAREHOUSE, type WarehouseState } from "../planning/index.ts";
import { orders, ordersNarrower, ordersWider, products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { duckdbDialect } from "./dialect.ts";
import { loadScript, statementsOf } from "../merge/index.ts";
import { DUCKDB_TYPES, duckdbSql } from "./sql/index.ts";

const raw = { database: "warehouse", schema: "raw" };

function sqlOf(collections: readonly LoadCollection[], state: WarehouseState, ordered = false): string {
  const request: LoadRequest = requestOf("r2", collections, { manifestSha256: "d".repeat(64) });
  const decision = decideLoad(request, state, duckdbDialect("raw"));
  const plan = { request, ...decision, ledgerLoads: state.loads, plannedAt: "2026-01-03T00:00:00.000Z" };
  const statements = statementsOf(loadScript(plan, duckdbSql({ raw, ordered })));
  expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
  return statements
    .map(({ name, phase, purpose, sql }) => `-- ${phase}, ${purpose}: ${name}\n${sql};\n`)
    .join("\n");
}

test.each<[string, LoadCollection[], WarehouseState, boolean]>([
  ["first-load", [collectionOf(products), collectionOf(orders)], EMPTY_WAREHOUSE, false],
  ["merge", [collectionOf(orders, { quarantinedKeys: ["o1", "it's"] })], loaded(orders, DUCKDB_TYPES), false],
  [
    "new-columns",
    [collectionOf(ordersWider, { quarantinedKeys: null })],
    loaded(orders, DUCKDB_TYPES),
    false,
  ],
  ["gone-column", [collectionOf(ordersNarrower)], loaded(orders, DUCKDB_TYPES), false],
  ["rebuild", [collectionOf(products)], loaded(products, DUCKDB_TYPES, 11), false],
  ["unordered-session", [collectionOf(products)], EMPTY_WAREHOUSE, true],
])("the statements of a load: %s", async (name, collections, state, ordered) => {
  await expect(sqlOf(collections, state, ordered)).toMatchFileSnapshot(
    `../../test/duckdb/golden/${name}.sql`,
  );
});

test("statements have no secret, no TRUNCATE and no DROP of a raw table", () => {
  const sql = sqlOf([collectionOf(ordersWider)], loaded(orders, DUCKDB_TYPES));
  expect(sql).not.toMatch(/TRUNCATE|CASCADE|ON CONFLICT|DROP TABLE "warehouse"|SECRET/i);
});
