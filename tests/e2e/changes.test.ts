import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gc, verify } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import type { RunSummary } from "@spacex-etl/pipeline";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { embeddedSnapshot, type Simulator, startSimulator } from "@spacex-etl/spacex-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, type CliResult, ROOT } from "../harness/cli.ts";
import { query } from "../harness/database.ts";
import { cliInProcess } from "../harness/in-process.ts";
import { lakeObjects } from "../harness/lake.ts";
import { changedKeys, factsOf, MART_NAMES, type Marts, rawRowsOf, readMarts } from "../harness/marts.ts";
import { type Edited, editSnapshot, readSnapshot, type Snapshot } from "../harness/snapshot.ts";
import { writeScript } from "../harness/running.ts";
import { dbtExecutable, temporaryFolder } from "../harness/workspace.ts";

const dbt = dbtExecutable();
if (dbt === undefined) console.warn("SKIPPED: what changes in the marts, because dbt is not set up");

const FIRST = "first";
const folder = temporaryFolder();
const lake = join(folder.path, ".spacex-etl", "lake");
const warehouse = join(folder.path, ".spacex-etl", "warehouse.duckdb");
const store = fileStore({ root: lake });

let original: Snapshot;
let simulator: Simulator;
let withoutEtags: Simulator;
/** In place of dbt where it must not be started. */
let neverDbt: string;

beforeAll(async () => {
  const data = await embeddedSnapshot();
  original = readSnapshot(data);
  simulator = await startSimulator({ data });
  withoutEtags = await startSimulator({ data, etags: false });
  neverDbt = writeScript(join(folder.path, "never-dbt"), ["echo 'dbt was started' >&2", "exit 1"]);
});

afterAll(async () => {
  await simulator.close();
  await withoutEtags.close();
  folder[Symbol.dispose]();
});

/** The same source by another way: served by us, so that its data can change. */
function served(api: Simulator): string[] {
  return ["--api", api.url, "--source", "embedded"];
}

function transformWith(executable: string | undefined): string[] {
  return executable === undefined ? ["--no-transform"] : ["--dbt", executable];
}

type JsonResult = CliResult & { readonly summary: RunSummary };

async function run(args: readonly string[], executable: string | undefined): Promise<JsonResult> {
  const transform = transformWith(dbt === undefined ? undefined : executable);
  const result = await cliInProcess(["run", ...args, ...transform, "--json"], { cwd: folder.path });
  return { ...result, summary: JSON.parse(result.stdout) as RunSummary };
}

/** Every warning of dbt is an error, but that of a test of ours which may warn. */
const STRICT = { DBT_WARN_ERROR_OPTIONS: '{"error":"all","warn":["LogTestResult"]}' };

interface Written {
  readonly parts: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, string>>;
}

/** All that a run writes but manifests and ledger rows. */
async function written(): Promise<Written> {
  return { parts: lakeObjects(lake, "raw/", "tables/"), rows: await rawRowsOf(warehouse) };
}

describe("the same data again", () => {
  let first: CliResult;
  let before: Written;

  beforeAll(async () => {
    first = await cli(["run", "--run-id", FIRST, ...transformWith(dbt)], { cwd: folder.path, env: STRICT });
    expect(first.code, first.output).toBe(0);
    before = await written();
    expect(Object.keys(before.parts).length).toBeGreaterThan(50);
  });

  test("the first run shows what it did, and what is in the marts", () => {
    const { stdout } = first;
    expect(stdout).toMatch(/Run first finished in /);
    expect(stdout).toMatch(/^ {2}table +rows +new +updated +unchanged +deleted$/m);
    expect(stdout).toMatch(/^ {2}launches +205 +205 +– +– +–$/m);
    expect(stdout).toMatch(/^ {2}database +\.\/\.spacex-etl\/warehouse\.duckdb$/m);
    if (dbt === undefined) return;
    expect(stdout).toMatch(/^ {2}dbt +\d+ models built, \d+ tests passed, 1 warned, /m);
    expect(stdout).toContain("Launches and success rate per year and rocket");
    // 2006 was the first launch, a failure; of 2018's 21 launches one was a Falcon Heavy. All succeeded.
    expect(stdout).toMatch(/^ {4}2006 +Falcon 1 +1 +0 % /m);
    expect(stdout).toMatch(/^ {4}2018 +Falcon 9 +20 +100 % /m);
    expect(stdout).toMatch(/^ {4}2018 +Falcon Heavy +1 +100 % +2 +1,350$/m);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test.runIf(dbt !== undefined)("the unit tests of the dbt project pass on what it built", async () => {
    const project = join(ROOT, "dbt");
    const target = join(folder.path, "unit-tests");
    // What the run parsed, strictly too, need not be parsed again.
    const parsed = join(folder.path, ".spacex-etl", "dbt", "warehouse", "target", "partial_parse.msgpack");
    mkdirSync(target);
    cpSync(parsed, join(target, "partial_parse.msgpack"));
    await promisify(execFile)(dbt ?? "", ["test", "--select", "test_type:unit"], {
      cwd: project,
      env: {
        ...process.env,
        ...STRICT,
        DBT_PROFILES_DIR: project,
        DBT_TARGET_PATH: target,
        DBT_LOG_PATH: join(folder.path, "logs"),
        SPACEX_ETL_DUCKDB_PATH: warehouse,
      },
    }).catch((error: { readonly stdout?: string }) => expect.unreachable(error.stdout ?? String(error)));
    expect(existsSync(join(project, "target"))).toBe(false);
    const { results } = JSON.parse(readFileSync(join(target, "run_results.json"), "utf8")) as {
      readonly results: readonly { readonly unique_id: string; readonly status: string }[];
    };
    expect(results.length).toBeGreaterThanOrEqual(9);
    expect(results.filter(({ unique_id }) => !unique_id.startsWith("unit_test."))).toEqual([]);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["pass"]));
  });

  test("under the same run id: a no-op that says so and asks for nothing", async () => {
    const everything = lakeObjects(lake);
    const { summary, stderr, output } = await run(["--run-id", FIRST, ...served(simulator)], neverDbt);
    expect(summary, output).toMatchObject({ status: "unchanged", exitCode: 0 });
    expect(simulator.requests).toEqual([]);
    expect(lakeObjects(lake)).toEqual(everything);
    expect(await written()).toEqual(before);
    expect(await query(warehouse, "SELECT run_id FROM raw._loads")).toEqual([{ run_id: FIRST }]);
    for (const step of ["extracted", "normalized", "loaded"])
      expect(stderr).toContain(`this run was ${step} before`);
    if (dbt !== undefined)
      expect(stderr).toMatch(/transform: skipped .*nothing changed since the last build/);
  });

  test("under a new one, embedded: says that nothing changed, for people", async () => {
    const again = await cli(["run", "--run-id", "again", ...transformWith(dbt && neverDbt)], {
      cwd: folder.path,
    });
    expect(again.code, again.output).toBe(0);
    expect(again.stdout).toMatch(/Run again: nothing changed/);
    expect(again.stdout.replaceAll(/\s+/g, " ")).toContain("no part and no data row was written");
    if (dbt !== undefined)
      expect(again.stdout).toMatch(/dbt was skipped: nothing changed since the last build/);
    expect(await written()).toEqual(before);
  });

  test.each([
    ["with ETags", () => [...served(simulator)], "not-modified"],
    ["with --no-etag", () => [...served(simulator), "--no-etag"], "same-content"],
    ["of a source without ETags", () => [...served(withoutEtags)], "same-content"],
  ] as const)("under a new one, %s: no part, no data row", async (_, args, reused) => {
    const { summary, output } = await run(args(), neverDbt);
    expect(summary, output).toMatchObject({ status: "unchanged", exitCode: 0 });
    expect(summary.collections.map((collection) => [collection.name, collection.reused])).toEqual(
      collectionNames.map((name) => [name, reused]),
    );
    for (const { name, rows, inserted, updated, deleted, unchanged } of summary.tables) {
      expect({ inserted, updated, deleted, unchanged }, name).toEqual({
        inserted: 0,
        updated: 0,
        deleted: 0,
        unchanged: rows,
      });
    }
    expect(summary.transform.status).toBe(dbt === undefined ? "off" : "skipped");
    expect(await written()).toEqual(before);
  });
});

describe("changed data", () => {
  let edited: Edited;
  let before: Marts | undefined;
  let after: Marts | undefined;
  let loadedBefore: string;

  beforeAll(async () => {
    edited = editSnapshot(original);
    before = dbt === undefined ? undefined : await readMarts(warehouse);
    loadedBefore = String(
      (await query(warehouse, "SELECT max(loaded_at)::VARCHAR AS at FROM raw._loads"))[0]?.["at"],
    );
  });

  const expectCounts = (
    summary: RunSummary,
    expected: Readonly<Record<string, readonly [number, number, number]>>,
  ) => {
    const changed = summary.tables.filter((table) => table.inserted + table.updated + table.deleted > 0);
    const counts = changed.map(({ name, inserted, updated, deleted }) => [
      name,
      [inserted, updated, deleted],
    ]);
    expect(Object.fromEntries(counts)).toEqual(expected);
  };

  test("one changed, one removed, one added, one in an array: exactly these per table", async () => {
    for (const [name, records] of Object.entries(edited.replaced)) simulator.replace(name, records);
    const { summary, output } = await run(["--run-id", "changed", ...served(simulator)], dbt);
    expect(summary, output).toMatchObject({ status: "ok", exitCode: 0 });
    expectCounts(summary, { launches: [1, 2, 1], payloads: [0, 1, 0], rockets: [0, 1, 0] });
    const reread = summary.collections.filter(({ reused }) => reused === null).map(({ name }) => name);
    expect(reread).toEqual(["launches", "payloads", "rockets"]);
    // Only rows that changed were touched, the deleted one included.
    const touched = await query(
      warehouse,
      `SELECT id FROM raw.launches WHERE _loaded_at > TIMESTAMP '${loadedBefore}' ORDER BY id`,
    );
    const { renamed, landingLost, removed, added } = edited;
    expect(touched.map(({ id }) => id)).toEqual([renamed, landingLost, removed, added].toSorted());
    const [row] = await query(
      warehouse,
      `SELECT _deleted_at IS NOT NULL AS gone FROM raw.launches WHERE id = '${removed}'`,
    );
    expect(row).toEqual({ gone: true });
    const orphans = await query(
      warehouse,
      `SELECT count(*)::INTEGER AS n FROM raw.launches__cores WHERE _parent_id = '${removed}'`,
    );
    expect(orphans).toEqual([{ n: 0 }]);
    if (dbt !== undefined) after = await readMarts(warehouse);
  });

  test.runIf(dbt !== undefined)("the marts change in exactly the keys that depend on it", () => {
    if (before === undefined || after === undefined) throw new Error("the marts were not read");
    const { renamed, landingLost, removed, added, reweighed, renamedRocket } = edited;
    expect(changedKeys(before, after, "facts")).toEqual(edited.expectedKeys);
    // Nor was any other launch built again.
    expect(changedKeys(before, after, "rows").spacex_launches).toEqual(edited.expectedKeys.spacex_launches);

    const was = (id: string) => before?.spacex_launches.get(id);
    const is = (id: string) => after?.spacex_launches.get(id);
    expect(is(removed)).toBeUndefined();
    expect(is(added)).toMatchObject({ launch_name: "An added launch", upcoming: true });
    expect(is(renamed)).toMatchObject({ launch_name: "A renamed launch" });
    expect(Number(is(landingLost)?.["landing_success_count"])).toBe(
      Number(was(landingLost)?.["landing_success_count"]) - 1,
    );
    // No launch record changed here: its payload and its rocket did.
    expect(is(reweighed.launch)).toMatchObject({ payload_mass_kg: reweighed.massKg });
    expect(was(reweighed.launch)?.["payload_mass_kg"]).not.toBe(reweighed.massKg);
    const renames = [...after.spacex_launches.values()].filter(
      (row) => row["rocket_name"] === "A renamed rocket",
    );
    expect(renames.map((row) => row["launch_id"]).toSorted()).toEqual(renamedRocket.launches.toSorted());
  });

  test("all of it taken back: the record returns, and the marts are what they were", async () => {
    for (const name of Object.keys(edited.replaced)) simulator.replace(name, original.records(name));
    const { summary, output } = await run(["--run-id", "back", ...served(simulator)], dbt);
    expect(summary, output).toMatchObject({ status: "ok", exitCode: 0 });
    // The one that returns is new again; the added one goes.
    expectCounts(summary, { launches: [1, 2, 1], payloads: [0, 1, 0], rockets: [0, 1, 0] });
    const [row] = await query(
      warehouse,
      `SELECT _deleted_at IS NULL AS there FROM raw.launches WHERE id = '${edited.removed}'`,
    );
    expect(row).toEqual({ there: true });
    if (before === undefined) return;
    const last = await readMarts(warehouse);
    for (const name of MART_NAMES) {
      const facts = (marts: Marts) => new Map([...marts[name]].map(([key, found]) => [key, factsOf(found)]));
      expect(facts(last), name).toEqual(facts(before));
    }
  });

  test("after all that, verify and gc find nothing wrong", async () => {
    expect((await verify({ store })).findings).toEqual([]);
    await gc({ store, graceHours: 0, now: () => new Date(Date.now() + 1000) });
    expect((await verify({ store })).findings).toEqual([]);
    const { summary, output } = await run(["--run-id", "changed", ...served(simulator)], neverDbt);
    expect(summary, output).toMatchObject({ status: "unchanged", exitCode: 0 });
  });
});
