import { expect, test } from "vitest";
import { contentOf, query } from "../harness/database.ts";
import { completeOf, differences, parquet, tablesOfRun } from "../harness/run-files.ts";
import { queryAll } from "../harness/query-all.ts";
import { random } from "../harness/random.ts";
import { openSite, type Site, type StepResult } from "../harness/site.ts";

/** Same seed, same delays; another one with CONCURRENCY_SEED, more of them with CONCURRENCY_ROUNDS. */
const SEED = Number(process.env["CONCURRENCY_SEED"] ?? 20261122);
const ROUNDS = Number(process.env["CONCURRENCY_ROUNDS"] ?? 2);
const NAMES = ["crew", "landpads", "launchpads"] as const;

/** Records of one generation: every value of theirs that can says which, also the rows of their child tables. */
function publish({ simulator }: Site, generation: number): void {
  const mark = `generation ${generation}`;
  const id = (name: string, n: number): string =>
    `${Buffer.from(name).toString("hex").slice(0, 12)}${String(n).padStart(12, "0")}`;
  const marked = { status: "active", launches: Array.from({ length: 1 + (generation % 3) }, () => mark) };
  const place = {
    name: mark,
    full_name: mark,
    locality: mark,
    region: mark,
    latitude: generation,
    longitude: 0,
    details: mark,
  };
  const make: Record<(typeof NAMES)[number], (n: number) => unknown> = {
    crew: (n) => ({ id: id("crew", n), name: mark, agency: mark, image: mark, wikipedia: mark, ...marked }),
    landpads: (n) => ({
      id: id("landpads", n),
      type: mark,
      wikipedia: mark,
      landing_attempts: generation,
      landing_successes: 0,
      images: { large: [mark] },
      ...place,
      ...marked,
    }),
    launchpads: (n) => ({
      id: id("launchpads", n),
      timezone: mark,
      launch_attempts: generation,
      launch_successes: 0,
      rockets: [mark],
      images: { large: [mark] },
      ...place,
      ...marked,
    }),
  };
  for (const name of NAMES)
    simulator.replace(
      name,
      Array.from({ length: 8 }, (_, n) => make[name](n)),
    );
}

/** Publishes a new generation every few milliseconds while the work goes on. */
async function whileChanging<T>(site: Site, work: () => Promise<T>): Promise<T> {
  let generation = 0;
  publish(site, generation);
  const timer = setInterval(() => publish(site, ++generation), 20);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Two commands, the second begun a seeded moment after the first. */
async function together(
  site: Site,
  words: readonly [string, string],
  delayMs: number,
): Promise<StepResult[]> {
  const later = pause(delayMs).then(() => site.step(words[1]));
  return Promise.all([site.step(words[0]), later]);
}

/** Each collection of the run comes whole from one moment, its child rows too. */
async function expectWhole(site: Site, runId: string): Promise<void> {
  expect(completeOf(site, runId)).toEqual([...NAMES]);
  const { collections } = tablesOfRun(site, runId);
  const marks = collections.map(({ tables }) =>
    tables
      .map(({ spec, parts }) => {
        const column = spec.parent === undefined ? "name" : (spec.columns[0]?.name ?? "value");
        return `SELECT "${column}" AS mark FROM ${parquet(site, parts)}`;
      })
      .join(" UNION "),
  );
  const generations = await queryAll(site.warehouse, marks);
  for (const [index, { name }] of collections.entries()) {
    expect(generations[index], `generations in ${name} of ${runId}`).toHaveLength(1);
  }
}

/** The warehouse holds, of every collection, exactly the rows of the run that read it last. */
async function expectNewest(site: Site, runIds: readonly string[]): Promise<void> {
  const runs = runIds.map((runId) => tablesOfRun(site, runId));
  for (const name of NAMES) {
    const readAt = (run: (typeof runs)[number]): string =>
      run.collections.find((collection) => collection.name === name)?.extractedAt ?? "";
    const newest = runs.toSorted((a, b) => (readAt(a) < readAt(b) ? 1 : -1))[0];
    if (newest === undefined) throw new Error("no run");
    expect(await differences(site, newest, [name]), `${name} against ${newest.runId}`).toEqual({});
  }
}

async function expectClean(site: Site): Promise<void> {
  const { document, output } = await site.report("verify");
  expect(document, output).toMatchObject({ findings: [], exitCode: 0 });
}

test.concurrent(`two processes with the same run id make one run (seed ${SEED})`, async () => {
  await using site = await openSite({ collections: NAMES.join(","), processes: true });
  const next = random(SEED);
  const runIds: string[] = [];
  await whileChanging(site, async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      const runId = `same-${round}`;
      runIds.push(runId);
      const results = await together(site, [`run --run-id ${runId}`, `run --run-id ${runId}`], next() * 300);
      const codes = results.map(({ code }) => code);
      expect(
        codes.every((code) => code === 0 || code === 5),
        results.map(({ output }) => output).join(),
      ).toBe(true);
      expect(codes, "at least one of them ends well").toContain(0);
    }
  });
  for (const runId of runIds) await expectWhole(site, runId);
  await expectNewest(site, runIds);
  const ledger = await query(site.warehouse, "SELECT run_id FROM raw._loads ORDER BY loaded_at");
  expect(ledger.map(({ run_id }) => run_id)).toEqual(runIds);
  await expectClean(site);
});

test.concurrent(`two runs at once never mix, and the newest extraction stays (seed ${SEED})`, async () => {
  await using site = await openSite({ collections: NAMES.join(","), processes: true });
  const next = random(SEED + 1);
  const runIds: string[] = [];
  await whileChanging(site, async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      const pair = [`left-${round}`, `right-${round}`] as const;
      runIds.push(...pair);
      const results = await together(
        site,
        [`run --run-id ${pair[0]}`, `run --run-id ${pair[1]}`],
        next() * 200,
      );
      for (const { code, output } of results) expect(code, output).toBe(0);
    }
  });
  for (const runId of runIds) await expectWhole(site, runId);
  await expectNewest(site, runIds);
  await expectClean(site);
});

test.concurrent("an older extraction that is loaded after a newer one changes nothing, and says so", async () => {
  await using site = await openSite({ collections: NAMES.join(",") });
  publish(site, 1);
  for (const step of ["extract", "normalize"]) {
    const { code, output } = await site.step(`${step} --run-id older`);
    expect(code, output).toBe(0);
  }
  publish(site, 2);
  const newer = await site.step("run --run-id newer");
  expect(newer.code, newer.output).toBe(0);
  const before = await contentOf(site.warehouse);
  const ledger = await query(site.warehouse, "FROM raw._loads");

  const [late, people] = [await site.step("load --run-id older"), await site.plain("load --run-id older")];
  expect(late.summary, late.output).toMatchObject({ status: "superseded", exitCode: 0 });
  expect(
    late.summary.tables.every(({ inserted, updated, deleted }) => inserted + updated + deleted === 0),
  ).toBe(true);
  expect(people.code, people.output).toBe(0);
  expect(people.stdout).toMatch(/newer extraction/);
  expect(await contentOf(site.warehouse)).toEqual(before);
  expect(await query(site.warehouse, "FROM raw._loads")).toEqual(ledger);

  const alone = await site.step(`load --run-id older --warehouse ${site.cwd}/other.duckdb`);
  expect(alone.summary.status, "it is only older, not broken").toBe("ok");
});
