import { expect, test } from "vitest";
import { configOf } from "../../test/config-of.ts";
import { dbtWarehouse } from "./dbt-environment.ts";

const varsOf = async (words: string) =>
  (await dbtWarehouse(configOf(`transform ${words}`, { REDSHIFT_PASSWORD: "p" }))).vars;

test("staging and marts belong to one raw schema: those of another than raw have its name before theirs", async () => {
  const redshift = "--lake s3://lake --warehouse redshift://u@h/d?iamRole=default";
  expect(await varsOf(redshift)).toEqual({ raw_schema: "raw" });
  expect(await varsOf(`${redshift}&schema=raw2`)).toEqual({ raw_schema: "raw2", schema_prefix: "raw2_" });
  const bigquery = "--warehouse bigquery://my-project/";
  expect(await varsOf(`${bigquery}raw?location=EU`)).toEqual({ raw_schema: "raw" });
  expect(await varsOf(`${bigquery}ada?location=EU`)).toEqual({ raw_schema: "ada", schema_prefix: "ada_" });
  expect(await varsOf("--warehouse w.duckdb")).toEqual({});
});
