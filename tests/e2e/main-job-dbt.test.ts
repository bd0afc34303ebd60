import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, query } from "../harness/database.ts";
import { writeDbtProject } from "../harness/dbt-project.ts";
import { fileHolding, isAlive, startCli, survivors, writeScript } from "../harness/running.ts";
import { expectFailure, openSite, type Site } from "../harness/site.ts";
import { dbtExecutable } from "../harness/workspace.ts";

/** A loaded warehouse of three collections; each test transforms it with a small project of its own. */
let site: Site;
let logs: string;
let loaded: Awaited<ReturnType<typeof contentOf>>;

beforeAll(async () => {
  site = await openSite({ env: { SPACEX_ETL_NO_TRANSFORM: "" } });
  const { summary, output } = await site.step("run --no-transform");
  expect(summary.exitCode, output).toBe(0);
  loaded = await contentOf(site.warehouse);
  logs = join(site.cwd, ".spacex-etl", "dbt", "warehouse", "logs", "dbt.log");
});

afterAll(() => site[Symbol.asyncDispose]());

function project(name: string, models: Readonly<Record<string, string>>): string {
  return writeDbtProject(join(site.cwd, name), models);
}

const GOOD = { "landing_pads.sql": "select id, name from raw.landpads" };

describe("a dbt that is not dbt", () => {
  test("one that fails before it has results: exit 9 with its last words", async () => {
    const fake = writeScript(join(site.cwd, "broken"), [
      "echo 'Compilation Error' >&2",
      "echo '  what is this?'",
      "exit 2",
    ]);
    const result = await site.step(`transform --dbt ${fake} --dbt-project ${project("unread", GOOD)}`);
    expectFailure(result, {
      exitCode: 9,
      code: "DBT_FAILED",
      says: /ended with code 2.*what is this\?[^]*dbt\.log/,
    });
    expect(result.summary.transform).toEqual({ status: "failed" });
    expect(result.summary.tables).toEqual([]);
  });

  test("one whose interpreter is gone: exit 2", async () => {
    const fake = writeScript(join(site.cwd, "gone"), []);
    writeFileSync(fake, "#!/nowhere/python\n");
    const result = await site.step(`transform --dbt ${fake} --dbt-project ${project("unread", GOOD)}`);
    expectFailure(result, { exitCode: 2, code: "DBT_BROKEN", says: /--no-transform/ });
  });

  test("one that does not listen to SIGINT is killed with all it started", async () => {
    const folder = join(site.cwd, "stubborn");
    mkdirSync(folder);
    const fake = writeScript(join(folder, "dbt"), [
      "trap '' INT",
      "sleep 600 &",
      `echo "$$ $! started" > '${folder}/pids'`,
      "wait",
    ]);
    const running = startCli(["transform", "--dbt", fake, "--dbt-project", project("unread", GOOD)], {
      cwd: site.cwd,
      env: { SPACEX_API_URL: site.simulator.url, SPACEX_ETL_SOURCE: "simulated" },
    });
    const pids = (await fileHolding(join(folder, "pids"), "started", running))
      .split(" ")
      .slice(0, 2)
      .map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    running.child.kill("SIGTERM");
    const { code, output } = await running.ended;
    expect(code, output).toBe(143);
    expect(await survivors(pids), output).toEqual([]);
  });

  test("a second signal ends everything at once", async () => {
    const folder = join(site.cwd, "twice");
    mkdirSync(folder);
    const fake = writeScript(join(folder, "dbt"), [
      "trap '' INT",
      `echo "$$ started" > '${folder}/pids'`,
      "sleep 600",
    ]);
    const running = startCli(["transform", "--dbt", fake, "--dbt-project", project("unread", GOOD)], {
      cwd: site.cwd,
      env: { SPACEX_API_URL: site.simulator.url, SPACEX_ETL_SOURCE: "simulated" },
    });
    const pid = Number((await fileHolding(join(folder, "pids"), "started", running)).split(" ")[0]);
    running.child.kill("SIGTERM");
    await running.says("SIGTERM: stopping");
    running.child.kill("SIGINT");
    const { code, output } = await running.ended;
    expect(code, output).toBe(143);
    expect(output, "it did not wait for dbt").not.toContain("transform: failed");
    expect(await survivors([pid]), output).toEqual([]);
  });
});

test("collections that were never loaded: our project is skipped aloud", async () => {
  const neverStarted = writeScript(join(site.cwd, "never"), [`touch '${site.cwd}/was-started'`, "exit 1"]);
  const { summary, stderr } = await site.step(`transform --dbt ${neverStarted}`);
  expect(summary).toMatchObject({ exitCode: 0, status: "unchanged", transform: { status: "skipped" } });
  expect(summary.transform.reason).toMatch(/not loaded yet: capsules, cores, dragons, .*launches/);
  expect(stderr).toMatch(/transform: skipped .*not loaded yet/);
  expect(existsSync(join(site.cwd, "was-started"))).toBe(false);
});

const dbt = dbtExecutable();
if (dbt === undefined) console.warn("SKIPPED: failures of dbt, because dbt is not set up");

describe.runIf(dbt !== undefined)("dbt", () => {
  test("a failing model: exit 9 with its name, what is wrong with it, and the log", async () => {
    const folder = project("failing", { ...GOOD, "wrong.sql": "select no_such_column from raw.crew" });
    const result = await site.step(`transform --dbt ${dbt} --dbt-project ${folder}`);
    expectFailure(result, {
      exitCode: 9,
      code: "DBT_FAILED",
      says: /model wrong: Binder Error: .*no_such_column/,
    });
    expect(result.summary.error?.hint).toContain(logs);
    expect(readFileSync(logs, "utf8")).toContain("no_such_column");
    expect(result.summary.transform).toMatchObject({
      status: "failed",
      models: { built: 1, failed: 1, skipped: 0 },
      tests: { passed: 0, warned: 0, failed: 0 },
    });
    expect(await contentOf(site.warehouse)).toEqual(loaded);

    // A failed one is not taken for done; it runs again, and once it is mended it is done.
    const mended = project("failing", { ...GOOD, "wrong.sql": "select name from raw.crew" });
    const again = await site.step(`transform --dbt ${dbt} --dbt-project ${mended}`);
    expect(again.summary, again.output).toMatchObject({
      exitCode: 0,
      transform: { status: "done", models: { built: 2 } },
    });
    const skipped = await site.step(`transform --dbt ${dbt} --dbt-project ${mended}`);
    expect(skipped.summary.transform, skipped.output).toMatchObject({ status: "skipped" });
    expect(existsSync(join(mended, "target"))).toBe(false);
    expect(existsSync(join(mended, "logs"))).toBe(false);
  });

  test("SIGTERM in the middle of a query: exit 143, no dbt left, warehouse as it was", async () => {
    const folder = project("slow", {
      "endless.sql": "select count(*) as n from range(10000000) a, range(10000000) b, range(10000000) c",
    });
    const pids = join(site.cwd, "slow.pid");
    const wrapper = writeScript(join(site.cwd, "slow-dbt"), [
      `echo "$$ started" > '${pids}'`,
      `exec '${dbt}' "$@"`,
    ]);
    const running = startCli(["transform", "--dbt", wrapper, "--dbt-project", folder], {
      cwd: site.cwd,
      env: { SPACEX_API_URL: site.simulator.url, SPACEX_ETL_SOURCE: "simulated" },
    });
    const pid = Number((await fileHolding(pids, "started", running)).split(" ")[0]);
    await fileHolding(logs, "range(10000000)", running);
    running.child.kill("SIGTERM");
    const { code, output } = await running.ended;
    expect(code, output).toBe(143);
    expect(await survivors([pid]), output).toEqual([]);
    expect(await contentOf(site.warehouse)).toEqual(loaded);
    expect(await query(site.warehouse, "SELECT count(*)::INTEGER AS n FROM raw._loads")).toEqual([{ n: 1 }]);
  });

  test("another process takes the warehouse before dbt has it: exit 5", async () => {
    const held = join(site.cwd, "held");
    const holder =
      "const { DuckDBInstance } = await import('@duckdb/node-api');" +
      "const held = await DuckDBInstance.create(process.argv[1]);" +
      `(await import('node:fs')).writeFileSync(${JSON.stringify(held)}, '');` +
      "setTimeout(() => held.closeSync(), 600_000);";
    const tests = join(import.meta.dirname, "..");
    const wrapper = writeScript(join(site.cwd, "locked-dbt"), [
      `(cd '${tests}' && exec '${process.execPath}' --input-type=module -e "${holder.replaceAll('"', '\\"')}" "$SPACEX_ETL_DUCKDB_PATH") &`,
      "holder=$!",
      "tries=0",
      `while [ ! -e '${held}' ] && [ $tries -lt 600 ]; do sleep 0.1; tries=$((tries + 1)); done`,
      `'${dbt}' "$@"`,
      "code=$?",
      "kill $holder",
      "exit $code",
    ]);
    const result = await site.step(`transform --dbt ${wrapper} --dbt-project ${project("good", GOOD)}`);
    expectFailure(result, { exitCode: 5, code: "WAREHOUSE_LOCKED", says: /run the same command again/ });
    expect(existsSync(held)).toBe(true);
  });
});
