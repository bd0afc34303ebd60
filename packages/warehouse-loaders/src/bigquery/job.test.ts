import { expect, test } from "vitest";
import { collectionOf } from "../../test/merge/plans.ts";
import { products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { jobState, sameWork } from "./job.ts";
import { applyJobId, isStage, loadJobId, stageTable } from "./names.ts";

const load = {
  sourceUris: ["gs://b/1", "gs://b/2"],
  sourceFormat: "PARQUET",
  destinationTable: { projectId: "p", datasetId: "raw", tableId: "t" },
  schema: { fields: [{ name: "id", type: "INT64", mode: "NULLABLE" }] },
  createDisposition: "CREATE_NEVER",
  writeDisposition: "WRITE_TRUNCATE",
};

test("the same work, as the service tells it", () => {
  const told = { ...load, schema: { fields: [{ name: "id", type: "INTEGER" }] }, extra: "x" };
  expect(sameWork({ load }, { load: told, labels: { a: "b" }, jobType: "LOAD" })).toBe(true);
  expect(
    sameWork({ query: { query: "SELECT 1" } }, { query: { query: "SELECT 1", priority: "INTERACTIVE" } }),
  ).toBe(true);
});

test.each([
  ["other files", { sourceUris: ["gs://b/1"] }],
  ["another table", { destinationTable: { ...load.destinationTable, tableId: "u" } }],
  ["another schema", { schema: { fields: [{ name: "id", type: "STRING" }] } }],
  ["another disposition", { writeDisposition: "WRITE_APPEND" }],
])("%s is other work", (_, change) => {
  expect(sameWork({ load }, { load: { ...load, ...change } })).toBe(false);
  expect(sameWork({ query: { query: "SELECT 1" } }, { query: { query: "SELECT 2" } })).toBe(false);
  expect(sameWork({ load }, { query: { query: "SELECT 2" } })).toBe(false);
});

test("a job's state", () => {
  const statistics = { load: { outputRows: "7", badRecords: "1", inputFiles: "2" } };
  expect(jobState("j", { status: { state: "DONE" }, statistics })).toMatchObject({
    done: true,
    error: undefined,
    load: { outputRows: 7, badRecords: 1, inputFiles: 2 },
  });
  const failed = { status: { state: "DONE", errorResult: { reason: "invalid" } } };
  expect(jobState("j", failed)).toMatchObject({ error: { reason: "invalid" }, load: undefined });
  expect(jobState("j", { status: { state: "RUNNING" } }).done).toBe(false);
});

test("ids and stages are the same for every process of a load, and another load's are others", () => {
  const raw = { project: "p", dataset: "raw", location: "EU" };
  const request = requestOf("r-1", [collectionOf(products)]);
  const id = loadJobId(raw, request, "products", 1);
  expect(id).toMatch(/^spacex-etl_r-1_products_[0-9a-f]{12}_a1$/);
  expect(loadJobId(raw, { ...request }, "products", 1)).toBe(id);
  const others = [
    loadJobId({ ...raw, dataset: "raw2" }, request, "products", 1),
    loadJobId({ ...raw, location: "US" }, request, "products", 1),
    loadJobId(raw, { ...request, manifestSha256: "x" }, "products", 1),
    loadJobId(raw, request, "products__sizes", 1),
    loadJobId(raw, request, "products", 2),
  ];
  expect(new Set([id, ...others]).size).toBe(6);
  const apply = applyJobId(raw, request, "SELECT 1", 1);
  expect(apply).toMatch(/^spacex-etl_r-1_apply_[0-9a-f]{24}_a1$/);
  expect(applyJobId({ ...raw, location: "US" }, request, "SELECT 1", 1)).not.toBe(apply);
  expect(applyJobId({ ...raw, location: "eu" }, request, "SELECT 1", 1)).toBe(apply);
  expect(loadJobId(raw, request, "x".repeat(2_000), 1).length).toBeLessThan(1_024);
  const stage = stageTable(raw, request, "products");
  expect(stage).toMatch(/^_stage_r-1_products_[0-9a-f]{12}$/);
  expect(
    [stage, "_stage_products", "products", "_loads", "stage_r_products_000000000000"].map(isStage),
  ).toEqual([true, false, false, false, false]);
});
