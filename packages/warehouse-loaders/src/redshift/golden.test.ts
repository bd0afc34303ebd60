import { expect, test } from "vitest";
import { collectionOf, loaded } from "../../test/merge/plans.ts";
import type { LoadCollection, LoadRequest } from "../loader/load-request.ts";
import { loadScript, statementsOf } from "../merge/index.ts";
import { decideLoad, EMPTY_WAREHOUSE, type WarehouseState } from "../planning/index.ts";
import { orders, ordersNarrower, ordersWider, products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { redshiftDialect } from "./dialect.ts";
import type { RedshiftLoaderOptions } from "./options.ts";
import { settingsOf } from "./settings.ts";
import { BOOKKEEPING, CATALOG_TYPES, redshiftSql, widthsOf } from "./sql/index.ts";

const LAKE = "s3://lake/it's \\ odd";

/** The catalog's types; texts as a load makes them. */
const TYPES = { ...CATALOG_TYPES, string: "character varying(65535)" };
const loadedShop = (spec: typeof orders, rows?: number) => loaded(spec, TYPES, rows);
const inLake = (spec: typeof orders, change?: Partial<LoadCollection>) => collectionOf(spec, change, LAKE);

function sqlOf(
  collections: readonly LoadCollection[],
  state: WarehouseState,
  change: Partial<RedshiftLoaderOptions> = {},
): string {
  const { schema, manifests, iamRole, distribution, sortKeys, varcharBytes } = settingsOf({
    host: "cluster.example.com",
    database: "dev",
    user: "loader",
    password: "hush",
    iamRole: "arn:aws:iam::123456789012:role/load",
    manifests: { url: LAKE, createIfAbsent: () => Promise.resolve("created") },
    ...change,
  } as RedshiftLoaderOptions);
  const request: LoadRequest = requestOf("r2", collections, { manifestSha256: "d".repeat(64) });
  const decision = decideLoad(request, state, redshiftDialect(schema, state.tables));
  const plan = { request, ...decision, ledgerLoads: state.loads, plannedAt: "2026-01-03T00:00:00.000Z" };
  const there = state.loads > 0;
  const statements = statementsOf(
    loadScript(
      plan,
      redshiftSql({
        schema,
        manifestsUrl: manifests.url,
        iamRole,
        layout: { distribution, sortKeys },
        widths: widthsOf(varcharBytes, state.tables),
        present: { schema: there, tables: new Set(there ? BOOKKEEPING.map(({ name }) => name) : []) },
        runId: request.runId,
        loadedAt: "2026-01-03T00:00:00.000000Z",
      }),
    ),
  );
  expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
  return statements
    .map(({ name, phase, purpose, sql }) => `-- ${phase}, ${purpose}: ${name}\n${sql};\n`)
    .join("\n");
}

test.each<[string, LoadCollection[], WarehouseState, Partial<RedshiftLoaderOptions>]>([
  ["first-load", [inLake(products), inLake(orders)], EMPTY_WAREHOUSE, {}],
  ["merge", [inLake(orders, { quarantinedKeys: ["o1", "it's \\ odd"] })], loadedShop(orders), {}],
  ["new-columns", [inLake(ordersWider, { quarantinedKeys: null })], loadedShop(orders), {}],
  ["gone-column", [inLake(ordersNarrower)], loadedShop(orders), {}],
  ["rebuild", [inLake(products)], loadedShop(products, 11), {}],
  [
    "laid-out",
    [inLake(products)],
    EMPTY_WAREHOUSE,
    {
      iamRole: "default",
      distribution: { products: "all", products__sizes: { key: "value" } },
      sortKeys: { products: [], products__sizes: ["value"] },
      varcharBytes: { products: 300, "products__sizes.value": 12 },
    },
  ],
])("the statements of a load: %s", async (name, collections, state, change) => {
  await expect(sqlOf(collections, state, change)).toMatchFileSnapshot(
    `../../test/redshift/golden/${name}.sql`,
  );
});

test("statements have no secret, and nothing of what commits or loses rows", () => {
  for (const sql of [
    sqlOf([inLake(ordersWider)], loadedShop(orders)),
    sqlOf([inLake(orders), inLake(products)], EMPTY_WAREHOUSE),
  ]) {
    expect(sql).not.toMatch(
      /TRUNCATE|CASCADE|APPEND|CREDENTIALS|ACCESS_KEY|ON CONFLICT|RETURNING|hush|\bE'|DROP TABLE "raw"/i,
    );
  }
});
