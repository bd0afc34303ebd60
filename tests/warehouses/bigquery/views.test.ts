import { expect, test } from "vitest";
import { failure, script, shop } from "./harness.ts";

const VIEW = "CREATE MATERIALIZED VIEW raw.names";
const MADE = `${VIEW} OPTIONS(refresh_interval_minutes=60, description='Names') AS
  SELECT id, name AS title, row_hash IS NULL AS is_new FROM raw.stage WHERE id > 1`;

test("a view is read as it now is, and told with its query and columns", async () => {
  await using place = await shop();
  const made = await script(place.client, "CREATE VIEW raw.v AS SELECT max(id) AS top FROM raw.stage");
  expect(made.status.errorResult).toBeUndefined();
  expect(made.statistics.query?.statementType).toBe("CREATE_VIEW");
  await script(place.client, "INSERT raw.stage (id) VALUES (40)");
  expect((await place.client.query("SELECT top FROM raw.v"))[0]).toEqual([{ top: 40 }]);
  const [view] = await place.client.dataset("raw").table("v").getMetadata();
  expect(view).toMatchObject({
    type: "VIEW",
    view: { query: "SELECT max ( id ) AS top FROM raw . stage", useLegacySql: false },
    schema: { fields: [{ name: "top", type: "INTEGER" }] },
  });
  await script(place.client, "CREATE OR REPLACE VIEW raw.v AS SELECT 'x' AS other");
  expect((await place.client.query("SELECT * FROM raw.v"))[0]).toEqual([{ other: "x" }]);
});

test("a materialized view has its own block, options, refresh and end", async () => {
  await using place = await shop();
  const table = place.client.dataset("raw").table("names");
  expect((await script(place.client, MADE)).statistics.query?.statementType).toBe("CREATE_MATERIALIZED_VIEW");
  expect((await place.client.query("SELECT title, is_new FROM raw.names WHERE id = 3"))[0]).toEqual([
    { title: "\\n", is_new: false },
  ]);
  expect((await table.getMetadata())[0]).toMatchObject({
    type: "MATERIALIZED_VIEW",
    description: "Names",
    materializedView: { enableRefresh: true, refreshIntervalMs: "3600000" },
  });
  const [listed] = await place.client.dataset("raw").getTables();
  expect(listed.find(({ id }) => id === "names")?.metadata).toMatchObject({ type: "MATERIALIZED_VIEW" });
  const changed = await script(
    place.client,
    "ALTER MATERIALIZED VIEW raw.names SET OPTIONS(enable_refresh=false); CALL BQ.REFRESH_MATERIALIZED_VIEW('proj.raw.names')",
  );
  expect(changed.status.errorResult).toBeUndefined();
  await table.setMetadata({ description: "Titles" });
  expect((await table.getMetadata())[0]).toMatchObject({
    description: "Titles",
    materializedView: { enableRefresh: false, refreshIntervalMs: "3600000" },
  });
  const [types] = await place.client.query(
    "SELECT table_type FROM raw.INFORMATION_SCHEMA.TABLES WHERE table_name = 'names'",
  );
  expect(types).toEqual([{ table_type: "MATERIALIZED VIEW" }]);
  await script(place.client, "DROP MATERIALIZED VIEW raw.names");
  expect(await failure(table.getMetadata())).toMatchObject({ code: 404 });
});

test.each([
  ["a window", "SELECT id, row_number() OVER (ORDER BY id) AS n FROM raw.stage"],
  ["a union", "SELECT id FROM raw.stage UNION ALL SELECT id FROM raw.stage"],
  ["an outer join", "SELECT s.id FROM raw.stage AS s LEFT JOIN raw.things AS t ON t.id = s.id"],
  ["an order", "SELECT id FROM raw.stage ORDER BY id"],
  ["the moment", "SELECT CURRENT_TIMESTAMP() AS now FROM raw.stage"],
  ["a view", "SELECT id FROM raw.v"],
  ["another materialized view", "SELECT id FROM raw.names"],
])("a materialized view of %s is refused", async (_, query) => {
  await using place = await shop();
  await script(place.client, `${MADE}; CREATE VIEW raw.v AS SELECT id FROM raw.stage`);
  const { errorResult } = (await script(place.client, `CREATE MATERIALIZED VIEW raw.more AS ${query}`))
    .status;
  expect(errorResult).toMatchObject({ reason: "invalidQuery" });
  expect(errorResult?.message).not.toMatch(/not found/i);
  expect(await place.client.dataset("raw").table("more").exists()).toEqual([false]);
});

test.each([
  "INSERT raw.names (id) VALUES (1)",
  "DELETE FROM raw.names WHERE true",
  "TRUNCATE TABLE raw.names",
  "DROP TABLE raw.names",
  "DROP VIEW raw.names",
  "CREATE OR REPLACE TABLE raw.names (id INT64)",
  "CREATE OR REPLACE VIEW raw.names AS SELECT 1 AS id",
  "CREATE OR REPLACE MATERIALIZED VIEW raw.stage AS SELECT id FROM raw.things",
  "CREATE OR REPLACE MATERIALIZED VIEW IF NOT EXISTS raw.names AS SELECT id FROM raw.things",
  "CALL BQ.REFRESH_MATERIALIZED_VIEW('proj.raw.stage')",
  "ALTER TABLE raw.names ADD COLUMN more INT64",
])("what is for another kind of table is refused: %s", async (query) => {
  await using place = await shop();
  await script(place.client, MADE);
  expect((await script(place.client, query)).status.errorResult).toMatchObject({ reason: "invalidQuery" });
  expect((await place.client.query("SELECT count(*) AS n FROM raw.names"))[0]).toEqual([{ n: 2 }]);
});

test("a schema is not changed under a materialized view, and a view's rows are not listed", async () => {
  await using place = await shop();
  await script(place.client, `${MADE}; CREATE VIEW raw.v AS SELECT id FROM raw.stage`);
  const schema = [{ name: "id", type: "INTEGER", description: "its key" }];
  const names = place.client.dataset("raw").table("names");
  expect(await failure(names.setMetadata({ schema }))).toMatchObject({ code: 400, reason: "invalid" });
  expect(await failure(place.client.dataset("raw").table("v").getRows())).toMatchObject({ code: 400 });
});
