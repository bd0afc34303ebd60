import { expect, test } from "vitest";
import { allKeys, editDocument, overwrite, temporaryLake } from "../../test/lake.ts";
import { extractShop, opensOf, shopSources } from "../../test/run.ts";
import { type ObjectStore, verify } from "../index.ts";

async function lakeWithRun(): Promise<{ store: ObjectStore; sources: ReturnType<typeof shopSources> }> {
  const store = await temporaryLake();
  const sources = shopSources();
  await extractShop(store, "r1", sources);
  return { store, sources };
}

test.each([
  ["missing", (store: ObjectStore) => store.delete("runs/r1/extract/orders.json")],
  [
    "edited",
    (store: ObjectStore) =>
      editDocument<{ records: number }>(
        store,
        "runs/r1/extract/orders.json",
        (manifest) => void manifest.records++,
      ),
  ],
  ["no JSON", (store: ObjectStore) => overwrite(store, "runs/r1/extract/orders.json", () => "{")],
])("an earlier manifest that is %s is a warning, and its collection is read afresh", async (_, damage) => {
  const { store, sources } = await lakeWithRun();
  await damage(store);
  const result = await extractShop(store, "r2", sources);
  expect(result.events).toContainEqual({
    type: "warning",
    code: "PREVIOUS_UNREADABLE",
    message: expect.stringMatching(/^orders is read afresh: runs\/r1\/extract\/orders\.json/),
  });
  expect(sources.orders.asked).toMatchObject({ opens: 2, notModified: 0 });
  expect(sources.customers.asked).toMatchObject({ opens: 2, notModified: 1 });
  expect((await verify({ store, runId: "r2" })).findings).toEqual([]);
});

test("a collection that was not asked for is no cause for a warning", async () => {
  const { store, sources } = await lakeWithRun();
  await store.delete("runs/r1/extract/orders.json");
  const result = await extractShop(store, "r2", { customers: sources.customers });
  expect(result.events.filter(({ type }) => type === "warning")).toEqual([]);
});

test("an earlier run's part that is gone is written again, by 304 as well as by content", async () => {
  for (const etags of [true, false]) {
    const store = await temporaryLake();
    const sources = shopSources({ etags });
    await extractShop(store, "r1", sources);
    const [first] = await allKeys(store, "raw/shop/orders/");
    await store.delete(first ?? "none");
    const result = await extractShop(store, "r2", sources);
    const parts = result.collections.find(({ collection }) => collection === "orders")?.parts ?? [];
    expect(parts.map(({ runId }) => runId)).toEqual(["r2", ...parts.slice(1).map(() => "r1")]);
    expect(sources.orders.asked).toMatchObject({ opens: 2, notModified: 0 });
    expect((await verify({ store, runId: "r2" })).findings).toEqual([]);
  }
});

test.each(["heads/0000000001.json", "runs/r1/extract.json", "runs/r1/extract/orders.json"])(
  "%s of a newer version stops a new run with exit code 6",
  async (key) => {
    const { store, sources } = await lakeWithRun();
    await editDocument<{ version: number }>(store, key, (document) => void (document.version = 2));
    await expect(extractShop(store, "r2", sources)).rejects.toMatchObject({
      kind: "schema",
      code: "MANIFEST_NEWER",
      exitCode: 6,
      message: expect.stringContaining(key),
      hint: expect.stringContaining("upgrade"),
    });
    expect(opensOf(sources)).toEqual({ orders: 1, customers: 1, coupons: 1 });
  },
);

test("a damaged head stops the run: publishing over it would lose what it held", async () => {
  const { store, sources } = await lakeWithRun();
  await overwrite(store, "heads/0000000001.json", () => "");
  await expect(extractShop(store, "r2", sources)).rejects.toMatchObject({
    kind: "integrity",
    code: "MANIFEST_DAMAGED",
    exitCode: 10,
    message: expect.stringContaining("heads/0000000001.json"),
  });
});

test("a part of this run that was damaged after a crash is found, not built upon", async () => {
  const { store, sources } = await lakeWithRun();
  const [part] = await allKeys(store, "raw/shop/orders/");
  for (const key of [...(await allKeys(store, "runs/")), ...(await allKeys(store, "heads/"))])
    await store.delete(key);
  await overwrite(store, part ?? "none", (before) => before.subarray(0, before.length / 2));
  await expect(extractShop(store, "r1", sources)).rejects.toMatchObject({
    kind: "integrity",
    code: "PART_CHECKSUM",
    message: expect.stringContaining(part ?? "none"),
  });
});

test("an answer of not-modified to a request without a condition is an error of the source", async () => {
  const store = await temporaryLake();
  const sources = shopSources();
  sources.orders.open = async () => ({ status: "not-modified" });
  await expect(extractShop(store, "r1", sources)).rejects.toMatchObject({
    kind: "source",
    code: "UNEXPECTED_NOT_MODIFIED",
    retryable: false,
  });
});
