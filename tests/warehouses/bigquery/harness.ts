import type { BigQuery, Job } from "@google-cloud/bigquery";
import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOf } from "./client.ts";
import { type BigQueryOptions, type BigQueryServer, startBigQuery } from "./server.ts";

export interface Started extends AsyncDisposable {
  readonly server: BigQueryServer;
  readonly client: BigQuery;
}

/** A double with the dataset `raw` in EU, and a client of the project `proj`. */
export async function started(options: BigQueryOptions = {}): Promise<Started> {
  const server = await startBigQuery(options);
  const client = clientOf(server.endpoint, "proj", { location: "EU" });
  await client.createDataset("raw", { location: "EU" });
  return { server, client, [Symbol.asyncDispose]: () => server.close() };
}

/** The bytes of a Parquet file of a DuckDB query. */
export async function parquet(query: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "bigquery-test-"));
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const path = join(folder, "file.parquet");
    await (await instance.connect()).run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
    return await readFile(path);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Failure {
  readonly code: number;
  readonly reason: string | undefined;
  readonly message: string;
}

/** What a promise is rejected with, as the client gives it. */
export async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    const { code, errors, message } = error as Error & { code: number; errors?: { reason?: string }[] };
    return { code, reason: errors?.[0]?.reason, message };
  }
  throw new Error("It should have failed");
}

/** Waits for a job as a driver does; never throws for what the job failed with. */
export async function ended(job: Job): Promise<Ended> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const [metadata] = (await job.getMetadata()) as unknown as [Ended];
    if (metadata.status.state === "DONE") return metadata;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Job ${job.id} has not ended`);
}

export interface Ended {
  readonly status: {
    readonly state: string;
    readonly errorResult?: { readonly reason: string; readonly message: string; readonly location?: string };
  };
  readonly statistics: {
    readonly numChildJobs?: string;
    readonly load?: Readonly<Record<string, string>>;
    readonly query?: {
      readonly statementType?: string;
      readonly numDmlAffectedRows?: string;
      readonly dmlStats?: object;
    };
  };
}

/** Starts a query job with an id and waits for it. */
export async function script(client: BigQuery, query: string, options: object = {}): Promise<Ended> {
  const [job] = await client.createQueryJob({ query, ...options });
  return ended(job);
}

/** Tables of a small loader: a ledger with its lock row, `things`, and a stage of three rows. */
export async function shop(): Promise<Started> {
  const place = await started();
  const made = await script(
    place.client,
    `CREATE TABLE raw._loads (run_id STRING NOT NULL, lock STRING, loaded_at TIMESTAMP);
     CREATE TABLE \`proj\`.raw.things (id INT64 NOT NULL OPTIONS(description="its key"), name STRING, row_hash STRING, loaded_at TIMESTAMP, deleted_at TIMESTAMP)
       CLUSTER BY id OPTIONS(description='Things', labels=[('team', 'etl')]);
     CREATE OR REPLACE TABLE proj.raw.stage (id INT64, name STRING, row_hash STRING);
     INSERT INTO raw._loads (run_id) VALUES ('lock');
     INSERT raw.stage VALUES (1, 'one', 'a'), (2, "it's \\"two\\"", 'b'), (3, r'\\n', 'c');`,
  );
  if (made.status.errorResult !== undefined) throw new Error(made.status.errorResult.message);
  return place;
}
