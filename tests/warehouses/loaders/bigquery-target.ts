import { Storage } from "@google-cloud/storage";
import { bigqueryLoader, type BigQueryLoaderOptions } from "@spacex-etl/warehouse-loaders/bigquery";
import type { LoaderTarget, RawRow } from "@spacex-etl/warehouse-loaders/testing";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TestServer } from "../../servers/index.ts";
import { type BigQueryServer, clientOf, startBigQuery } from "../bigquery/index.ts";

export const PROJECT = "shop-project";
export const DATASET = "raw";
export const LOCATION = "EU";
const BUCKET = "lake";

/** A BigQuery of its own over the objects of a GCS server, with what a protocol test needs to look into it. */
export interface BigQueryTarget extends LoaderTarget {
  readonly server: BigQueryServer;
  options(change?: Partial<BigQueryLoaderOptions>): BigQueryLoaderOptions;
}

/** An empty double; the dataset is made by the first load. */
export async function openBigQueryTarget(gcs: Pick<TestServer, "endpoint">): Promise<BigQueryTarget> {
  const server = await startBigQuery({ gcsEndpoint: gcs.endpoint });
  const client = clientOf(server.endpoint, PROJECT, { location: LOCATION });
  const bucket = new Storage({ apiEndpoint: gcs.endpoint, projectId: "test" }).bucket(BUCKET);
  const options = (change: Partial<BigQueryLoaderOptions> = {}): BigQueryLoaderOptions => ({
    project: PROJECT,
    dataset: DATASET,
    location: LOCATION,
    endpoint: server.endpoint,
    ...change,
  });
  return {
    server,
    options,
    loader: (given) => bigqueryLoader(options({ now: given?.now })),
    read: async (table) => {
      const rows = await rawRows(server.endpoint, `SELECT * FROM \`${PROJECT}.${DATASET}.${table}\``);
      return rows ?? [];
    },
    execute: async (sql) => {
      const [job] = await client.createQueryJob({ query: sql });
      await job.getQueryResults();
      // Tests write more often into a table than the service lets.
      server.advance(10_000);
    },
    name: (table) => `\`${PROJECT}.${DATASET}.${table}\``,
    types: { int64: "INT64", string: "STRING" },
    publish: async (path, name) => {
      await bucket.file(name).save(await readFile(path), { resumable: false });
      return `gs://${BUCKET}/${name}`;
    },
    process: {
      script: fileURLToPath(new URL("bigquery-load-process.ts", import.meta.url)),
      argument: options(),
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Makes the bucket that targets read from. */
export async function makeBucket(gcs: TestServer): Promise<void> {
  await gcs.makeBucket(BUCKET);
}

interface Answer {
  readonly schema?: { readonly fields: readonly { readonly name: string; readonly type: string }[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
  readonly error?: { readonly message: string };
}

/** Rows by the plain REST API, so that the loader's own reading is not what checks it; undefined for a missing table. */
async function rawRows(endpoint: string, query: string): Promise<RawRow[] | undefined> {
  const response = await fetch(`${endpoint}/bigquery/v2/projects/${PROJECT}/queries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query,
      useLegacySql: false,
      location: LOCATION,
      timeoutMs: 60_000,
      formatOptions: { useInt64Timestamp: true },
    }),
  });
  const answer = (await response.json()) as Answer;
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return (answer.rows ?? []).map((row) =>
    Object.fromEntries(
      (answer.schema?.fields ?? []).map(({ name, type }, index) => [name, valueOf(type, row.f[index]!.v)]),
    ),
  );
}

function valueOf(type: string, value: string | null): unknown {
  if (value === null) return null;
  if (type === "FLOAT") return Number(value);
  if (type === "BOOLEAN") return value === "true";
  if (type !== "TIMESTAMP") return value;
  const micros = BigInt(value);
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(rest).padStart(6, "0")}Z`;
}
