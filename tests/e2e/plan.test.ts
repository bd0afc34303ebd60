import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lakeObjects } from "../harness/lake.ts";
import { query } from "../harness/database.ts";
import { openSite, type Site } from "../harness/site.ts";

interface Planned {
  readonly method: string;
  readonly url: string;
  readonly conditional: boolean;
  readonly prefix: string;
}

interface Access {
  readonly key: string;
  readonly location: string;
  readonly conditional: boolean;
}

async function planned(
  site: Site,
  flags = "",
): Promise<{
  requests: Planned[];
  lake: { reads: Access[]; writes: Access[] };
  load: { statements: { sql: string }[]; decision: string };
}> {
  const before = site.simulator.requests.length;
  const { document, code, output } = await site.report(`plan ${flags}`);
  expect(code, output).toBe(0);
  expect(site.simulator.requests.length, "a plan asks nobody").toBe(before);
  return document as unknown as Awaited<ReturnType<typeof planned>>;
}

/** What the simulator saw since, in an order of its own. */
async function sentBy(site: Site, words: string): Promise<string[]> {
  const before = site.simulator.requests.length;
  const { code, output } = await site.step(words);
  expect(code, output).toBe(0);
  return site.simulator.requests
    .slice(before)
    .map(({ method, path }) => `${method} ${site.simulator.url}${path}`)
    .toSorted();
}

const asSent = (requests: readonly Planned[]): string[] =>
  requests.map(({ method, url }) => `${method} ${url}`).toSorted();

/** Those that are sent whatever the answers are. */
const sure = (requests: readonly Planned[]): Planned[] =>
  requests.filter(({ method, conditional }) => method === "GET" || !conditional);

test("a first run: plan writes nothing, and its requests and prefixes are what then happens", async () => {
  await using site = await openSite();
  const plan = await planned(site, "--run-id r1");
  expect(readdirSync(site.cwd)).toEqual([]);
  expect(plan.requests.every(({ conditional }) => !conditional)).toBe(true);
  expect(await sentBy(site, "run --run-id r1")).toEqual(asSent(plan.requests));
  const prefixes = [...new Set(plan.requests.map(({ prefix }) => prefix))].toSorted();
  const written = Object.keys(lakeObjects(site.lake, "raw/")).map((key) => key.replace(/[^/]+$/, ""));
  expect([...new Set(written)].toSorted()).toEqual(prefixes);
  const { writes } = plan.lake;
  expect(writes.every(({ key, location }) => location === `${site.lake}/${key}`)).toBe(true);
  const unplanned = Object.keys(lakeObjects(site.lake)).filter(
    (object) => !writes.some(({ key, conditional }) => !conditional && object.startsWith(key)),
  );
  expect(unplanned).toEqual([]);

  const columns = (table: string): RegExp =>
    new RegExp(`CREATE TABLE (IF NOT EXISTS )?"warehouse"\\."raw"\\."${table}"`);
  for (const { table_name } of await query(
    site.warehouse,
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'",
  )) {
    const ddl = plan.load.statements.filter(({ sql }) => columns(String(table_name)).test(sql));
    expect(ddl, `DDL of ${String(table_name)}`).toHaveLength(1);
  }
});

test("an unchanged second run: only the conditional requests are sent, and nothing is written by the plan", async () => {
  await using site = await openSite();
  await sentBy(site, "run --run-id r1");
  const [objects, database] = [lakeObjects(site.lake), readFileSync(site.warehouse)];
  const plan = await planned(site, "--run-id r2");
  expect(plan.requests.filter(({ method }) => method === "GET").every(({ conditional }) => conditional)).toBe(
    true,
  );
  expect(lakeObjects(site.lake)).toEqual(objects);
  expect(readFileSync(site.warehouse).equals(database)).toBe(true);
  expect(existsSync(`${site.warehouse}.wal`)).toBe(false);
  expect(await sentBy(site, "run --run-id r2")).toEqual(asSent(sure(plan.requests)));
  const added = Object.keys(lakeObjects(site.lake)).filter((key) => !(key in objects));
  const always = plan.lake.writes.filter(({ conditional }) => !conditional);
  expect(added.filter((object) => !always.some(({ key }) => object.startsWith(key)))).toEqual([]);
  expect(always.filter(({ key }) => !added.some((object) => object.startsWith(key)))).toEqual([]);

  const people = await site.plain("plan --run-id r3");
  const earlier = people.stdout.split("\n").filter((line) => /^ {2}reads .*\/tables\//.test(line));
  expect(earlier, "one line for all tables that are taken over").toEqual([
    expect.stringMatching(
      /\/tables\/\*\/run=r1\/ {2}\(tables, .*if unchanged and not yet in the warehouse\)$/,
    ),
  ]);

  // With a part gone the collection is read whole, whatever its ETag says; the plan knows.
  const [part = "no part"] = Object.keys(lakeObjects(site.lake, "raw/simulated/crew/"));
  rmSync(join(site.lake, part));
  const mending = await planned(site);
  const unconditional = mending.requests.filter(({ conditional }) => !conditional);
  expect(new Set(unconditional.map(({ prefix }) => prefix.split("/")[2]))).toEqual(new Set(["crew"]));
  expect(await sentBy(site, "run --run-id r2b")).toEqual(asSent(sure(mending.requests)));

  const full = await planned(site, "--no-etag");
  expect(await sentBy(site, "run --run-id r3 --no-etag")).toEqual(asSent(full.requests));
});

test("a run that is half done: what is complete is not planned again", async () => {
  await using site = await openSite();
  site.simulator.replace("crew", [{ id: 1 }]);
  expect((await site.step("run --run-id r1")).code).toBe(7);
  site.simulator.replace("crew", []);
  const plan = await planned(site, "--run-id r1");
  expect(new Set(plan.requests.map(({ url }) => url))).toEqual(
    new Set([`${site.simulator.url}/v4/crew`, `${site.simulator.url}/v4/crew/query`]),
  );
  const written = lakeObjects(site.lake);
  expect(await sentBy(site, "extract --run-id r1")).toEqual(asSent(plan.requests));
  await sentBy(site, "normalize --run-id r1");
  const there = Object.keys(lakeObjects(site.lake));
  const added = there.filter((key) => !(key in written));
  const { writes } = plan.lake;
  expect(added.filter((object) => !writes.some(({ key }) => object.startsWith(key)))).toEqual([]);
  // The crew is none, and so is what would be written of it. A table that the first run began ahead is there already.
  const idle = writes.filter(
    ({ key }) => !key.includes("/crew") && !there.some((one) => one.startsWith(key)),
  );
  expect(idle).toEqual([]);
  const load = await planned(site, "--run-id r1");
  expect(load).toMatchObject({ requests: [], load: { decision: "load" } });
  await sentBy(site, "load --run-id r1");
  expect((await planned(site, "--run-id r1")).load.decision).toBe("already-loaded");
  const people = await site.plain("plan --run-id r1");
  expect(people.stdout).toMatch(/this run was loaded at .*; nothing to do/);
});
