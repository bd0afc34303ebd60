import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { type CliOptions, cli, type CliResult } from "../../../harness/cli.ts";
import { openSite, type Site, type SiteOptions } from "../../../harness/site.ts";
import { TEST_CREDENTIALS, TEST_REGION } from "../../../servers/index.ts";
import { type Bucket, openBucket } from "../../../lakes/harness/bucket.ts";
import { clientOf, startBigQuery } from "../../bigquery/index.ts";
import { startRedshift } from "../../redshift/index.ts";

export const ENGINES = ["bigquery", "redshift"] as const;
export type Engine = (typeof ENGINES)[number];

/** What reached the warehouse. */
export interface Seen {
  /** Load jobs, as the JSON of their configuration, or COPY statements. */
  readonly jobs: readonly string[];
  /** Statements that make or alter tables that stay, or a schema. */
  readonly schema: readonly string[];
  /** All texts that wrote anything but stages, in order: a script of BigQuery is one text. */
  readonly written: readonly string[];
  /** Of each transaction what was sent between BEGIN and COMMIT; of BigQuery, the one text of its script. */
  readonly transactions: readonly (readonly string[])[];
}

export const NOTHING_SEEN: Seen = { jobs: [], schema: [], written: [], transactions: [] };

/** A site whose lake is a bucket and whose warehouse is a service, both on 127.0.0.1. */
export interface CloudSite extends AsyncDisposable {
  readonly engine: Engine;
  readonly site: Site;
  readonly bucket: Bucket;
  /** Addresses as a person gives them; the warehouse's has the schema or dataset `raw`. */
  readonly lake: string;
  readonly warehouse: string;
  /** The same with another schema or dataset. */
  warehouseOf(schema: string): string;
  /** Since the last `forget`. */
  seen(): Seen;
  /** Whether a load job or a COPY was begun since then. */
  isLoading(): boolean;
  forget(): void;
  /** Rows of a raw table with the columns as texts. */
  rows(
    table: string,
    columns: readonly string[],
    schema?: string,
  ): Promise<readonly Record<string, string | null>[]>;
  /** Names of the tables in a schema or dataset. */
  tables(schema?: string): Promise<readonly string[]>;
  /** Nothing that is loaded is finished until the returned function is called; the raw tables must be there. */
  hold(): Promise<() => Promise<void>>;
  /** A command in a process of its own and in a folder where nothing is. */
  elsewhere(words: string, options?: Pick<CliOptions, "kill" | "env">): Promise<CliResult>;
}

const PREFIX = "a/lake";
export const ROLE = "arn:aws:iam::000000000000:role/load";
export const PROJECT = "spacex-test";

export async function openCloudSite(
  engine: Engine,
  options: Omit<SiteOptions, "env" | "processes"> = {},
): Promise<CloudSite> {
  const bucket = await openBucket(engine === "bigquery" ? "fake-gcs-server" : "versitygw");
  const place = engine === "bigquery" ? await bigqueryPlace(bucket) : await redshiftPlace(bucket);
  const lake = bucket.directUrl(PREFIX);
  const env = { LAKE_URL: lake, WAREHOUSE_URL: place.warehouseOf("raw"), ...place.env };
  const site = await openSite({ ...options, env });
  let folders = 0;
  return {
    ...place,
    engine,
    site,
    bucket,
    lake,
    warehouse: place.warehouseOf("raw"),
    elsewhere(words, { kill, env: more } = {}) {
      const cwd = join(site.cwd, `elsewhere-${folders++}`);
      mkdirSync(cwd);
      return cli(words.split(" "), {
        cwd,
        env: {
          ...env,
          SPACEX_API_URL: site.simulator.url,
          SPACEX_ETL_SOURCE: "simulated",
          SPACEX_ETL_COLLECTIONS: options.collections ?? "company,crew,landpads",
          SPACEX_ETL_NO_TRANSFORM: "1",
          ...more,
        },
        ...(kill === undefined ? {} : { kill }),
      });
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await place.close();
      await bucket[Symbol.asyncDispose]();
    },
  };
}

type Place = Pick<CloudSite, "warehouseOf" | "seen" | "isLoading" | "forget" | "rows" | "tables" | "hold"> & {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

const WRITES = /^\s*(DECLARE|BEGIN|CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|GRANT)\b/i;
const SCHEMA = /^\s*(CREATE\s+(TABLE|SCHEMA|OR\s+REPLACE\s+TABLE)|ALTER\s+(TABLE|SCHEMA))\b/i;

async function bigqueryPlace(bucket: Bucket): Promise<Place> {
  const server = await startBigQuery({ gcsEndpoint: bucket.server.endpoint });
  const client = clientOf(server.endpoint, PROJECT, { location: "EU" });
  let forgotten = 0;
  const textOf = (configuration: Readonly<Record<string, unknown>>): string =>
    (configuration["query"] as { readonly query?: string } | undefined)?.query ?? "";
  return {
    warehouseOf: (schema) => `bigquery://${PROJECT}/${schema}?location=EU&endpoint=${server.endpoint}`,
    env: {},
    isLoading: () =>
      server
        .jobs()
        .slice(forgotten)
        .some(({ kind }) => kind === "load"),
    forget: () => void (forgotten = server.jobs().length),
    seen() {
      const jobs = server.jobs().slice(forgotten);
      const parents = new Set(jobs.map(({ parentJobId }) => parentJobId));
      const leaves = jobs.filter(({ jobId }) => !parents.has(jobId));
      const written = jobs
        .filter(({ kind, parentJobId }) => kind === "query" && parentJobId === null)
        .map(({ configuration }) => textOf(configuration))
        .filter((text) => WRITES.test(text));
      return {
        jobs: jobs
          .filter(({ kind }) => kind === "load")
          .map(({ configuration }) => JSON.stringify({ load: configuration["load"] })),
        schema: leaves.map(({ configuration }) => textOf(configuration)).filter((text) => SCHEMA.test(text)),
        written,
        transactions: written.filter((text) => text.includes("BEGIN TRANSACTION")).map((text) => [text]),
      };
    },
    async rows(table, columns, schema = "raw") {
      const list = columns.map((column) => `CAST(${column} AS STRING) AS ${column}`).join(", ");
      const [rows] = await client.query(`SELECT ${list} FROM \`${PROJECT}.${schema}.${table}\``);
      return rows as Record<string, string | null>[];
    },
    async tables(schema = "raw") {
      const [found] = await client.dataset(schema).getTables();
      return found.map(({ id }) => id ?? "");
    },
    async hold() {
      server.inject({ fault: { kind: "job-hangs" }, body: /"load"/, times: 100 });
      return async () => server.clearFaults();
    },
    close: () => server.close(),
  };
}

async function redshiftPlace(bucket: Bucket): Promise<Place> {
  const { endpoint } = bucket.server;
  const server = await startRedshift({
    s3: { endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS },
    roles: [ROLE],
  });
  const { host, port, user, password, database } = server.connection;
  async function query(sql: string): Promise<readonly Record<string, string | null>[]> {
    const client = new Client(server.connection);
    await client.connect();
    try {
      return (await client.query<Record<string, string | null>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
  return {
    warehouseOf: (schema) =>
      `redshift://${user}@${host}:${port}/${database}?schema=${schema}&iamRole=${ROLE}&sslmode=disable`,
    env: { REDSHIFT_PASSWORD: password },
    isLoading: () => server.statements().some(({ kind }) => kind === "copy"),
    forget: server.forget,
    seen() {
      const texts = server
        .statements()
        .filter(({ outcome }) => outcome === "done")
        .map(({ sql }) => sql);
      return {
        jobs: texts.filter((text) => /^\s*COPY\b/i.test(text)),
        schema: texts.filter((text) => SCHEMA.test(text)),
        written: texts.filter((text) => WRITES.test(text)),
        transactions: transactionsOf(texts),
      };
    },
    rows: (table, columns, schema = "raw") =>
      query(
        `SELECT ${columns.map((column) => `${column}::varchar AS ${column}`).join(", ")} FROM ${schema}.${table}`,
      ),
    async tables(schema = "raw") {
      const found = await query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`);
      return found.map(({ tablename }) => tablename ?? "");
    },
    async hold() {
      const client = new Client(server.connection);
      await client.connect();
      await client.query("BEGIN");
      await client.query("LOCK TABLE raw._lock");
      return () => client.end();
    },
    close: () => server.close(),
  };
}

function transactionsOf(texts: readonly string[]): string[][] {
  const found: string[][] = [];
  let open: string[] | undefined;
  for (const text of texts) {
    if (/^\s*BEGIN\b/i.test(text)) open = [];
    else if (/^\s*COMMIT\b/i.test(text) && open !== undefined) {
      found.push(open);
      open = undefined;
    } else open?.push(text);
  }
  return found;
}
