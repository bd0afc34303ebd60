import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, query } from "../harness/database.ts";
import { expectNothingCommitted, keys, onlyKey } from "../harness/run-files.ts";
import { rawLines } from "../harness/lake.ts";
import { expectFailure, openSite, type Site } from "../harness/site.ts";

type Member = Record<string, unknown> & { readonly id: string };

const ids = Array.from({ length: 12 }, (_, n) => `5ebf1a6e23a9a60006e0${String(n).padStart(4, "0")}`);

/** Twelve people who are as the API has them, but for what is asked. */
function people(changes: Readonly<Record<number, Record<string, unknown>>> = {}): Member[] {
  return ids.map((id, n) => ({
    name: `Person ${n}`,
    agency: "NASA",
    image: null,
    wikipedia: null,
    launches: [`launch-${n}`],
    status: "active",
    id,
    ...changes[n],
  }));
}

function without(member: Member | undefined, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(member ?? {}).filter(([name]) => name !== field));
}

async function crewSite(records: readonly unknown[]): Promise<Site> {
  const site = await openSite({ collections: "crew" });
  site.simulator.replace("crew", records);
  return site;
}

describe("records that do not fit", () => {
  const [first, ...others] = people();
  test.each([
    [
      "a wrong type",
      people({ 3: { name: 42 } }),
      "RECORDS_INVALID",
      /1 of 12 .*e00003: name: .*string.*quarantine.*--max-invalid 1/s,
    ],
    [
      "a missing required field",
      [without(first, "launches"), ...others],
      "RECORDS_INVALID",
      /e00000: launches: /,
    ],
    ["a missing key", [without(first, "id"), ...others], "RECORDS_INVALID", /number 0: id: /],
    [
      "a wrong type inside an array",
      people({ 5: { launches: ["a", 7] } }),
      "RECORDS_INVALID",
      /launches\[1\]: /,
    ],
    [
      "duplicate ids",
      [...people(), ...people().slice(0, 2)],
      "DUPLICATE_KEYS",
      /2 records have a key that came before.*e00000/s,
    ],
  ])("%s is an error that names record and field; nothing is committed", async (_, records, code, says) => {
    await using site = await crewSite(records);
    const failed = await site.step("run --run-id r1");
    expectFailure(failed, { exitCode: 7, code, says });
    expectNothingCommitted(site);
    site.simulator.replace("crew", people());
    const again = await site.step("run --run-id r1");
    expect(again.summary.tables, again.output).toMatchObject([{ name: "crew", rows: 12, inserted: 12 }]);
  });

  test("within --max-invalid they go to quarantine, and their rows are not deleted", async () => {
    await using site = await crewSite(people());
    expect((await site.step("run")).code).toBe(0);
    site.simulator.replace("crew", people({ 2: { name: 42 }, 4: { name: "Renamed" } }).slice(0, 11));
    const { summary, output } = await site.step("run --run-id r2 --max-invalid 1");
    expect(summary.exitCode, output).toBe(0);
    expect(summary.collections).toMatchObject([{ name: "crew", records: 10, invalid: 1 }]);
    expect(summary.tables).toMatchObject([{ rows: 11, inserted: 0, updated: 1, deleted: 1, unchanged: 10 }]);
    const rows = await query(
      site.warehouse,
      "SELECT name FROM raw.crew WHERE _deleted_at IS NULL ORDER BY name",
    );
    expect(rows).toHaveLength(11);
    expect(rows).toContainEqual({ name: "Person 2" });
    expect(await query(site.warehouse, "SELECT name FROM raw.crew WHERE _deleted_at IS NOT NULL")).toEqual([
      { name: "Person 11" },
    ]);
    const line = readFileSync(join(site.lake, onlyKey(site, /run=r2\/quarantine-/)), "utf8");
    expect(JSON.parse(line)).toMatchObject({
      key: ids[2],
      raw: JSON.stringify(people({ 2: { name: 42 } })[2]),
    });
    const told = await site.plain("run --max-invalid 1");
    expect(told.stdout, told.output).toMatch(/crew: 1 invalid record in quarantine/);
  });
});

describe("fields that the schema does not know", () => {
  let site: Site;
  const drifting = people({ 1: { suit: "SpaceX 7", medals: [{ year: 2020 }] }, 2: { suit: null } });

  beforeAll(async () => {
    site = await crewSite(drifting);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test("with --strict they are an error of exit code 6, and nothing is committed", async () => {
    const failed = await site.step("run --run-id strict --strict");
    expectFailure(failed, { exitCode: 6, code: "SCHEMA_DRIFT", says: /suit \(2 records\).*--strict/s });
    expectNothingCommitted(site);
    expect(keys(site, "runs/strict/extract/")).toEqual([]);
  });

  test("without it they stay in raw, are reported, and the rest is loaded", async () => {
    const { summary, stderr, output } = await site.step("run --run-id r1");
    expect(summary.exitCode, output).toBe(0);
    expect(summary.collections[0]?.drift).toContainEqual({ path: "suit", records: 2 });
    expect(summary.collections[0]?.drift.map(({ path }) => path)).toContainEqual(
      expect.stringMatching(/^medals/),
    );
    expect(stderr).toMatch(/warning.*crew: unknown field suit in 2 records/i);
    expect(rawLines(site.lake, "r1", "crew")).toEqual(drifting.map((record) => JSON.stringify(record)));
    const columns = await query(site.warehouse, "SELECT column_name AS name FROM (DESCRIBE raw.crew)");
    expect(columns.map(({ name }) => name)).not.toContain("suit");
    expect(summary.tables).toMatchObject([{ rows: 12, inserted: 12 }]);
  });

  test("a later run on the same answer tells it again, to people too, and --strict still refuses it", async () => {
    const told = await site.plain("run");
    expect(told.code, told.output).toBe(0);
    expect(told.stdout).toMatch(/crew: fields unknown to the schema, kept in raw: .*suit \(2\)/s);
    const before = await contentOf(site.warehouse);
    const strict = await site.step("run --strict");
    expectFailure(strict, { exitCode: 6, code: "SCHEMA_DRIFT" });
    expect(await contentOf(site.warehouse)).toEqual(before);
  });
});

describe("records that vanish", () => {
  test.each([
    ["all of them", 0, /came back empty; 12 of its 12 live rows/],
    ["more than a fifth and more than five", 5, /7 of the 12 live rows/],
  ])("%s: refused with exit code 7, done with --allow-deletes", async (_, left, says) => {
    await using site = await crewSite(people());
    expect((await site.step("run")).code).toBe(0);
    const before = await contentOf(site.warehouse);
    site.simulator.replace("crew", people().slice(0, left));
    const refused = await site.step("run --run-id r2");
    expectFailure(refused, { exitCode: 7, code: "DELETES_REFUSED", says });
    expectFailure(refused, { exitCode: 7, code: "DELETES_REFUSED", says: /--allow-deletes/ });
    expect(await contentOf(site.warehouse)).toEqual(before);

    const requests = site.simulator.requests.length;
    const allowed = await site.step("run --run-id r2 --allow-deletes");
    expect(allowed.summary.tables, allowed.output).toMatchObject([{ rows: left, deleted: 12 - left }]);
    expect(site.simulator.requests.length, "what was extracted is not fetched again").toBe(requests);
    const live = await query(site.warehouse, "SELECT count(*) AS n FROM raw.crew WHERE _deleted_at IS NULL");
    expect(live).toEqual([{ n: String(left) }]);
    const orphans = `SELECT count(*) AS n FROM raw.crew__launches WHERE _parent_id NOT IN (SELECT id FROM raw.crew WHERE _deleted_at IS NULL)`;
    expect(await query(site.warehouse, orphans)).toEqual([{ n: "0" }]);
  });
});
