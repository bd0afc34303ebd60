import { expect, test } from "vitest";
import { collectionOf } from "../../test/merge/plans.ts";
import { decideLoad, EMPTY_WAREHOUSE } from "../planning/index.ts";
import { products } from "../testing/shop.ts";
import { requestOf } from "../testing/test-lake.ts";
import { bigqueryDialect } from "./dialect.ts";
import { assertLoaded } from "./load-outcome.ts";

const request = requestOf("r1", [collectionOf(products, {}, "gs://lake")]);
const { collections } = decideLoad(
  request,
  EMPTY_WAREHOUSE,
  bigqueryDialect({ project: "p", dataset: "raw" }),
);
const table = collections[0]!.tables[0]!;
const good = { outputRows: table.rows, badRecords: 0, inputFiles: table.source.parts.length };

test("a load job that read every file and kept every row passes", () => {
  assertLoaded(table, good);
});

test.each([
  ["STAGE_COUNT", { outputRows: table.rows - 1 }],
  ["BAD_RECORDS", { badRecords: 1 }],
  ["STAGE_FILES", { inputFiles: good.inputFiles - 1 }],
  ["STAGE_FILES", { inputFiles: good.inputFiles + 1 }],
])("%s: %j", (code, change) => {
  expect(() => assertLoaded(table, { ...good, ...change })).toThrow(
    expect.objectContaining({ code, exitCode: 10 }),
  );
});
