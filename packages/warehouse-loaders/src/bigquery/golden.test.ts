import { expect, test } from "vitest";
import { collectionOf, loaded } from "../../test/merge/plans.ts";
import type { LoadCollection, LoadRequest } from "../loader/load-request.ts";
import {
  decideLoad,
  EMPTY_WAREHOUSE,
  LEDGER,
  REGISTRY,
  TRANSFORMS,
  type WarehouseState,
} from "../planning/index.ts";
import { orders, ordersNarrower, ordersWider, products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { loadScript } from "./build-script.ts";
import { bigqueryDialect } from "./dialect.ts";
import { statementsOf } from "./load-script.ts";
import { BIGQUERY_TYPES, LOCK } from "./sql/index.ts";

const raw = { project: "shop-project", dataset: "raw" };
const KMS_KEY = "projects/p/locations/eu/keyRings/r/cryptoKeys/k";

interface Case {
  readonly collections: readonly LoadCollection[];
  readonly state: WarehouseState;
  readonly partitionBy?: Readonly<Record<string, string>>;
  readonly kmsKey?: string;
}

function sqlOf({ collections, state, partitionBy = {}, kmsKey }: Case): string {
  const request: LoadRequest = requestOf("r2", collections, { manifestSha256: "d".repeat(64) });
  const decision = decideLoad(request, state, bigqueryDialect(raw));
  const plan = { request, ...decision, ledgerLoads: state.loads, plannedAt: "2026-01-03T00:00:00.000Z" };
  const there = state.loads > 0;
  const statements = statementsOf(
    loadScript(plan, {
      raw,
      options: { labels: { team: "shop" }, kmsKey },
      partitionBy,
      createIn: there ? undefined : "EU",
      existing: new Set(there ? [LEDGER.name, REGISTRY.name, TRANSFORMS.name, LOCK] : []),
    }),
  );
  expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
  return statements
    .map(({ name, phase, purpose, sql }) => `-- ${phase}, ${purpose}: ${name}\n${sql};\n`)
    .join("\n");
}

const inLake = (spec: typeof orders, change?: Partial<LoadCollection>) =>
  collectionOf(spec, change, "gs://lake/it's odd");
const shop = (spec: typeof orders, rows?: number) => loaded(spec, BIGQUERY_TYPES, rows);

test.each<[string, Case]>([
  ["first-load", { collections: [inLake(products), inLake(orders)], state: EMPTY_WAREHOUSE }],
  ["merge", { collections: [inLake(orders, { quarantinedKeys: ["o1", "it's"] })], state: shop(orders) }],
  ["new-columns", { collections: [inLake(ordersWider, { quarantinedKeys: null })], state: shop(orders) }],
  ["gone-column", { collections: [inLake(ordersNarrower)], state: shop(orders) }],
  ["rebuild", { collections: [inLake(products)], state: shop(products, 11) }],
  [
    "partitioned-and-encrypted",
    {
      collections: [inLake(orders)],
      state: EMPTY_WAREHOUSE,
      partitionBy: { orders: "placed_at", products: "nobody looks" },
      kmsKey: KMS_KEY,
    },
  ],
])("the statements of a load: %s", async (name, load) => {
  await expect(sqlOf(load)).toMatchFileSnapshot(`../../test/bigquery/golden/${name}.sql`);
});

test("statements have no secret, no TRUNCATE of a table and no DROP of a raw table", () => {
  const sql = sqlOf({ collections: [inLake(ordersWider)], state: shop(orders) });
  expect(sql).not.toMatch(/TRUNCATE TABLE|CASCADE|SECRET/i);
  expect(sql.match(/DROP TABLE.*/g)?.every((drop) => drop.includes("._stage_"))).toBe(true);
});
