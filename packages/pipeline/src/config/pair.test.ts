import { describe, expect, test } from "vitest";
import { configOf, cwd, errorOf } from "../../test/config-of.ts";

const BIGQUERY = "bigquery://my-project/raw_data?location=EU";

describe("lake and warehouse", () => {
  test.each([
    [
      "--lake ./lake",
      "redshift://u@h/d?iamRole=default",
      "Redshift loads from s3://",
      "a DuckDB file or BigQuery",
    ],
    [
      "--lake gs://lake",
      "redshift://u@h/d?iamRole=default",
      "Redshift loads from s3://",
      "a DuckDB file or BigQuery",
    ],
    [
      "--lake s3://lake",
      BIGQUERY,
      "BigQuery loads from gs://bucket/prefix or a folder",
      "a DuckDB file or Redshift",
    ],
    ["", "redshift://u@h/d?iamRole=default", "./.spacex-etl/lake", "--lake"],
  ])(
    "%s with %s do not go together, in every command that is about a load",
    (lake, warehouse, message, hint) => {
      for (const command of ["run", "extract", "normalize", "load", "transform", "plan", "doctor"]) {
        const error = errorOf(`${command} --api live ${lake} --warehouse ${warehouse}`);
        expect(error, command).toMatchObject({ kind: "usage", exitCode: 2, code: "LAKE_WAREHOUSE_PAIR" });
        expect(error.message).toContain(message);
        expect(error.hint).toContain(hint);
      }
      for (const command of ["verify", "files crew", "gc"])
        expect(configOf(`${command} ${lake} --warehouse ${warehouse}`).warehouse.display).toMatch(/^\w+:/);
    },
  );

  test.each([
    ["--lake gs://lake", BIGQUERY],
    ["--lake ./lake", BIGQUERY],
    ["--lake s3://lake", "redshift://u@h/d?iamRole=default"],
    ["--lake s3://lake", "w.duckdb"],
    ["--lake gs://lake", "w.duckdb"],
  ])("%s with %s do", (lake, warehouse) => {
    expect(configOf(`run --api live ${lake} --warehouse ${warehouse}`).source).toBe("live");
  });

  test("dbt takes no certificates of one's own: with them it has to be left out", () => {
    const words = "--api live --lake s3://lake --warehouse redshift://u@h/d?iamRole=default&ca=ca.pem";
    for (const command of ["run", "transform", "doctor"])
      expect(errorOf(`${command} ${words}`), command).toMatchObject({
        code: "SETTINGS_CONTRADICT",
        message: expect.stringContaining("The parameter ca"),
        hint: expect.stringContaining("--no-transform"),
      });
    for (const command of ["run --no-transform", "doctor --no-transform", "extract", "load", "plan"])
      expect(configOf(`${command} ${words}`).warehouse).toMatchObject({ ca: `${cwd}/ca.pem` });
  });

  test("the embedded snapshot goes into a service only when it is named", () => {
    expect(errorOf(`run --warehouse ${BIGQUERY}`)).toMatchObject({
      code: "SETTINGS_CONTRADICT",
      message: expect.stringMatching(/^--warehouse is another than the default, but --api is not given/),
    });
    expect(configOf(`run --api embedded --warehouse ${BIGQUERY}`).source).toBe("embedded");
    expect(configOf(`load --warehouse ${BIGQUERY}`).source).toBe("embedded");
  });
});
