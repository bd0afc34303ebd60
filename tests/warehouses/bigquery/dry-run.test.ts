import { expect, test } from "vitest";
import { type Started, shop } from "./harness.ts";

async function dryRun({ server }: Pick<Started, "server">, query: string): Promise<number> {
  const response = await fetch(`${server.endpoint}/bigquery/v2/projects/proj/queries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, useLegacySql: false, dryRun: true, location: "EU" }),
  });
  return response.status;
}

test("a dry run resolves names and has no effect", async () => {
  await using place = await shop();
  const before = place.server.jobs().length;
  for (const query of [
    "SELECT id FROM raw.stage",
    "UPDATE raw.stage SET id = 7 WHERE TRUE",
    "DELETE FROM raw.stage WHERE TRUE",
    "CREATE TABLE raw.made AS SELECT id FROM raw.stage",
    "CREATE TABLE IF NOT EXISTS raw.stage (id INT64)",
    "DROP TABLE raw.stage",
  ]) {
    expect(await dryRun(place, query), query).toBe(200);
  }
  for (const [query, status] of [
    ["SELECT id FROM raw.nothing", 404],
    ["CREATE TABLE nowhere.t (id INT64)", 404],
    ["DROP TABLE raw.nothing", 404],
    ["UPDATE raw.stage SET nothing = 7 WHERE TRUE", 400],
    ["CREATE TABLE raw.made AS SELECT nothing FROM raw.stage", 400],
    ["SELEC 1", 400],
    ["BEGIN TRANSACTION; COMMIT TRANSACTION", 400],
  ] as const) {
    expect(await dryRun(place, query), query).toBe(status);
  }
  expect(place.server.jobs()).toHaveLength(before);
  const [rows] = await place.client.query("SELECT count(*) AS n, max(id) AS last FROM raw.stage");
  expect(rows).toEqual([{ n: 3, last: 3 }]);
  expect((await place.client.dataset("raw").table("made").exists())[0]).toBe(false);
});
