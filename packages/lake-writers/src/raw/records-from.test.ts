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
