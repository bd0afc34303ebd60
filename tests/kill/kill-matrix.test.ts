import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gc, verify } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import { embeddedSnapshot, type Simulator, startSimulator } from "@spacex-etl/spacex-simulator";
import { collectionNames, collections } from "@spacex-etl/spacex-client/tables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, cliJson } from "../harness/cli.ts";
import { contentOf, query } from "../harness/database.ts";
import { dbtExecutable, temporaryFolder } from "../harness/workspace.ts";
import { random } from "../harness/random.ts";

/** Same seed, same points; another one with KILL_SEED, more of them with KILL_POINTS. */
const SEED = Number(process.env["KILL_SEED"] ?? 20261122);
const POINTS = Number(process.env["KILL_POINTS"] ?? 40);
/** Kills by the clock, inside whatever the process is doing then. */
const TIMED = Math.ceil(POINTS / 5);

const RUN = "the-run";
const folder = temporaryFolder();
let simulator: Simulator;
let undisturbed: Awaited<ReturnType<typeof contentOf>>;
let effects: string[];
let durationMs: number;

beforeAll(async () => {
  simulator = await startSimulator({ data: await embeddedSnapshot() });
  const cwd = join(folder.path, "undisturbed");
  const log = join(folder.path, "effects.log");
  const started = performance.now();
  const { summary, output } = await cliJson(job(cwd), {
    cwd: folder.path,
    env: { SPACEX_ETL_FAILPOINT: `log:${log}` },
  });
  durationMs = performance.now() - started;
  expect(summary.exitCode, output).toBe(0);
  effects = readFileSync(log, "utf8").trimEnd().split("\n");
  undisturbed = await contentOf(join(cwd, "warehouse.duckdb"));
  expect(Object.keys(undisturbed).length).toBeGreaterThan(40);
});

afterAll(async () => {
  await simulator.close();
  folder[Symbol.dispose]();
});

/** The main job without dbt, in a folder of its own, on our simulator. */
function job(cwd: string): string[] {
  return [
    "run",
    "--no-transform",
    "--run-id",
    RUN,
    "--api",
    simulator.url,
    "--source",
    "simulated",
    "--lake",
    join(cwd, "lake"),
    "--warehouse",
    join(cwd, "warehouse.duckdb"),
  ];
}

/** Seeded points over all effects, at least one in each of as many equal stretches as there are points. */
function points(): number[] {
  const next = random(SEED);
  return Array.from({ length: POINTS }, (_, index) => {
    const from = Math.floor((index * effects.length) / POINTS);
    const to = Math.floor(((index + 1) * effects.length) / POINTS);
    return 1 + from + Math.floor(next() * (to - from));
  });
}

async function expectRecovery(cwd: string, where: string): Promise<void> {
  const complete = await completeCollections(cwd);
  const before = simulator.requests.length;
  const { summary, output } = await cliJson(job(cwd), { cwd: folder.path });
  expect(summary.exitCode, `${where}: ${output}`).toBe(0);

  const fetched = simulator.requests.slice(before).filter(({ method }) => method === "GET");
  const again = complete.filter((name) => fetched.some(({ path }) => path === collections[name].route));
  expect(again, `${where}: complete collections were fetched again`).toEqual([]);

  const warehouse = join(cwd, "warehouse.duckdb");
  expect(await contentOf(warehouse), where).toEqual(undisturbed);
  expect(await query(warehouse, "SELECT run_id FROM raw._loads"), where).toEqual([{ run_id: RUN }]);
  const twice = await query(warehouse, "SELECT id FROM raw.launches GROUP BY id HAVING count(*) > 1");
  expect(twice, where).toEqual([]);

  const store = fileStore({ root: join(cwd, "lake") });
  expect((await verify({ store })).findings, where).toEqual([]);
  await gc({ store, graceHours: 0, now: () => new Date(Date.now() + 1000) });
  expect((await verify({ store })).findings, where).toEqual([]);
  const left: string[] = [];
  for await (const { key } of store.list("")) left.push(key);
  expect(left.toSorted(), `${where}: gc leaves what an undisturbed run has`).toEqual(await undisturbedKeys());
}

async function completeCollections(cwd: string): Promise<(typeof collectionNames)[number][]> {
  const store = fileStore({ root: join(cwd, "lake") });
  const there = await Promise.all(
    collectionNames.map(async (name) => (await store.head(`runs/${RUN}/extract/${name}.json`)) !== undefined),
  );
  return collectionNames.filter((_, index) => there[index]);
}

/** Object names hold content hashes, so equal names are equal content; the newest head is the only one kept. */
async function undisturbedKeys(): Promise<string[]> {
  const store = fileStore({ root: join(folder.path, "undisturbed", "lake") });
  await gc({ store, graceHours: 0, now: () => new Date(Date.now() + 1000) });
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys.toSorted();
}

describe("kill -9, then the same run id again", () => {
  test(`at ${POINTS} effects (seed ${SEED})`, async () => {
    for (const point of points()) {
      const where = `effect ${point} of ${effects.length} (${effects[point - 1]})`;
      const cwd = join(folder.path, `effect-${point}`);
      const killed = await cli(job(cwd), { cwd: folder.path, env: { SPACEX_ETL_FAILPOINT: String(point) } });
      expect(killed.signal, `${where}: ${killed.output}`).toBe("SIGKILL");
      await expectRecovery(cwd, where);
    }
  });

  test(`at ${TIMED} moments (seed ${SEED})`, async () => {
    const next = random(SEED + 1);
    for (let index = 0; index < TIMED; index++) {
      const afterMs = Math.round(next() * durationMs);
      const cwd = join(folder.path, `moment-${index}`);
      await cli(job(cwd), { cwd: folder.path, kill: { afterMs, signal: "SIGKILL" } });
      await expectRecovery(cwd, `after ${afterMs} ms`);
    }
  });

  test("twice in a row, late in each step", async () => {
    for (const step of ["extract.json", "tables.json", "load"]) {
      const point = effects.findLastIndex((name) => name.includes(step)) + 1;
      const cwd = join(folder.path, `twice-${point}`);
      for (const setting of [String(point), "1", "2"]) {
        await cli(job(cwd), { cwd: folder.path, env: { SPACEX_ETL_FAILPOINT: setting } });
      }
      await expectRecovery(cwd, `twice at ${step}`);
    }
  });
});

const dbt = dbtExecutable();
if (dbt === undefined) console.warn("SKIPPED: kills around dbt, because dbt is not set up");

describe.runIf(dbt !== undefined)("kill -9 around dbt", () => {
  const marts =
    "SELECT count(*) AS rows, sum(hash(launch_id, payload_mass_kg)) AS hash FROM marts.spacex_launches";
  const whole = (cwd: string): string[] => [
    ...job(cwd).filter((flag) => flag !== "--no-transform"),
    "--dbt",
    dbt ?? "",
    // A dbt whose parent was killed goes on, and holds the file until it is done.
    "--lock-timeout",
    "90",
  ];
  let expected: Awaited<ReturnType<typeof query>>;

  beforeAll(async () => {
    const cwd = join(folder.path, "dbt-undisturbed");
    const { summary, output } = await cliJson(whole(cwd), { cwd: folder.path });
    expect(summary.exitCode, output).toBe(0);
    expected = await query(join(cwd, "warehouse.duckdb"), marts);
  });

  test.each(["before dbt build", "after dbt build", "after recording the transform"])(
    "%s",
    async (effect) => {
      const cwd = join(folder.path, effect.replaceAll(" ", "-"));
      const killed = await cli(whole(cwd), { cwd: folder.path, env: { SPACEX_ETL_FAILPOINT: effect } });
      expect(killed.signal, killed.output).toBe("SIGKILL");
      await expectSameMarts(cwd, effect === "after recording the transform" ? "skipped" : "done");
    },
  );

  test("while dbt builds", async () => {
    const cwd = join(folder.path, "inside-dbt");
    const killed = await cli(whole(cwd), {
      cwd: folder.path,
      kill: { afterMs: durationMs + 4000, signal: "SIGKILL" },
    });
    expect(killed.signal, killed.output).toBe("SIGKILL");
    await expectSameMarts(cwd, "done");
  });

  async function expectSameMarts(cwd: string, transform: "done" | "skipped"): Promise<void> {
    const { summary, output } = await cliJson(whole(cwd), { cwd: folder.path });
    expect(summary.exitCode, output).toBe(0);
    expect(summary.transform.status, output).toBe(transform);
    expect(await query(join(cwd, "warehouse.duckdb"), marts)).toEqual(expected);
  }
});
