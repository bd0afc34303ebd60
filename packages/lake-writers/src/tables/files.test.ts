import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryLake, withoutLocalPath } from "../../test/lake.ts";
import { clock, extractShop, shopSources } from "../../test/run.ts";
import { lakeOfTwoRuns } from "../../test/two-runs.ts";
import { findNewestRun, readTables, runState, tableFiles } from "../index.ts";

test("the files of a table are those of one committed run, wherever they were written", async () => {
  const store = await lakeOfTwoRuns();
  const orders = await tableFiles(store, "orders", { source: "shop" });
  expect(orders).toMatchObject({ table: "orders", runId: "r2", rows: 60, parts: [{ runId: "r2" }] });
  const customers = await tableFiles(store, "customers", { source: "shop" });
  expect(customers).toMatchObject({ runId: "r2", rows: 10, parts: [{ runId: "r1" }] });
  expect(customers.parts.every(({ location }) => existsSync(location))).toBe(true);
  const remote = await tableFiles(withoutLocalPath(store), "customers", { source: "shop" });
  expect(remote.parts[0]?.location).toBe(`${store.url}/${customers.parts[0]?.path}`);
  expect((await tableFiles(store, "orders", { source: "shop", runId: "r1" })).parts[0]?.runId).toBe("r1");
});

test("an unknown table, source or run is a usage error with what there is", async () => {
  const store = await lakeOfTwoRuns();
  const error = { kind: "usage", code: "TABLE_UNKNOWN" };
  await expect(tableFiles(store, "order", { source: "shop" })).rejects.toMatchObject({
    ...error,
    hint: "Tables: customers, orders, orders__lines, orders__lines__marks.",
  });
  await expect(tableFiles(store, "orders", { source: "other" })).rejects.toMatchObject({
    ...error,
    hint: expect.stringContaining("no tables yet"),
  });
  await expect(readTables(store, "r9")).rejects.toMatchObject({ code: "RUN_NOT_NORMALIZED", exitCode: 2 });
});

test("the newest run of a source and how far a run came are known", async () => {
  const store = await lakeOfTwoRuns();
  expect(await findNewestRun(store, "tables", "shop")).toBe("r2");
  expect(await findNewestRun(store, "tables", "other")).toBeUndefined();
  expect(await findNewestRun(await temporaryLake(), "extracts", "shop")).toBeUndefined();
  await extractShop(
    store,
    "r3",
    { customers: shopSources().customers },
    { now: clock(Date.UTC(2030, 0, 1)) },
  );
  expect(await findNewestRun(store, "extracts", "shop")).toBe("r3");
  expect(await Promise.all(["r1", "r3", "r9"].map((runId) => runState(store, runId)))).toEqual([
    "normalized",
    "extracted",
    "none",
  ]);
});
