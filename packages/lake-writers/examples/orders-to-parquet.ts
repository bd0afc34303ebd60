import { DuckDBInstance } from "@duckdb/node-api";
import { defineTables, newRunId } from "@spacex-etl/contracts";
import { extract, normalize, recordsFrom, tableFiles } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
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

const connection = await (await DuckDBInstance.create(":memory:")).connect();
const run = { store: fileStore({ root: "lake" }), runId: newRunId() };
await extract({ ...run, source: "shop", collections: [{ spec, source }] });
await normalize({ ...run, collections: [spec], connection });

const { rows, parts } = await tableFiles(run.store, "orders__lines", { source: "shop" });
console.log(`${rows} lines in ${parts.length} file`);
const files = parts.map(({ location }) => `'${location.replaceAll("'", "''")}'`);
const sums = await connection.runAndReadAll(
  `SELECT sku, sum(quantity) AS sold FROM read_parquet([${files.join(", ")}]) GROUP BY sku ORDER BY sku`,
);
console.table(sums.getRowObjectsJson());
