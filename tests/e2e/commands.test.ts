import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { contentOf, query } from "../harness/database.ts";
import { lakeObjects, rawLines } from "../harness/lake.ts";
import { keys } from "../harness/run-files.ts";
import { openSite, type Site } from "../harness/site.ts";

async function expectDone(site: Site, words: string, env: Readonly<Record<string, string>> = {}) {
  const result = await site.step(words, { env });
  expect(result.code, result.output).toBe(0);
  return result;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly hint?: string;
}

test("doctor: all is well, and nothing is left behind", async () => {
  await using site = await openSite();
  const { code, document, output } = await site.report("doctor");
  expect(code, output).toBe(0);
  const checks = document["checks"] as Check[];
  expect(checks.map(({ name }) => name)).toEqual(["node", "settings", "source", "lake", "warehouse"]);
  expect(checks.every(({ ok }) => ok)).toBe(true);
  const files = readdirSync(site.cwd, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files).toEqual([]);
});

test("doctor: everything that is wrong is told at once, and the first decides the exit code", async () => {
  await using site = await openSite({ env: { SPACEX_ETL_NO_TRANSFORM: "" } });
  writeFileSync(join(site.cwd, "a-file"), "no folder, no database");
  const words = `doctor --api ${site.simulator.url}/elsewhere --lake ./a-file/lake --warehouse ./a-file --dbt no-such-dbt`;
  const { code, document, output } = await site.report(words);
  expect(code, output).toBe(4);
  const failed = (document["checks"] as Check[]).filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual(["source", "lake", "warehouse", "dbt"]);
  expect(failed.every(({ hint }) => hint !== undefined)).toBe(true);
  const people = await site.plain(words.replace(/--api \S+/, ""));
  expect(people.code, people.output).toBe(2);
  expect(people.stdout).toMatch(/^✔ source .*\n✖ lake .*\n +\S.*\n✖ warehouse .*\n +\S.*\n✖ dbt /m);
});

test("files prints paths that any reader of Parquet takes; an unknown table is told what there is", async () => {
  await using site = await openSite();
  const { summary } = await expectDone(site, "run --run-id r1");
  await expectDone(site, "run --run-id r2");
  for (const flags of ["crew", "crew --run-id r1"]) {
    const { stdout, code } = await site.plain(`files ${flags}`);
    expect(code).toBe(0);
    const paths = stdout.trimEnd().split("\n");
    expect(paths.every((path) => existsSync(path))).toBe(true);
    const list = paths.map((path) => `'${path}'`).join(", ");
    const [row] = await query(site.warehouse, `SELECT count(*)::INTEGER AS n FROM read_parquet([${list}])`);
    expect(row?.["n"]).toBe(summary.tables.find(({ name }) => name === "crew")?.rows);
  }
  const unknown = await site.report("files rockets");
  expect(unknown.code).toBe(2);
  expect(unknown.document).toMatchObject({
    error: { code: "TABLE_UNKNOWN", hint: expect.stringContaining("crew__launches") },
  });
});

test("gc keeps what the kept runs need, and no more; verify is clean before and after", async () => {
  await using site = await openSite({ collections: "crew,landpads" });
  await expectDone(site, "run --run-id r1");
  site.simulator.replace("crew", [
    {
      id: "5ebf1a6e23a9a60006e03a7a",
      name: "One",
      status: "active",
      agency: null,
      image: null,
      wikipedia: null,
      launches: [],
    },
  ]);
  await expectDone(site, "run --run-id r2 --allow-deletes");
  await expectDone(site, "run --run-id r3");
  expect((await site.report("verify")).document).toMatchObject({ runs: 3, findings: [] });

  const before = lakeObjects(site.lake);
  const dry = await site.report("gc --keep-runs 1 --grace-hours 0 --dry-run");
  expect(lakeObjects(site.lake)).toEqual(before);
  const young = await site.report("gc --keep-runs 1");
  expect(young.document, "everything is younger than a day").toMatchObject({ removed: [] });
  writeFileSync(join(site.lake, ".tmp", "of-a-killed-run"), "half an obj");
  const swept = await site.report("gc --keep-runs 1 --grace-hours 0");
  expect(swept.document).toMatchObject({ keptRuns: ["r3"], removedRuns: ["r1", "r2"], swept: 1 });
  expect((swept.document["removed"] as { key: string }[]).map(({ key }) => key)).toEqual(
    (dry.document["removed"] as { key: string }[]).map(({ key }) => key),
  );
  expect((await site.report("verify")).document).toMatchObject({ runs: 1, findings: [] });
  const nothing = await site.plain("gc --grace-hours 0");
  expect(nothing.stdout).not.toContain("left-over");
  for (const name of ["one", "two"]) writeFileSync(join(site.lake, ".tmp", name), "");
  const again = await site.plain("gc --grace-hours 0");
  expect(again.stdout).toContain("2 left-overs of unfinished uploads and writes removed.");
  const parts = keys(site, "raw/").concat(keys(site, "tables/"));
  expect(
    parts.filter((key) => key.includes("/crew/run=r1/")),
    "old crew",
  ).toEqual([]);
  expect(
    parts.filter((key) => key.includes("/landpads/run=r1/")),
    "unchanged landpads, which r3 refers to",
  ).toHaveLength(2);
  await expectDone(site, `load --run-id r3 --warehouse ./again.duckdb`);
  await expectDone(site, "run --run-id r4");
});

test("--compression gzip; a change of codec alone writes no part", async () => {
  await using site = await openSite({ collections: "crew" });
  await expectDone(site, "run --run-id r1 --compression gzip");
  const raw = keys(site, "raw/");
  expect(raw).toEqual([expect.stringMatching(/\.ndjson\.gz$/)]);
  expect(rawLines(site.lake, "r1", "crew")).toHaveLength(30);
  const second = await expectDone(site, "run --run-id r2 --compression zstd --no-etag");
  expect(second.summary).toMatchObject({ status: "unchanged", collections: [{ reused: "same-content" }] });
  expect(keys(site, "raw/")).toEqual(raw);
  expect((await site.report("verify")).document).toMatchObject({ findings: [] });
});

test("single steps, each in a process of its own, give what run gives", async () => {
  await using steps = await openSite({ processes: true });
  await using whole = await openSite();
  await expectDone(whole, "run --run-id r1");
  for (const step of ["extract --run-id r1", "normalize --run-id r1", "load --run-id r1"]) {
    const { summary } = await expectDone(steps, step);
    expect(summary).toMatchObject({ runId: "r1", status: "ok" });
  }
  expect(await contentOf(steps.warehouse)).toEqual(await contentOf(whole.warehouse));
  expect(keys(steps)).toEqual(keys(whole));
  for (const step of ["extract", "normalize", "load", "run"]) {
    const { summary } = await expectDone(steps, `${step} --run-id r1`);
    expect(summary.status, `${step} again`).toBe("unchanged");
  }
});

test("without --run-id the later steps take the newest run", async () => {
  await using site = await openSite({ collections: "crew" });
  const first = await expectDone(site, "extract");
  const second = await expectDone(site, "extract");
  expect(second.summary.runId).not.toBe(first.summary.runId);
  for (const step of ["normalize", "load"]) {
    expect((await expectDone(site, step)).summary.runId).toBe(second.summary.runId);
  }
});

test("settings by environment: locations as URLs, a scheduler's run id, and flags win", async () => {
  await using site = await openSite({ collections: "crew" });
  const env = {
    LAKE_URL: pathToFileURL(join(site.cwd, "my lake")).href,
    WAREHOUSE_URL: `duckdb:${join(site.cwd, "my.duckdb")}`,
    RUN_ID: "scheduled__2026-11-22T00:00:00+00:00",
    SPACEX_ETL_COMPRESSION: "gzip",
  };
  const { summary, stderr } = await expectDone(site, "run --compression zstd", env);
  expect(summary.runId).toMatch(/^scheduled-2026-11-22t00-00-00-00-00-[0-9a-f]{8}$/);
  expect(stderr).toMatch(/RUN_ID "scheduled__.*" is used as run id scheduled-/);
  expect(summary).toMatchObject({ lake: join(site.cwd, "my lake"), warehouse: join(site.cwd, "my.duckdb") });
  expect(keys({ lake: summary.lake ?? "" }, "raw/")).toEqual([expect.stringMatching(/\.zst$/)]);
  expect(existsSync(join(site.cwd, ".spacex-etl"))).toBe(false);
  const again = await site.plain("run", { env: { ...env, SPACEX_ETL_JSON: "1" } });
  expect(JSON.parse(again.stdout)).toMatchObject({ runId: summary.runId, status: "unchanged" });
});
