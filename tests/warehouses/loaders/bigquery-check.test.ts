import { bigqueryLoader, type BigQueryLoaderOptions } from "@spacex-etl/warehouse-loaders/bigquery";
import { expect, test } from "vitest";
import { aBook, errorOf, openScene, type Scene } from "./bigquery-scene.ts";
import { sharedGcs } from "./bigquery-target.ts";

const gcs = sharedGcs();

async function checked(scene: Scene, options?: Partial<BigQueryLoaderOptions>): Promise<void> {
  await using loader = bigqueryLoader(scene.target.options(options));
  await loader.check();
}

const MAKE = /CREATE TABLE IF NOT EXISTS/;
const WRITE = /UPDATE .*_lock/;

test("check has writing and making tables checked, and does neither", async () => {
  await using scene = await openScene(gcs);
  const { server } = scene.target;
  await checked(scene);
  await scene.target.execute("CREATE SCHEMA raw OPTIONS (location = 'EU')");
  const jobs = server.jobs().length;
  await checked(scene);
  const made = server.jobs().slice(jobs);
  expect(made.map(({ configuration }) => JSON.stringify(configuration))).not.toContainEqual(
    expect.stringMatching(MAKE),
  );
  await expect(scene.target.read("_lock")).resolves.toEqual([]);

  const denied = (permission: string) => ({
    kind: "error" as const,
    reason: "accessDenied",
    message: `Access Denied: Table p:raw._lock: Permission ${permission} denied on table p:raw._lock.`,
  });
  server.inject({ body: MAKE, fault: denied("bigquery.tables.create") });
  expect(await errorOf(checked(scene))).toMatchObject({
    code: "WAREHOUSE_FORBIDDEN",
    exitCode: 3,
    hint: expect.stringMatching(/bigquery\.tables\.create on shop-project\.raw.*dataEditor/),
  });
  await scene.load(await scene.run(1, [aBook("a")]));
  await checked(scene);
  server.inject({ body: WRITE, fault: denied("bigquery.tables.updateData") });
  expect(await errorOf(checked(scene))).toMatchObject({
    code: "WAREHOUSE_FORBIDDEN",
    hint: expect.stringContaining("bigquery.tables.updateData"),
  });
});

test("a dataset whose tables or partitions would vanish is refused", async () => {
  await using scene = await openScene(gcs);
  const request = await scene.run(1, [aBook("a")]);
  await scene.load(request);
  const set = async (defaults: object) => {
    const url = `${scene.target.server.endpoint}/bigquery/v2/projects/shop-project/datasets/raw`;
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "PATCH", headers, body: JSON.stringify(defaults) });
    expect(response.status).toBe(200);
  };
  const partitionBy = { books: "_loaded_at" };
  await set({ defaultPartitionExpirationMs: "864000000" });
  await checked(scene);
  expect(await errorOf(checked(scene, { partitionBy }))).toMatchObject({
    code: "WAREHOUSE_EXPIRES",
    exitCode: 2,
    message: expect.stringContaining("10 days"),
    hint: expect.stringContaining("default_partition_expiration_days = NULL"),
  });
  await set({ defaultPartitionExpirationMs: null, defaultTableExpirationMs: "5184000000" });
  for (const work of [checked(scene), scene.load({ ...request, runId: "r2" })]) {
    expect(await errorOf(work)).toMatchObject({
      code: "WAREHOUSE_EXPIRES",
      exitCode: 2,
      hint: expect.stringMatching(
        /ALTER SCHEMA `shop-project\.raw` SET OPTIONS \(default_table_expiration_days = NULL\)/,
      ),
    });
  }
  await set({ defaultTableExpirationMs: null });
  await checked(scene, { partitionBy });
});
