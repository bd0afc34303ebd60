import type { TableSpec } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { collectionOf } from "../../test/merge/plans.ts";
import type { LoadCollection } from "../loader/load-request.ts";
import { decideLoad, EMPTY_WAREHOUSE } from "../planning/index.ts";
import { products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { bigqueryDialect } from "./dialect.ts";
import { assertLength, assertLoadable, MAX_LOCAL_BYTES } from "./limits.ts";

const raw = { project: "shop-project", dataset: "raw" };
const inLake = collectionOf(products, {}, "gs://lake");
type Parts = LoadCollection["tables"][number]["parts"];

function check(collection: LoadCollection, partitionBy = {}): void {
  const { collections } = decideLoad(requestOf("r1", [collection]), EMPTY_WAREHOUSE, bigqueryDialect(raw));
  assertLoadable(collections, partitionBy);
}

function withParts(change: (parts: Parts) => Parts): LoadCollection {
  const [parent, ...rest] = inLake.tables;
  return { ...inLake, tables: [{ ...parent!, parts: change(parent!.parts) }, ...rest] };
}

function withColumns(...names: readonly string[]): LoadCollection {
  const [parent, ...rest] = inLake.tables;
  const columns = names.map((name) => ({ name, path: [name], type: "string" as const, nullable: true }));
  const spec: TableSpec = { ...parent!.spec, columns: [...parent!.spec.columns, ...columns] };
  return { ...inLake, tables: [{ ...parent!, spec }, ...rest] };
}

test("what BigQuery takes passes", () => {
  check(inLake);
  check(withColumns("a b", "it's", "naïve", "火箭", "select", "100%"));
  check(
    withParts(([one]) => [{ ...one!, uri: "/lake/one.parquet" }]),
    { products: "_loaded_at", registered: "x" },
  );
});

test.each<[string, () => void]>([
  ["PART_URI", () => check(withParts((parts) => parts.map((part) => ({ ...part, uri: "s3://lake/x" }))))],
  [
    "PART_URI",
    () => check(withParts((parts) => parts.map((part) => ({ ...part, uri: "gs://lake/*.parquet" })))),
  ],
  [
    "PART_URI",
    () => check(withParts((parts) => parts.map((part) => ({ ...part, uri: "relative.parquet" })))),
  ],
  ["LOCAL_PARTS", () => check(withParts((parts) => parts.map((part) => ({ ...part, uri: "/lake/x" }))))],
  ["LOCAL_PARTS", () => check(withParts(([one, two]) => [{ ...one!, uri: "/lake/x" }, two!]))],
  [
    "LOCAL_PARTS",
    () => check(withParts(([one]) => [{ ...one!, uri: "/lake/x", bytes: MAX_LOCAL_BYTES + 1 }])),
  ],
  ["TOO_MANY_PARTS", () => check(withParts(([one]) => Array.from({ length: 10_001 }, () => one!)))],
  ["TOO_MANY_TABLES", () => check({ ...inLake, tables: [inLake.tables[0]!, ...children(100)] })],
  ["TOO_MANY_TABLES", () => assertLength("x".repeat(1024 * 1024 + 1))],
  ["NAME_UNSUPPORTED", () => check(withColumns('a"b'))],
  ["NAME_UNSUPPORTED", () => check(withColumns("a`b"))],
  ["NAME_UNSUPPORTED", () => check(withColumns("a.b"))],
  ["NAME_UNSUPPORTED", () => check(withColumns("_PARTITIONTIME"))],
  ["NAME_UNSUPPORTED", () => check(withColumns("Name"))],
  ["NAME_UNSUPPORTED", () => check(withColumns("x".repeat(301)))],
  ["LOADER_OPTIONS", () => check(inLake, { products: "name" })],
  ["LOADER_OPTIONS", () => check(inLake, { products: "nothing" })],
])("what BigQuery cannot do is refused before anything is written: %s (%#)", (code, work) => {
  expect(work).toThrow(expect.objectContaining({ code, exitCode: 2, hint: expect.stringMatching(/\w/) }));
});

function children(count: number): LoadCollection["tables"] {
  const child = inLake.tables[1]!;
  return Array.from({ length: count }, (_, index) => ({
    ...child,
    spec: { ...child.spec, name: `products__s${index}` },
  }));
}
