import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collections } from "@spacex-etl/spacex-client/tables";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { contentOf } from "../harness/database.ts";
import { completeOf, expectNothingCommitted } from "../harness/run-files.ts";
import { expectFailure, openSite, type Site } from "../harness/site.ts";

/** One object, one small list, and one that is sent in chunks, which are three ways to be cut. */
const NAMES = ["company", "crew", "launches"] as const;
const COLLECTIONS = NAMES.join(",");

// Most of the time here is waiting for the next attempt.
vi.setConfig({ maxConcurrency: 10 });

let calm: Site;
let expected: Awaited<ReturnType<typeof contentOf>>;

beforeAll(async () => {
  calm = await openSite({ collections: COLLECTIONS });
  const { code, output } = await calm.step("run --run-id r1");
  expect(code, output).toBe(0);
  expected = await contentOf(calm.warehouse);
});

afterAll(() => calm[Symbol.asyncDispose]());

/** Raw parts are named by their content, so equal names are equal bytes. */
function partsOf(site: Site): unknown[] {
  return NAMES.map((name) => {
    const manifest = JSON.parse(
      readFileSync(join(site.lake, "runs", "r1", "extract", `${name}.json`), "utf8"),
    ) as {
      readonly parts: readonly { readonly path: string }[];
    };
    return manifest.parts.map(({ path }) => path);
  });
}

async function expectWhole(site: Site): Promise<void> {
  expect(partsOf(site)).toEqual(partsOf(calm));
  expect(await contentOf(site.warehouse)).toEqual(expected);
}

test.concurrent.each([
  ["latency:150", "is slow"],
  ["5xx:3", "answers 502, 503, 523 and 500"],
  ["reset:2", "resets the connection in the middle of a body"],
  ["truncate:2", "ends a body early"],
  ["outage-400:2", "answers 400 because its database is away"],
  ["changing:1", "changes between reading and counting"],
  ["429,5xx,reset,truncate,latency:20", "has a bad day"],
])("with %s the run is complete and right: the API %s", async (faults) => {
  await using site = await openSite({ collections: COLLECTIONS, faults });
  const { summary, code, stderr, output } = await site.step("run --run-id r1");
  expect(code, output).toBe(0);
  expect(summary.status).toBe("ok");
  await expectWhole(site);
  if (!faults.startsWith("latency")) expect(stderr, "a retry is told").toMatch(/again|retry/i);
  const sent = site.simulator.requests.filter(({ method }) => method === "GET").length;
  if (!faults.startsWith("latency")) expect(sent, "the fault was there").toBeGreaterThan(NAMES.length);
});

test.concurrent("Retry-After is waited for, on every route of its own", async () => {
  await using site = await openSite({ collections: COLLECTIONS, faults: "429:2" });
  const { code, output, stderr } = await site.step("run --run-id r1");
  expect(code, output).toBe(0);
  expect(stderr).toMatch(/429/);
  await expectWhole(site);
  const { requests } = site.simulator;
  const refused = requests.filter(({ status }) => status === 429);
  expect(refused, "two of each list, of the object, and of both counts").toHaveLength(10);
  for (const { method, path, at } of refused) {
    const next = requests.find(
      (request) => request.method === method && request.path === path && request.at > at,
    );
    expect((next?.at ?? 0) - at, `${method} ${path}`).toBeGreaterThanOrEqual(1000);
  }
});

function mostAttempts({ simulator }: Site): number {
  const attempts = new Map<string, number>();
  for (const { method, path } of simulator.requests) {
    attempts.set(`${method} ${path}`, (attempts.get(`${method} ${path}`) ?? 0) + 1);
  }
  return Math.max(...attempts.values());
}

interface Outage {
  readonly faults: string;
  readonly exitCode: number;
  readonly code: string;
  readonly says: RegExp;
}

const OUTAGES: readonly Outage[] = [
  { faults: "down", exitCode: 4, code: "SOURCE_UNREACHABLE", says: /network/ },
  { faults: "429:all", exitCode: 5, code: "SOURCE_BUSY", says: /Try again later/ },
  { faults: "5xx:all", exitCode: 4, code: "SOURCE_UNAVAILABLE", says: /Try again later/ },
  { faults: "reset:all", exitCode: 4, code: "SOURCE_INTERRUPTED", says: /interrupted after \d+ bytes/ },
  { faults: "truncate:all", exitCode: 4, code: "SOURCE_INTERRUPTED", says: /interrupted after \d+ bytes/ },
  { faults: "edge", exitCode: 3, code: "SOURCE_REFUSED", says: /firewall/ },
  { faults: "edge:all", exitCode: 3, code: "SOURCE_REFUSED", says: /firewall/ },
  { faults: "outage-400:all", exitCode: 4, code: "SOURCE_OUTAGE", says: /its database is away/ },
  { faults: "changing:all", exitCode: 4, code: "COUNT_MISMATCH", says: /twice over, but the source counts/ },
];

test.concurrent.each(OUTAGES)(
  "with $faults the run gives up with $code and exit code $exitCode, and goes on later",
  async ({ faults, ...failure }) => {
    await using site = await openSite({ collections: COLLECTIONS, faults });
    const failed = await site.step("run --run-id r1");
    expectFailure(failed, failure);
    expectFailure(failed, { ...failure, says: /--run-id r1 goes on with the rest/ });
    expectNothingCommitted(site);
    const complete = completeOf(site, "r1");
    expect(failed.summary.collections.map(({ name }) => name)).toEqual(complete);
    expect(mostAttempts(site), "attempts of the client are not multiplied").toBeLessThanOrEqual(5);

    site.setFaults("");
    const before = site.simulator.requests.length;
    const { code, output } = await site.step("run --run-id r1");
    expect(code, output).toBe(0);
    const routes = site.simulator.requests.slice(before).map(({ path }) => path.replace(/\/query$/, ""));
    const fetched = NAMES.filter((name) => routes.includes(collections[name].route));
    expect(fetched).toEqual(NAMES.filter((name) => !complete.includes(name)));
    await expectWhole(site);
  },
);

test.concurrent("a collection that fails leaves the others complete; only it is fetched again", async () => {
  await using site = await openSite({ collections: COLLECTIONS });
  site.simulator.replace("crew", [{ id: "5ebf1a6e23a9a60006e03a7a", name: 7 }]);
  const failed = await site.step("run --run-id r1");
  expectFailure(failed, { exitCode: 7, code: "RECORDS_INVALID", says: /2 of 3 collections are complete/ });
  expectNothingCommitted(site);
  expect(completeOf(site, "r1")).toEqual(["company", "launches"]);
  site.simulator.replace("crew", []);
  const before = site.simulator.requests.length;
  const { summary, output } = await site.step("run --run-id r1");
  expect(summary.exitCode, output).toBe(0);
  expect(summary.collections.map(({ name, requests }) => [name, requests])).toEqual([
    ["company", 0],
    ["crew", 2],
    ["launches", 0],
  ]);
  expect(site.simulator.requests.length - before).toBe(2);
});
