import { DuckDBInstance } from "@duckdb/node-api";
import { defineTables } from "@spacex-etl/contracts";
import { extract, normalize, recordsFrom } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import { loadRun, requestOfRun } from "@spacex-etl/warehouse-loaders";
import { duckdbLoader } from "@spacex-etl/warehouse-loaders/duckdb";
import { z } from "zod";

const spec = defineTables({
  collection: "orders",
  schema: z.object({ id: z.string(), lines: z.array(z.object({ sku: z.string(), quantity: z.int() })) }),
});
const source = recordsFrom("orders of the shop", [
  {
    id: "A-1",
    lines: [
      { sku: "tea", quantity: 2 },
      { sku: "pot", quantity: 1 },
    ],
  },
  { id: "A-2", lines: [{ sku: "tea", quantity: 5 }] },
]);

const store = fileStore({ root: "lake" });
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const loader = duckdbLoader({ path: "shop.duckdb", connection });

for (const runId of ["monday", "tuesday", "tuesday"]) {
  await extract({ store, runId, source: "shop", collections: [{ spec, source }] });
  const { tables } = await normalize({ store, runId, collections: [spec], connection });
  const report = await loadRun(loader, requestOfRun(tables, store));
  const inserted = report.tables.map(({ table, counts }) => `${table} +${counts.inserted}`);
  console.log(`${runId}: ${report.outcome} (${inserted.join(", ")})`);
}
await loader.close();

const warehouse = await (await DuckDBInstance.create("shop.duckdb")).connect();
const sums = await warehouse.runAndReadAll(
  "SELECT sku, sum(quantity) AS sold FROM raw.orders__lines GROUP BY sku ORDER BY sku",
);
console.table(sums.getRowObjectsJson());
