import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../harness/random.ts";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { type CloudSite, ENGINES, openCloudSite } from "./harness/cloud-site.ts";

/** Same seed, same points; another one with KILL_SEED, more of them with KILL_POINTS. For each warehouse. */
const SEED = Number(process.env["KILL_SEED"] ?? 20261122);
const POINTS = Number(process.env["KILL_POINTS"] ?? 5);

const RUN = "the-run";
const COLUMNS = ["id", "_row_hash", "_run_id"];

describe.each(ENGINES)("kill -9 of a load into %s", (engine) => {
  let cloud: CloudSite;
  let effects: readonly string[] = [];
  let expected: Awaited<ReturnType<typeof contentOf>>;

  beforeAll(async () => {
    cloud = await openCloudSite(engine, { collections: "crew,landpads" });
    for (const step of ["extract", "normalize"]) {
      const { code, output } = await cloud.site.step(`${step} --run-id ${RUN}`);
      expect(code, output).toBe(0);
    }
    const log = join(cloud.site.cwd, "effects.log");
    const calm = await load("calm", { SPACEX_ETL_FAILPOINT: `log:${log}` });
    expect(calm.code, calm.output).toBe(0);
    effects = readFileSync(log, "utf8").trimEnd().split("\n");
    expected = await contentOf("calm");
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());
  showLogOfFailures(() => cloud.bucket);

  const load = (schema: string, env: Readonly<Record<string, string>> = {}) =>
    cloud.elsewhere(`load --run-id ${RUN} --json`, {
      env: { ...env, WAREHOUSE_URL: cloud.warehouseOf(schema), SPACEX_ETL_COLLECTIONS: "crew,landpads" },
    });

  async function contentOf(schema: string): Promise<unknown> {
    const sorted = async (table: string, columns: readonly string[]): Promise<string[]> =>
      (await cloud.rows(table, columns, schema)).map((row) => JSON.stringify(row)).toSorted();
    return {
      tables: (await cloud.tables(schema)).toSorted(),
      crew: await sorted("crew", COLUMNS),
      launches: await sorted("crew__launches", ["_parent_id", "_ordinal", "value"]),
      landpads: await sorted("landpads", COLUMNS),
      ledger: await sorted("_loads", ["run_id", "source", "manifest_sha256"]),
    };
  }

  test(`at ${POINTS} effects and a rerun in an empty folder (seed ${SEED}): loaded once`, async () => {
    expect(effects.length).toBeGreaterThan(POINTS);
    const next = random(SEED);
    for (let index = 0; index < POINTS; index++) {
      const from = Math.floor((index * effects.length) / POINTS);
      const to = Math.floor(((index + 1) * effects.length) / POINTS);
      const number = from + Math.floor(next() * (to - from)) + 1;
      const where = `effect ${number} of ${effects.length} (${effects[number - 1]})`;
      const schema = `kill_${index}`;
      const killed = await load(schema, { SPACEX_ETL_FAILPOINT: String(number) });
      expect(killed.signal, `${where}: ${killed.output}`).toBe("SIGKILL");
      const again = await load(schema);
      expect(again.code, `${where}: ${again.output}`).toBe(0);
      expect(await contentOf(schema), where).toEqual(expected);
      const env = { WAREHOUSE_URL: cloud.warehouseOf(schema) };
      const known = await cloud.site.step(`load --run-id ${RUN}`, { env });
      expect(known.summary, where).toMatchObject({ status: "unchanged", exitCode: 0 });
    }
  });
});
