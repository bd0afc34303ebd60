import { expect, test } from "vitest";
import { startAwsApi } from "../../test/aws-api.ts";
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

test("with IAM, dbt signs in with credentials that are asked for when it starts", async () => {
  await using api = await startAwsApi();
  let asked = 0;
  api.answer = () => ({
    status: 200,
    body: JSON.stringify({ dbUser: "IAMR:load", dbPassword: `given-${++asked}` }),
  });
  const host = "wg-1.123456789012.eu-central-1.redshift-serverless.amazonaws.com";
  const config = configOf(
    `transform --lake s3://lake --warehouse redshift://${host}/d?iamRole=default&iam=true`,
  );
  for (const password of ["given-1", "given-2"])
    expect((await dbtWarehouse(config)).env).toMatchObject({
      SPACEX_ETL_REDSHIFT_METHOD: "database",
      SPACEX_ETL_REDSHIFT_HOST: host,
      SPACEX_ETL_REDSHIFT_USER: "IAMR:load",
      DBT_ENV_SECRET_REDSHIFT_PASSWORD: password,
    });
});
