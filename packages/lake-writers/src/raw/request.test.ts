import { expect, test } from "vitest";
import { allKeys, temporaryLake } from "../../test/lake.ts";
import { extractShop, jobsOf, shopSources } from "../../test/run.ts";
import { order, orders } from "../../test/shop.ts";
import { testSource } from "../../test/source.ts";
import { completeCollections, extract } from "../index.ts";

test("the same run id with another request is refused, with the difference", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  await extractShop(store, "r1", { orders: sources.orders, customers: sources.customers });
  const error = { kind: "usage", code: "RUN_ID_REUSED", exitCode: 2 };
  await expect(extractShop(store, "r1", { orders: sources.orders })).rejects.toMatchObject({
    ...error,
    message: expect.stringContaining("its collections are customers, orders; now they are orders"),
  });
  const { coupons: _, ...other } = sources;
  await expect(extractShop(store, "r1", other, { source: "another" })).rejects.toMatchObject({
    ...error,
    message: expect.stringContaining("its source is shop, not another"),
  });
  expect(
    await extractShop(store, "r1", other, { compression: "gzip", maxInvalid: 9, strict: true }),
  ).toMatchObject({
    outcome: "adopted",
  });
});

test("what cannot be asked for is refused before anything is written", async () => {
  const store = await temporaryLake();
  const [job] = jobsOf({ orders: testSource([order(1)]) });
  const options = { store, runId: "r1", source: "shop" };
  await expect(extract({ ...options, collections: [] })).rejects.toMatchObject({ code: "NO_COLLECTIONS" });
  const twice = extract({ ...options, collections: [job, job].filter((one) => one !== undefined) });
  await expect(twice).rejects.toMatchObject({ code: "COLLECTION_REPEATED" });
  await expect(extract({ ...options, runId: "Bad Id", collections: [] })).rejects.toMatchObject({
    kind: "usage",
  });
  await expect(extract({ ...options, source: "../up", collections: [] })).rejects.toMatchObject({
    code: "SOURCE_NAME",
  });
  expect(await allKeys(store)).toEqual([]);
});

test("a schema that changes within a run is refused; a new run reads everything again", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  await extractShop(store, "r1", { orders: sources.orders });
  const spec = { ...orders, fingerprint: "0".repeat(64) };
  const collections = [{ spec, source: sources.orders }];
  await expect(extractShop(store, "r1", {}, { collections })).rejects.toMatchObject({
    kind: "schema",
    code: "SCHEMA_CHANGED",
    exitCode: 6,
    message: expect.stringContaining("the schema of orders has changed"),
  });
  const result = await extractShop(store, "r2", {}, { collections });
  expect(sources.orders.asked).toMatchObject({ opens: 2, notModified: 0 });
  expect(result.collections[0]).toMatchObject({
    reused: "same-content",
    schemaFingerprint: spec.fingerprint,
  });
  expect((await completeCollections(store, "r2")).map(({ collection }) => collection)).toEqual(["orders"]);
});
