import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { requestOf } from "@spacex-etl/warehouse-loaders/testing";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { aBook, books, errorOf, openScene } from "./bigquery-scene.ts";
import { sharedGcs, PROJECT } from "./bigquery-target.ts";

const gcs = sharedGcs();

test("a dataset that is missing or elsewhere is named, by check as by a load", async () => {
  await using scene = await openScene(gcs);
  const request = await scene.run(1, [aBook("a")]);
  const missing = { options: { location: undefined } };
  expect(await errorOf(scene.load(request, missing))).toMatchObject({
    code: "WAREHOUSE_MISSING",
    exitCode: 8,
    retryable: false,
    hint: expect.stringContaining("location"),
  });
  await scene.load(request);
  expect((await scene.load({ ...request, runId: "r1b" }, missing)).outcome).toBe("loaded");
  const elsewhere = bigqueryLoader(scene.target.options({ location: "europe-west1" }));
  for (const work of [elsewhere.check(), elsewhere.preflight(request)]) {
    expect(await errorOf(work)).toMatchObject({
      code: "WAREHOUSE_LOCATION",
      exitCode: 2,
      message: expect.stringMatching(/is in EU, not in europe-west1/),
    });
  }
});

test("a dataset that vanishes during a load is missing for the next plan", async () => {
  await using scene = await openScene(gcs);
  await scene.load(await scene.run(1, [aBook("a")]));
  const dataset = `${scene.target.server.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/raw`;
  const load = scene.load(await scene.run(2, [aBook("b"), aBook("a")]), {
    options: { location: undefined },
    checkpoint: async (name) => {
      if (name === "load.stage") await fetch(`${dataset}?deleteContents=true`, { method: "DELETE" });
    },
  });
  expect(await errorOf(load)).toMatchObject({ code: "WAREHOUSE_MISSING", exitCode: 8, retryable: false });
});

test.each([
  [
    { method: "POST", path: /^\/queries$/ },
    "Access Denied: Project payer: User does not have bigquery.jobs.create permission in project payer.",
    /bigquery\.jobs\.create on payer.*roles\/bigquery\.jobUser/,
  ],
  [
    { method: "GET", path: /^\/datasets\/raw$/ },
    "Access Denied: Dataset p:raw: Permission bigquery.datasets.get denied on dataset p:raw (or it may not exist).",
    /bigquery\.datasets\.get on shop-project\.raw/,
  ],
])("a missing permission is named with how to grant it (%#)", async (request, message, hint) => {
  await using scene = await openScene(gcs);
  await scene.load(await scene.run(1, [aBook("a")]));
  scene.target.server.inject({ ...request, fault: { kind: "error", reason: "accessDenied", message } });
  await using loader = bigqueryLoader(scene.target.options({ jobProject: "payer" }));
  const error = await errorOf(loader.check());
  expect(error).toMatchObject({ code: "WAREHOUSE_FORBIDDEN", exitCode: 3, retryable: false });
  expect(error.hint).toMatch(hint);
  expect(error.message).toContain(message.slice(0, 40));
});

test("a used-up quota is an error to come back later with, at once", async () => {
  await using scene = await openScene(gcs);
  const request = await scene.run(1, [aBook("a")]);
  scene.target.server.inject({
    method: "POST",
    path: /^\/jobs$/,
    body: /"load":\{/,
    times: 9,
    fault: { kind: "error", reason: "quotaExceeded", message: "Quota exceeded: imports per table." },
  });
  const error = await errorOf(scene.load(request));
  expect(error).toMatchObject({ code: "WAREHOUSE_QUOTA", exitCode: 5, retryable: true });
  expect(error.message).toContain("imports per table");
});

test.each([
  ["a type that does not fit", "'a' AS id, 7 AS title, 'h' AS _row_hash", /title/],
  // The service fills it with NULL; what finds such a file there is the lake's own verification.
  ["a column too few, for the double", "'a' AS id, 'h' AS _row_hash", /title/],
  ["a column too many", "'a' AS id, 't' AS title, 'h' AS _row_hash, 1 AS extra", /extra/],
])("a file with %s: file, column and reason", async (_, select, column) => {
  await using scene = await openScene(gcs);
  const collection = await scene.lake.generated(books, {
    books: `SELECT ${select}`,
    books__pages: "SELECT 'a' AS _parent_id, 0::BIGINT AS _ordinal, 'x' AS text",
  });
  const error = await errorOf(scene.load(requestOf("r1", [collection])));
  expect(error).toMatchObject({ code: "PART_MISMATCH", exitCode: 10 });
  expect(error.message).toMatch(column);
  expect(error.message).toContain(collection.tables[0]!.parts[0]!.uri);
  expect(await scene.target.read("_loads")).toEqual([]);
});

test("a file of the manifest that is gone", async () => {
  await using scene = await openScene(gcs);
  const request = await scene.run(1, [aBook("a")]);
  const { pathname } = new URL(request.collections[0]!.tables[0]!.parts[0]!.uri);
  await fetch(`${gcs.endpoint}/storage/v1/b/lake/o/${encodeURIComponent(pathname.slice(1))}`, {
    method: "DELETE",
  });
  expect(await errorOf(scene.load(request))).toMatchObject({ code: "PART_MISSING", exitCode: 10 });
});

test("a lake in a folder: one small file per table, verified before it is sent", async () => {
  await using scene = await openScene(gcs, true);
  const request = await scene.run(1, [aBook("a"), aBook("b")]);
  expect(await scene.load(request)).toMatchObject({ outcome: "loaded", jobs: 2 });
  expect(await scene.live()).toEqual(["a", "b"]);

  const parts = await scene.lake.collection(books, [aBook("a"), aBook("c")], { parts: 2 });
  const before = scene.target.server.jobs().length;
  expect(await errorOf(scene.load(requestOf("r2", [parts])))).toMatchObject({
    code: "LOCAL_PARTS",
    exitCode: 2,
    hint: expect.stringContaining("gs://"),
  });
  const changed = await scene.run(3, [aBook("x")]);
  await writeFile(changed.collections[0]!.tables[0]!.parts[0]!.uri, "changed");
  expect(await errorOf(scene.load(changed))).toMatchObject({ code: "PART_CHECKSUM", exitCode: 10 });
  expect(
    scene.target.server
      .jobs()
      .slice(before)
      .filter(({ kind, jobId }) => kind === "load" && /_r3_books_[0-9a-f]/.test(jobId)),
  ).toEqual([]);
  const elsewhere = await scene.run(4, [aBook("x")]);
  const [collection] = elsewhere.collections;
  const tables = collection!.tables.map((table) => ({
    ...table,
    parts: table.parts.map((part) => ({ ...part, uri: "s3://lake/part.parquet" })),
  }));
  expect(
    await errorOf(scene.load({ ...elsewhere, collections: [{ ...collection!, tables }] })),
  ).toMatchObject({
    code: "PART_URI",
    exitCode: 2,
  });
});

test("stages that a killed load left are listed and swept by age", async () => {
  await using scene = await openScene(gcs);
  const killed = scene.load(await scene.run(1, [aBook("a")]), {
    checkpoint: (name) => {
      if (name === "load.reconcile") throw new Error("killed");
    },
  });
  await expect(killed).rejects.toThrow("killed");
  await using loader = bigqueryLoader(scene.target.options());
  const later = new Date(Date.now() + 60_000);
  expect(await loader.sweep!(new Date(Date.now() - 60_000))).toEqual([]);
  const stages = await loader.sweep!(later, { dryRun: true });
  expect(stages.map((name) => name.replace(/_[0-9a-f]{12}$/, "")).toSorted()).toEqual([
    "_stage_r1_books",
    "_stage_r1_books__pages",
  ]);
  expect(await loader.sweep!(later)).toEqual(stages);
  expect(await loader.sweep!(later)).toEqual([]);
  await using nowhere = bigqueryLoader(scene.target.options({ project: `${PROJECT}-2` }));
  expect(await nowhere.sweep!(later)).toEqual([]);
});

test("a lock that lost its row is found out", async () => {
  await using scene = await openScene(gcs);
  await scene.load(await scene.run(1, [aBook("a")]));
  await scene.target.execute(`DELETE FROM ${scene.target.name("_lock")} WHERE TRUE`);
  const second = await scene.run(2, [aBook("b"), aBook("a")]);
  expect(await errorOf(scene.load(second))).toMatchObject({ code: "LOCK_ROW", exitCode: 10 });
  await scene.target.execute(`DROP TABLE ${scene.target.name("_lock")}`);
  expect((await scene.load(second)).outcome).toBe("loaded");
});

test("rows that something else writes during a load are found before the commit", async () => {
  await using scene = await openScene(gcs);
  await scene.load(await scene.run(1, [aBook("a"), aBook("b")]));
  // As many rows as the ledger says, but not those.
  await scene.target.execute(`DELETE FROM ${scene.target.name("books")} WHERE id = 'a'`);
  await scene.target.execute(
    `INSERT INTO ${scene.target.name("books")} SELECT * FROM ${scene.target.name("books")} WHERE id = 'b'`,
  );
  const error = await errorOf(scene.load(await scene.run(2, [aBook("a"), aBook("b"), aBook("c")])));
  expect(error).toMatchObject({ code: "ROWS_AFTER_LOAD", exitCode: 10 });
  expect(error.message).toMatch(/books would hold 4 live rows after the load instead of 3/);
  expect(error.hint).toContain("DROP TABLE IF EXISTS");
});
