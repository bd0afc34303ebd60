import { expect, test } from "vitest";
import { ended, failure, script, shop } from "./harness.ts";

interface Destination {
  readonly configuration: {
    readonly query: {
      readonly destinationTable?: { readonly datasetId: string; readonly tableId: string };
    };
  };
}

test("what a SELECT found lies in a hidden table that its job names", async () => {
  await using place = await shop();
  const [job] = await place.client.createQueryJob("SELECT id, name FROM raw.stage WHERE id < 3 ORDER BY id");
  await ended(job);
  const [{ configuration }] = (await job.getMetadata()) as unknown as [Destination];
  const { datasetId, tableId } = configuration.query.destinationTable!;
  const table = place.client.dataset(datasetId).table(tableId);
  const [metadata] = await table.getMetadata();
  expect(metadata).toMatchObject({
    type: "TABLE",
    numRows: "2",
    schema: {
      fields: [
        { name: "id", type: "INTEGER" },
        { name: "name", type: "STRING" },
      ],
    },
  });
  expect((await table.getRows())[0]).toEqual([
    { id: 1, name: "one" },
    { id: 2, name: `it's "two"` },
  ]);
  expect((await place.client.getDatasets())[0].map(({ id }) => id)).toEqual(["raw"]);
  expect(await failure(place.client.dataset(datasetId).table("anon").getMetadata())).toMatchObject({
    code: 404,
  });
});

test("CREATE TABLE AS SELECT names its table; columns before AS are those of the table", async () => {
  await using place = await shop();
  const [job] = await place.client.createQueryJob(
    "CREATE TABLE raw.copy (key INT64 NOT NULL, title STRING) OPTIONS(expiration_timestamp=TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 12 hour)) AS (SELECT id, name FROM raw.stage)",
  );
  expect((await ended(job)).status.errorResult).toBeUndefined();
  const [{ configuration }] = (await job.getMetadata()) as unknown as [Destination];
  expect(configuration.query.destinationTable).toMatchObject({ datasetId: "raw", tableId: "copy" });
  const [metadata] = await place.client.dataset("raw").table("copy").getMetadata();
  expect(metadata.schema.fields).toMatchObject([
    { name: "key", type: "INTEGER", mode: "REQUIRED" },
    { name: "title", type: "STRING" },
  ]);
  expect(Number(metadata.expirationTime)).toBeGreaterThan(Date.now() + 11 * 3_600_000);
  place.server.advance(12 * 3_600_000);
  expect(await place.client.dataset("raw").table("copy").exists()).toEqual([false]);
  const short = await script(
    place.client,
    "CREATE TABLE raw.short (key INT64) AS SELECT id, name FROM raw.stage",
  );
  expect(short.status.errorResult).toMatchObject({ reason: "invalidQuery" });
});

test("DATETIME is a type of its own, in results and columns", async () => {
  await using place = await shop();
  const [rows] = await place.client.query(
    `SELECT DATETIME_ADD(CAST(TIMESTAMP '2024-01-31 12:00:00.5Z' AS DATETIME), INTERVAL 1 MONTH) AS later,
       TIMESTAMP_TRUNC(TIMESTAMP '2024-05-17 12:34:56Z', QUARTER) AS quarter,
       DATETIME_DIFF(CAST(TIMESTAMP '2024-01-01 00:30:00Z' AS DATETIME), CAST(TIMESTAMP '2023-12-31 23:30:00Z' AS DATETIME), DAY) AS days,
       CAST(DATETIME_SUB(CAST(TIMESTAMP '2024-01-01 00:00:00Z' AS DATETIME), INTERVAL 1 DAY) AS TIMESTAMP) AS back`,
  );
  expect(rows).toMatchObject([
    {
      later: { value: "2024-02-29T12:00:00.500000" },
      quarter: { value: "2024-04-01T00:00:00.000Z" },
      days: 1,
      back: { value: "2023-12-31T00:00:00.000Z" },
    },
  ]);
  await script(
    place.client,
    "CREATE TABLE raw.local AS SELECT CAST(TIMESTAMP '2024-01-31 12:00:00Z' AS DATETIME) AS at_",
  );
  const [metadata] = await place.client.dataset("raw").table("local").getMetadata();
  expect(metadata.schema.fields).toMatchObject([{ name: "at_", type: "DATETIME" }]);
  const [variable] = await place.client.query(
    "DECLARE d DATETIME DEFAULT CAST(TIMESTAMP '1960-01-02 03:04:05Z' AS DATETIME); SELECT d AS d",
  );
  expect(variable).toMatchObject([{ d: { value: "1960-01-02T03:04:05" } }]);
  for (const part of ["WEEK", "ISOWEEK", "CENTURY"]) {
    const query = `SELECT TIMESTAMP_TRUNC(TIMESTAMP '2024-05-17 00:00:00Z', ${part})`;
    expect(await failure(place.client.query(query))).toMatchObject({ code: 400 });
  }
});

test("CREATE SCHEMA makes a dataset where the job runs; a dataset has no routines", async () => {
  await using place = await shop();
  const make = "CREATE SCHEMA IF NOT EXISTS `proj`.`marts`";
  for (let again = 0; again < 2; again++) {
    expect((await script(place.client, make, { location: "EU" })).status.errorResult).toBeUndefined();
  }
  expect((await place.client.dataset("marts").getMetadata())[0]).toMatchObject({ location: "EU" });
  expect((await script(place.client, "CREATE SCHEMA raw")).status.errorResult).toMatchObject({
    reason: "duplicate",
  });
  expect((await place.client.dataset("marts").getRoutines())[0]).toEqual([]);
  expect(await failure(place.client.dataset("marts").routine("f").getMetadata())).toMatchObject({
    code: 404,
  });
});
