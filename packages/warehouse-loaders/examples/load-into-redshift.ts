import { DuckDBInstance } from "@duckdb/node-api";
import { defineTables, newRunId } from "@spacex-etl/contracts";
import { extract, normalize, openLake, recordsFrom } from "@spacex-etl/lake-writers";
import { loadRun, requestOfRun } from "@spacex-etl/warehouse-loaders";
import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { z } from "zod";

const spec = defineTables({
  collection: "tickets",
  schema: z.object({
    id: z.int(),
    opened: z.iso.datetime(),
    subject: z.string(),
    hours: z.number().nullable(),
    tags: z.array(z.string()),
  }),
});
async function* tickets() {
  for (let id = 1; id <= 500; id++) {
    const tags = id % 5 === 0 ? ["urgent", "paid"] : [];
    yield { id, opened: "2026-11-22T09:30:00Z", subject: `Ticket ${id}: it's late`, hours: id / 4, tags };
  }
}

// The lake's bucket is read by the cluster itself, with the role; this program needs its own right to write there.
await using store = await openLake(process.env["LAKE_URL"] ?? "s3://my-bucket/lake");
const ssl = process.env["REDSHIFT_SSL"] === "disable" ? "disable" : "verify-full";
await using loader = redshiftLoader({
  host: process.env["REDSHIFT_HOST"] ?? "my-cluster.abc123.eu-west-1.redshift.amazonaws.com",
  port: Number(process.env["REDSHIFT_PORT"] ?? 5439),
  database: process.env["REDSHIFT_DATABASE"] ?? "dev",
  user: process.env["REDSHIFT_USER"] ?? "loader",
  // Or `credentials`, a function that returns temporary ones.
  password: process.env["REDSHIFT_PASSWORD"] ?? "",
  ssl,
  schema: "support",
  iamRole: process.env["REDSHIFT_IAM_ROLE"] ?? "default",
  manifests: store,
  varcharBytes: { "tickets.subject": 500 },
});

const runId = newRunId();
const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
const source = recordsFrom("help desk", tickets);
await extract({ store, runId, source: "help-desk", collections: [{ spec, source }] });
const { tables } = await normalize({ store, runId, collections: [spec], connection: duckdb });
const request = requestOfRun(tables, store);

const plan = await loader.preflight(request);
for (const { phase, name } of plan.statements) console.log(`${phase}: ${name}`);
for (const attempt of ["first", "again"]) {
  const { outcome, jobs, tables: loaded } = await loadRun(loader, request);
  const rows = loaded.map(({ table, counts }) => `${table} ${counts.rows}`).join(", ");
  console.log(`${attempt}: ${outcome} by ${jobs} COPYs (${rows})`);
}
