import { expect, test } from "vitest";
import { clientOf, startBigQuery } from "./index.ts";
import { failure, started } from "./harness.ts";

const SCHEMA = {
  fields: [
    { name: "id", type: "STRING", mode: "REQUIRED" },
    { name: "at", type: "TIMESTAMP" },
    { name: "n", type: "INT64" },
  ],
};

test("a dataset is made once, described, listed and deleted with its tables only when told", async () => {
  await using server = await startBigQuery();
  const client = clientOf(server.endpoint, "proj");
  await client.createDataset("one", { location: "EU", labels: { team: "etl" }, description: "first" });
  expect(await failure(client.createDataset("one"))).toMatchObject({ code: 409, reason: "duplicate" });
  expect(await failure(client.dataset("two").getMetadata())).toMatchObject({
    code: 404,
    reason: "notFound",
    message: expect.stringContaining("Not found: Dataset proj:two"),
  });
  await client.dataset("one").setMetadata({ description: "second" });
  const [metadata] = await client.dataset("one").getMetadata();
  expect(metadata).toMatchObject({ location: "EU", labels: { team: "etl" }, description: "second" });
  await client.dataset("one").createTable("t", { schema: SCHEMA });
  expect((await client.getDatasets())[0].map(({ id }) => id)).toEqual(["one"]);
  expect(await failure(client.dataset("one").delete())).toMatchObject({ code: 400, reason: "resourceInUse" });
  await client.dataset("one").delete({ force: true });
  expect((await client.getDatasets())[0]).toEqual([]);
});

test("a table keeps what it was made with, under the API's own type names, and changes additively only", async () => {
  await using place = await started();
  const raw = place.client.dataset("raw");
  const [table] = await raw.createTable("t", {
    schema: SCHEMA,
    clustering: { fields: ["id"] },
    timePartitioning: { type: "DAY", field: "at" },
    labels: { run: "1" },
    description: "of things",
  });
  const [before] = await table.getMetadata();
  expect(before).toMatchObject({
    location: "EU",
    clustering: { fields: ["id"] },
    timePartitioning: { type: "DAY", field: "at" },
    labels: { run: "1" },
    description: "of things",
    numRows: "0",
  });
  expect(before.schema.fields.map(({ type, mode }: { type: string; mode: string }) => [type, mode])).toEqual([
    ["STRING", "REQUIRED"],
    ["TIMESTAMP", "NULLABLE"],
    ["INTEGER", "NULLABLE"],
  ]);
  expect(await failure(raw.createTable("t", { schema: SCHEMA }))).toMatchObject({
    code: 409,
    reason: "duplicate",
  });

  const wider = {
    fields: [{ name: "id", type: "STRING" }, ...SCHEMA.fields.slice(1), { name: "b", type: "BOOL" }],
  };
  await table.setMetadata({ schema: wider });
  const [after] = await table.getMetadata();
  expect(after.etag).not.toBe(before.etag);
  expect(after.schema.fields.map(({ name, mode }: { name: string; mode: string }) => [name, mode])).toEqual([
    ["id", "NULLABLE"],
    ["at", "NULLABLE"],
    ["n", "NULLABLE"],
    ["b", "NULLABLE"],
  ]);
  const narrower = {
    fields: wider.fields.map((field) => (field.name === "n" ? { ...field, type: "STRING" } : field)),
  };
  expect(await failure(table.setMetadata({ schema: narrower }))).toMatchObject({
    code: 400,
    message: expect.stringContaining("Provided Schema does not match Table proj:raw.t"),
  });
  expect(await failure(table.setMetadata({ schema: SCHEMA }))).toMatchObject({ code: 400 });
});

test("an expired table is gone, and the sixth metadata update within ten seconds is refused", async () => {
  await using place = await started();
  const raw = place.client.dataset("raw");
  const [stage] = await raw.createTable("stage", {
    schema: SCHEMA,
    expirationTime: String(Date.now() + 3_600_000),
  });
  for (let update = 1; update < 5; update++) await stage.setMetadata({ description: `${update}` });
  expect(await failure(stage.setMetadata({ description: "5" }))).toMatchObject({
    code: 403,
    reason: "rateLimitExceeded",
  });
  place.server.advance(10_001);
  await stage.setMetadata({ description: "5" });
  expect((await raw.getTables())[0].map(({ id }) => id)).toEqual(["stage"]);
  place.server.advance(3_600_000);
  expect(await failure(stage.getMetadata())).toMatchObject({ code: 404, reason: "notFound" });
  expect((await raw.getTables())[0]).toEqual([]);
  await raw.createTable("stage", { schema: SCHEMA });
});
