import { embeddedSnapshot } from "@spacex-etl/spacex-simulator";
import { type Loader, loadRun } from "@spacex-etl/warehouse-loaders";
import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { duckdbLoader } from "@spacex-etl/warehouse-loaders/duckdb";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { editSnapshot, readSnapshot } from "../../harness/snapshot.ts";
import { dbtExecutable, temporaryFolder } from "../../harness/workspace.ts";
import { openRealLake, type RealLake } from "../harness/real-lake.ts";
import { installDbtBigQuery } from "./dbt/install.ts";
import { judgeJobs } from "./dbt/judge-jobs.ts";
import { changedKeys, type Marts, martsOfBigQuery, martsOfDuckDb } from "./dbt/marts.ts";
import { type DbtPlace, type DbtRun, environmentOf, runDbt } from "./dbt/run-dbt.ts";
import { type Started, started } from "./harness.ts";

/** Longest that the installation of dbt may take, in ms. */
const INSTALL_MS = 1_200_000;

const stack = new AsyncDisposableStack();
let lake: RealLake;
let place: Started;
let warehouse: string;
let bigQuery: DbtPlace;
let duckDb: DbtPlace;

beforeAll(async () => {
  const folder = stack.use(temporaryFolder()).path;
  lake = stack.use(await openRealLake([]));
  place = stack.use(await started());
  warehouse = join(folder, "warehouse.duckdb");
  bigQuery = {
    dbt: await installDbtBigQuery((line) => process.stderr.write(`${line}\n`)),
    folder: join(folder, "bigquery"),
    env: environmentOf(place.server.endpoint),
  };
  duckDb = {
    dbt: dbtExecutable() ?? expect.unreachable("dbt is not set up: run npm start once"),
    folder: join(folder, "duckdb"),
    env: { SPACEX_ETL_DBT_TARGET: "duckdb", SPACEX_ETL_DUCKDB_PATH: warehouse },
  };
}, INSTALL_MS);

afterAll(() => stack.disposeAsync());

/** Extracts what is served now, and loads it into both at the same time. */
async function load(runId: string, time: string): Promise<void> {
  await lake.make(runId);
  const request = await lake.request(runId);
  const now = (): Date => new Date(time);
  const { endpoint } = place.server;
  const loaders: readonly Loader[] = [
    duckdbLoader({ path: warehouse, now }),
    bigqueryLoader({ project: "proj", dataset: "raw", location: "EU", endpoint, now }),
  ];
  for (const opened of loaders) {
    await using loader = opened;
    await loadRun(loader, request);
  }
}

/** Models on both, and tests on BigQuery; the marts must be the same. */
async function build(args: readonly string[]): Promise<{ readonly run: DbtRun; readonly marts: Marts }> {
  const [models, run] = await Promise.all([runDbt(duckDb, ["run"]), runDbt(bigQuery, ["build", ...args])]);
  expect(models.failures, models.output).toEqual([]);
  expect(run.failures, run.output).toEqual([]);
  const marts = await martsOfBigQuery(place.server.endpoint);
  const wanted = await martsOfDuckDb(warehouse);
  expect(Object.keys(marts)).toEqual(Object.keys(wanted));
  for (const [name, { columns, rows }] of Object.entries(wanted)) {
    expect(marts[name]?.columns, name).toEqual(columns);
    expect([...marts[name]!.rows.keys()], name).toEqual([...rows.keys()]);
    // One row at a time: a difference between thousands of them is not readable.
    for (const [key, row] of rows) expect(marts[name]?.rows.get(key), `${name} ${key}`).toEqual(row);
  }
  return { run, marts };
}

let first: Marts;

test("dbt-bigquery builds the project with all its tests, and the marts are those of DuckDB", async () => {
  await load("first", "2100-03-01T00:00:00.000Z");
  const { run, marts } = await build([]);
  first = marts;
  const counts = Object.groupBy(run.statuses.keys(), (id) => id.split(".")[0]!);
  expect(counts["model"]?.length).toBe(25);
  expect(counts["unit_test"]?.length).toBeGreaterThanOrEqual(9);
  expect(counts["test"]?.length).toBeGreaterThan(80);
  expect(marts["spacex_launches"]?.rows.size).toBeGreaterThan(200);
  const [staging] = await place.client.dataset("staging").getTables();
  expect(new Set(staging.map(({ metadata }) => metadata.type))).toEqual(new Set(["MATERIALIZED_VIEW"]));
});

test("after a second load a second build merges and takes out what changed, and nothing else", async () => {
  await lake.edit();
  await load("second", "2100-03-02T00:00:00.000Z");
  const { marts } = await build(["--exclude-resource-type", "unit_test"]);
  const { expectedKeys } = editSnapshot(readSnapshot(await embeddedSnapshot()));
  expect(changedKeys(first, marts)).toEqual(expectedKeys);
});

test("Google's analyzer accepts all that dbt sent", async () => {
  const { count, refused } = await judgeJobs(place.server, place.client, ["raw"]);
  expect(refused).toBeNull();
  expect(count).toBeGreaterThan(150);
});
