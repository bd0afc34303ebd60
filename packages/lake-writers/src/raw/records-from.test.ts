import { expect, test } from "vitest";
import { temporaryLake, textOf } from "../../test/lake.ts";
import { manyOrders, orders } from "../../test/shop.ts";
import { extract, recordsFrom } from "../index.ts";

test("records of a program go into a lake as the text of JSON.stringify, read anew for each run", async () => {
  const store = await temporaryLake();
  const records = manyOrders(700);
  let reads = 0;
  const source = recordsFrom("a cursor", async function* () {
    reads++;
    yield* records;
  });
  for (const runId of ["r1", "r2"]) {
    const { collections } = await extract({
      store,
      runId,
      source: "shop",
      collections: [{ spec: orders, source }],
    });
    expect(collections[0]).toMatchObject({ records: 700, sourceState: { etag: null, totalRecords: null } });
    const [part] = collections[0]?.parts ?? [];
    expect(part?.runId).toBe("r1");
    expect(await textOf(store, part ?? { path: "none" })).toBe(
      records.map((record) => `${JSON.stringify(record)}\n`).join(""),
    );
  }
  expect(reads).toBe(2);
});

async function land(records: Parameters<typeof recordsFrom>[1]) {
  const store = await temporaryLake();
  const source = recordsFrom("the till", records);
  const job = { store, source: "shop", collections: [{ spec: orders, source }] };
  const run = (runId: string) => extract({ ...job, runId, reread: { baseDelayMs: 0 } });
  return { store, run };
}

test("bytes are kept as they are, beside values", async () => {
  const [first, second] = manyOrders(2);
  const exact = `{ "id":"order-x", "placed":"2020-01-01T00:00:00Z","total":1.0,"lines":[],"big":12345678901234567890 }`;
  const { store, run } = await land([first, Buffer.from(exact), second]);
  const { collections } = await run("r1");
  const [part] = collections[0]?.parts ?? [];
  expect((await textOf(store, part ?? { path: "none" })).split("\n")[1]).toBe(exact);
});

test("an array can be read for every run, a generator for one", async () => {
  const again = await land(manyOrders(3));
  await again.run("r1");
  expect((await again.run("r2")).collections[0]).toMatchObject({ records: 3, reused: "same-content" });

  const once = await land(manyOrders(3).values());
  await once.run("r1");
  await expect(once.run("r2")).rejects.toMatchObject({ kind: "source", retryable: false });
});

test("what fails half-way is read from its start again, if it can be", async () => {
  const records = manyOrders(600);
  let reads = 0;
  const { run } = await land(async function* () {
    reads++;
    yield* records.slice(0, 300);
    if (reads < 3) throw new Error("the till is jammed");
    yield* records.slice(300);
  });
  expect((await run("r1")).collections[0]).toMatchObject({ records: 600 });
  expect(reads).toBe(3);

  let thrown = 0;
  const jammed = await land(
    (function* () {
      yield* records.slice(0, 10);
      thrown++;
      throw new Error("the till is jammed");
    })(),
  );
  await expect(jammed.run("r1")).rejects.toMatchObject({
    kind: "source",
    message: expect.stringContaining("the till is jammed"),
  });
  expect(thrown).toBe(1);
});

test("what JSON cannot hold is an error that names the record", async () => {
  for (const bad of [undefined, 1n, () => 1]) {
    const { run } = await land([...manyOrders(2), bad === 1n ? { id: bad } : bad]);
    await expect(run("r1")).rejects.toMatchObject({
      kind: "data",
      message: expect.stringContaining("record 2 (from 0)"),
    });
  }
});
