import { expect, test } from "vitest";
import { ended, failure, script, shop } from "./harness.ts";

test.each([
  "SELEC 1",
  "SELECT FARM_FINGERPRINT('a')",
  "SELECT * FROM UNNEST([1, 2])",
  "UPDATE raw.stage SET id = 1",
  "SELECT * FROM stage",
  "SELECT 'open",
  "SELECT @nothing",
  "GRANT `roles/x` ON SCHEMA raw TO 'me'",
  "BEGIN TRANSACTION; COMMIT TRANSACTION; COMMIT TRANSACTION",
  "DECLARE x STRUCT; SELECT 1",
  "SELECT 1 AS hash",
  "CREATE TABLE raw.u (at TIMESTAMP)",
])("what it does not know is refused: %s", async (query) => {
  await using place = await shop();
  expect(await failure(place.client.query(query))).toMatchObject({ code: 400 });
  expect((await place.client.query("SELECT count(*) AS n FROM raw.stage"))[0]).toEqual([{ n: 3 }]);
});

test("rows come in pages, 64-bit integers and microseconds whole, nulls as nulls", async () => {
  await using place = await shop();
  await script(
    place.client,
    "INSERT INTO raw.stage (id) VALUES (9223372036854775807), (-9223372036854775808)",
  );
  const [job] = await place.client.createQueryJob({ query: "SELECT id, name FROM raw.stage ORDER BY id" });
  const options = { maxResults: 2, autoPaginate: false, wrapIntegers: true };
  const [rows, second] = await job.getQueryResults(options);
  const [more, third] = await job.getQueryResults(second!);
  const [last, none] = await job.getQueryResults(third!);
  expect(none).toBeNull();
  expect(
    [...rows, ...more, ...last].map(({ id }: { id: { value: string } | number }) =>
      String(typeof id === "number" ? id : id.value),
    ),
  ).toEqual(["-9223372036854775808", "1", "2", "3", "9223372036854775807"]);
  expect(rows[0].name).toBeNull();
  const pages = place.server.requests().filter(({ path }) => path.startsWith(`/queries/${job.id}`));
  expect(pages).toHaveLength(3);
  const raw = await fetch(`${place.server.endpoint}/bigquery/v2/projects/proj/queries`, {
    method: "POST",
    body: JSON.stringify({
      query: "SELECT TIMESTAMP '1969-12-31 23:59:59.5Z' AS moment",
      useLegacySql: false,
      location: "EU",
    }),
  });
  expect(await raw.json()).toMatchObject({ jobComplete: true, rows: [{ f: [{ v: "-0.500000" }] }] });
});

test("a missing table or dataset, or one elsewhere, is 404", async () => {
  await using place = await shop();
  await place.client.createDataset("us", { location: "US" });
  const message = expect.stringContaining("Not found");
  for (const query of ["SELECT 1 FROM raw.none", "SELECT 1 FROM none.t", "SELECT 1 FROM us.t"]) {
    expect(await failure(place.client.query(query))).toMatchObject({
      code: 404,
      reason: "notFound",
      message,
    });
  }
  const [job] = await place.client.createQueryJob({ query: "SELECT 1 FROM raw.none" });
  expect((await ended(job)).status.errorResult).toMatchObject({ reason: "notFound" });
});

test("functions mean what they do in BigQuery, nulls included", async () => {
  await using place = await shop();
  const [rows] = await place.client.query(
    `SELECT FORMAT('%d of %s', COUNT(*), 'x') AS text, CONCAT('a', NULL) AS nothing, GREATEST(1, NULL) AS none,
       IF(COUNTIF(id > 1) = 2, 'yes', 'no') AS answer, 1 / 2 AS half, SAFE_CAST('x' AS INT64) AS failed,
       TIMESTAMP_SUB(TIMESTAMP '2026-01-02 01:00:00+02:00', INTERVAL 1 DAY) = TIMESTAMP '2025-12-31 23:00:00Z' AS same,
       EXTRACT(YEAR FROM TIMESTAMP '2026-01-02 00:00:00Z') AS year
     FROM raw.stage`,
  );
  expect(rows).toEqual([
    {
      text: "3 of x",
      nothing: null,
      none: null,
      answer: "yes",
      half: 0.5,
      failed: null,
      same: true,
      year: 2026,
    },
  ]);
});
