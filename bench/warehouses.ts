/**
 * What the protocols of BigQuery and Redshift cost: requests, jobs and statements of one load, counted by the stand-ins of
 * `tests/warehouses`. No times: only a real service has those. The data are the snapshot, all collections.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/warehouses.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLake, readTables } from "@spacex-etl/lake-writers";
import { embeddedSnapshot, startSimulator } from "@spacex-etl/spacex-simulator";
import { type Loader, loadRun, plannedTables, requestOfRun } from "@spacex-etl/warehouse-loaders";
import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { editSnapshot, readSnapshot } from "../tests/harness/snapshot.ts";
import {
  installServers,
  startFakeGcs,
  startVersitygw,
  TEST_CREDENTIALS,
  TEST_REGION,
  type TestServer,
} from "../tests/servers/index.ts";
import { startBigQuery } from "../tests/warehouses/bigquery/index.ts";
import { startRedshift } from "../tests/warehouses/redshift/index.ts";
import { measureNode } from "./harness/index.ts";

/** One load and what the service was asked for it. */
export interface ProtocolCost {
  readonly load: string;
  /** Tables of the run, and those of them that the load stages. */
  readonly tables: number;
  readonly staged: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Service extends AsyncDisposable {
  readonly server: TestServer;
  loader(): Promise<Loader>;
  /** Starts counting. */
  forget(): void;
  counts(): Record<string, number>;
}

const ROLE = "arn:aws:iam::000000000000:role/load";
const cli = fileURLToPath(new URL("../packages/runner-local/src/cli.ts", import.meta.url));

/** The loads of both services, in order. */
export async function warehouses(): Promise<Readonly<Record<string, readonly ProtocolCost[]>>> {
  await installServers(console.log);
  const results: Record<string, readonly ProtocolCost[]> = {};
  for (const [name, open] of [
    ["BigQuery", openBigQuery],
    ["Redshift", openRedshift],
  ] as const) {
    await using service = await open();
    results[name] = await costs(service);
    print(name, results[name]);
  }
  return results;
}

async function costs(service: Service): Promise<readonly ProtocolCost[]> {
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-warehouses-"));
  await service.server.makeBucket("bench");
  const url = service.server.lakeUrl("bench", "lake");
  const data = await embeddedSnapshot();
  await using simulator = await startSimulator({ data });
  await using store = await openLake(url);
  const found: ProtocolCost[] = [];
  const load = async (name: string, runId: string): Promise<void> => {
    const request = requestOfRun(await readTables(store, runId), store);
    await using loader = await service.loader();
    const plan = await loader.preflight(request);
    service.forget();
    await loadRun(loader, request);
    const staged = plan.statements.filter(({ purpose, phase }) => purpose === "stage" && phase === "stage");
    found.push({
      load: name,
      tables: plannedTables(plan).length,
      staged: staged.length,
      counts: service.counts(),
    });
  };
  const make = async (runId: string): Promise<void> => {
    for (const step of ["extract", "normalize"]) {
      const where = ["--api", simulator.url, "--source", "simulated", "--lake", url, "--run-id", runId];
      await measureNode(["--conditions=@spacex-etl/source", cli, step, ...where], {
        cwd: folder,
        env: service.server.env,
      });
    }
  };
  try {
    await make("r1");
    await load("first load", "r1");
    const { replaced } = editSnapshot(readSnapshot(data));
    for (const [name, records] of Object.entries(replaced)) simulator.replace(name, records);
    await make("r2");
    await load(`records of ${Object.keys(replaced).length} collections changed`, "r2");
    await make("r3");
    await load("nothing changed", "r3");
    await load("the same run again", "r3");
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openBigQuery(): Promise<Service> {
  const server = await startFakeGcs();
  Object.assign(process.env, server.env);
  const bigquery = await startBigQuery({ gcsEndpoint: server.endpoint });
  let requests = 0;
  let jobs = 0;
  return {
    server,
    loader: () =>
      Promise.resolve(
        bigqueryLoader({
          project: "bench-project",
          dataset: "raw",
          location: "EU",
          endpoint: bigquery.endpoint,
        }),
      ),
    forget() {
      requests = bigquery.requests().length;
      jobs = bigquery.jobs().length;
      // Loads that follow each other at once would meet the limits of metadata changes, which is not what is counted.
      bigquery.advance(60_000);
    },
    counts() {
      const asked = bigquery.requests().slice(requests);
      const ran = bigquery.jobs().slice(jobs);
      const query = ran.filter(({ kind, parentJobId }) => kind === "query" && parentJobId === null);
      return {
        "load jobs": ran.filter(({ kind }) => kind === "load").length,
        "query jobs": query.length,
        "statements in them": ran.filter(({ parentJobId }) => parentJobId !== null).length,
        "requests, all": asked.length,
        "of them looking": asked.filter(({ method }) => method === "GET").length,
      };
    },
    async [Symbol.asyncDispose]() {
      await bigquery.close();
      await server.close();
    },
  };
}

async function openRedshift(): Promise<Service> {
  const server = await startVersitygw();
  Object.assign(process.env, server.env);
  const redshift = await startRedshift({
    s3: { endpoint: server.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS },
    roles: [ROLE],
  });
  return {
    server,
    async loader() {
      const manifests = await openLake(server.lakeUrl("bench", "lake"));
      return redshiftLoader({ ...redshift.connection, ssl: "disable", iamRole: ROLE, manifests });
    },
    forget: () => redshift.forget(),
    counts() {
      const texts = redshift.statements().map(({ sql }) => sql.trim());
      const begin = texts.findIndex((sql) => /^BEGIN\b/i.test(sql));
      const end = texts.findIndex((sql) => /^COMMIT\b/i.test(sql));
      const matching = (pattern: RegExp) => texts.filter((sql) => pattern.test(sql)).length;
      return {
        COPYs: matching(/^COPY\b/i),
        "stage tables": matching(/^CREATE TEMP/i),
        "schema statements": matching(/^(CREATE (TABLE|SCHEMA)|ALTER)\b/i),
        "statements in the transaction": begin === -1 ? 0 : end - begin + 1,
        "statements, all": texts.length,
      };
    },
    async [Symbol.asyncDispose]() {
      await redshift.close();
      await server.close();
    },
  };
}

function print(name: string, rows: readonly ProtocolCost[]): void {
  const columns = Object.keys(rows[0]?.counts ?? {});
  console.log(`\n| ${name} | tables staged | ${columns.join(" | ")} |`);
  console.log(`| --- |${" --- |".repeat(columns.length + 1)}`);
  for (const { load, tables, staged, counts } of rows) {
    const values = columns.map((column) => counts[column] ?? 0);
    console.log(`| ${load} | ${staged} of ${tables} | ${values.join(" | ")} |`);
  }
}

if (import.meta.main) await warehouses();
