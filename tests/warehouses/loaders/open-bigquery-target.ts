import type { BigQuery } from "@google-cloud/bigquery";
import type { Bucket } from "@google-cloud/storage";
import { bigqueryLoader, type BigQueryLoaderOptions } from "@spacex-etl/warehouse-loaders/bigquery";
import type { LoaderTarget, RawRow } from "@spacex-etl/warehouse-loaders/testing";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Where a dataset is, which the first load makes, and a bucket that it is loaded from: of a double or of the service. */
export interface BigQueryPlace {
  readonly client: BigQuery;
  readonly bucket: Bucket;
  readonly options: BigQueryLoaderOptions & { readonly location: string };
}

/** A target, and what the tests of this driver ask beyond the contract. */
export interface BigQueryTarget extends LoaderTarget {
  options(change?: Partial<BigQueryLoaderOptions>): BigQueryLoaderOptions;
}

export function bigqueryTarget({ client, bucket, options: given }: BigQueryPlace): BigQueryTarget {
  const { project, dataset, location } = given;
  const options = (change: Partial<BigQueryLoaderOptions> = {}) => ({ ...given, ...change });
  const name = (table: string) => `\`${project}.${dataset}.${table}\``;
  return {
    options,
    name,
    types: { int64: "INT64", string: "STRING" },
    loader: (change) => bigqueryLoader(options({ now: change?.now })),
    read: async (table) => (await rawRows(client, location, `SELECT * FROM ${name(table)}`)) ?? [],
    execute: async (sql) => {
      const [job] = await client.createQueryJob({ query: sql, location });
      await job.getQueryResults();
    },
    publish: async (path, key) => {
      await bucket.file(key).save(await readFile(path), { resumable: false });
      return `gs://${bucket.name}/${key}`;
    },
    process: {
      script: fileURLToPath(new URL("bigquery-load-process.ts", import.meta.url)),
      argument: options(),
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

interface Answer {
  readonly schema?: { readonly fields: readonly { readonly name: string; readonly type: string }[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
}

/** Rows by the plain REST API, so that the loader's own reading is not what checks it; undefined for a missing table. */
async function rawRows(client: BigQuery, location: string, query: string): Promise<RawRow[] | undefined> {
  const json = {
    query,
    useLegacySql: false,
    location,
    timeoutMs: 60_000,
    maxResults: 100_000,
    formatOptions: { useInt64Timestamp: true },
  };
  const answer = await new Promise<Answer | undefined>((resolve, reject) => {
    client.request({ method: "POST", uri: "/queries", json }, (error, body: Answer) => {
      if (error === null) resolve(body);
      else if ("code" in error && Number(error.code) === 404) resolve(undefined);
      else reject(error);
    });
  });
  if (answer === undefined) return undefined;
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
