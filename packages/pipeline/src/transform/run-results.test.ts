import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRunResults } from "./run-results.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spacex-etl-dbt-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const LINK = "test.spacex_etl.src_spacex_payloads_launch_id_resolves.647a55da49";
const RULE = "test.spacex_etl.expression_is_true_spacex_rockets.2f6308d150";

/** As dbt 1.11 writes them, cut down. */
const RESULTS = [
  { status: "success", unique_id: "model.spacex_etl.src_spacex_launches", message: "OK", failures: null },
  { status: "pass", unique_id: "test.spacex_etl.not_null.1", message: null, failures: 0 },
  {
    status: "pass",
    unique_id: "unit_test.spacex_etl.spacex_launches.adds_masses",
    message: null,
    failures: 0,
  },
  { status: "warn", unique_id: LINK, message: "Got 4 results, configured to warn if != 0", failures: 4 },
  { status: "fail", unique_id: RULE, message: "Got 1 result, configured to fail if != 0", failures: 1 },
  {
    status: "error",
    unique_id: "model.spacex_etl.spacex_rockets",
    message:
      "Runtime Error in model spacex_rockets (models/marts/spacex_rockets.sql)\n  Binder Error: no such column\n  LINE 1: select",
    failures: null,
  },
  {
    status: "fail",
    unique_id: "unit_test.spacex_etl.spacex_launches.counts_cores",
    message: "\n\nactual differs from expected:\n\n@@ ,launch_id",
    failures: 1,
  },
  { status: "skipped", unique_id: "model.spacex_etl.spacex_cores", message: "Skipping", failures: null },
  { status: "skipped", unique_id: "test.spacex_etl.unique.2", message: null, failures: null },
];

const MANIFEST = {
  nodes: {
    [LINK]: {
      attached_node: "model.spacex_etl.src_spacex_payloads",
      test_metadata: {
        name: "link_resolves",
        kwargs: { column_name: "launch_id", to: "ref('src_spacex_launches')", field: "launch_id" },
      },
    },
    [RULE]: {
      attached_node: "model.spacex_etl.spacex_rockets",
      test_metadata: { name: "expression_is_true", kwargs: { expression: "success_rate between 0 and 1" } },
    },
  },
};

async function write(file: string, content: unknown): Promise<void> {
  await writeFile(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
}

test("counts what was done, and says in one line each what was not", async () => {
  await write("run_results.json", { metadata: {}, results: RESULTS });
  await write("manifest.json", MANIFEST);
  expect(await readRunResults(folder)).toEqual({
    models: { built: 1, failed: 1, skipped: 1 },
    tests: { passed: 2, warned: 1, failed: 2 },
    failures: [
      {
        node: "test expression_is_true_spacex_rockets",
        message: "1 row of spacex_rockets without success_rate between 0 and 1",
      },
      { node: "model spacex_rockets", message: "Binder Error: no such column" },
      { node: "unit test counts_cores", message: "actual differs from expected" },
    ],
    warnings: [
      {
        node: "test src_spacex_payloads_launch_id_resolves",
        message: "4 rows of src_spacex_payloads with a launch_id that src_spacex_launches does not have",
      },
    ],
  });
});

test.each([
  ["missing", undefined],
  ["cut off", '{"nodes": {'],
  ["another one", { nodes: [] }],
])("a manifest that is %s costs the sentence, not the number", async (_, manifest) => {
  await write("run_results.json", { results: RESULTS.slice(3, 4) });
  if (manifest !== undefined) await write("manifest.json", manifest);
  expect((await readRunResults(folder))?.warnings).toEqual([
    { node: "test src_spacex_payloads_launch_id_resolves", message: "4 rows" },
  ]);
});

test.each([
  ["missing", undefined],
  ["cut off by a kill", '{"results": ['],
  ["of another shape", { results: {} }],
])("results that are %s are none", async (_, results) => {
  if (results !== undefined) await write("run_results.json", results);
  expect(await readRunResults(folder)).toBeUndefined();
});
