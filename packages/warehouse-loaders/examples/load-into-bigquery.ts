import { DuckDBInstance } from "@duckdb/node-api";
import { defineTables, newRunId } from "@spacex-etl/contracts";
import { extract, normalize, openLake, recordsFrom } from "@spacex-etl/lake-writers";
import { loadRun, requestOfRun } from "@spacex-etl/warehouse-loaders";
import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { z } from "zod";

const spec = defineTables({
  collection: "invoices",
  schema: z.object({
    id: z.string(),
    issued: z.iso.datetime(),
    customer: z.object({ name: z.string(), country: z.string().nullable() }),
    lines: z.array(z.object({ sku: z.string(), cents: z.int() })),
  }),
});
async function* invoices() {
  for (let number = 1; number <= 500; number++) {
    const customer = { name: `Customer ${number % 7}`, country: number % 3 === 0 ? null : "PT" };
    const lines = [{ sku: "tea", cents: 499 * number }];
    yield { id: `I-${number}`, issued: "2026-11-22T09:30:00Z", customer, lines };
  }
}

// Both use the Application Default Credentials; an endpoint is for emulators and private access.
await using store = await openLake(process.env["LAKE_URL"] ?? "gs://my-bucket/lake");
await using loader = bigqueryLoader({
  project: process.env["BIGQUERY_PROJECT"] ?? "my-project",
  dataset: "billing",
  location: "EU",
  endpoint: process.env["BIGQUERY_ENDPOINT"],
  labels: { team: "billing" },
  partitionBy: { invoices: "issued" },
});

const runId = newRunId();
const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
const source = recordsFrom("billing service", invoices);
await extract({ store, runId, source: "billing", collections: [{ spec, source }] });
const { tables } = await normalize({ store, runId, collections: [spec], connection: duckdb });
const request = requestOfRun(tables, store);

const plan = await loader.preflight(request);
for (const { phase, name } of plan.statements) console.log(`${phase}: ${name}`);
for (const attempt of ["first", "again"]) {
  const { outcome, jobs, tables: loaded } = await loadRun(loader, request);
  const rows = loaded.map(({ table, counts }) => `${table} ${counts.rows}`).join(", ");
  console.log(`${attempt}: ${outcome} by ${jobs} load jobs (${rows})`);
}
