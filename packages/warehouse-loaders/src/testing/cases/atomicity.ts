import type { CollectionSpec } from "@spacex-etl/contracts";
import { describe, expect, test } from "vitest";
import type { LoadRequest } from "../../loader/load-request.ts";
import { expectAsItWas } from "../as-it-was.ts";
import { loadInProcess } from "../load-process.ts";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, expectError, type Scenario, scenario, scenarioOf } from "../scenario.ts";
import { anOrder, orders, ordersWider, products, someOrders } from "../shop.ts";
import { requestOf, type TestLake } from "../test-lake.ts";

const TABLES = [
  "orders",
  "orders__lines",
  "orders__lines__discounts",
  "orders__tags",
  "orders__gifts",
  "products",
  "products__sizes",
];
const EVERYTHING = [...TABLES, "_loads", "_tables"];
const CLOCK = [day(40), day(41)] as const;
const LEAST_CHECKPOINTS = 20;

/** All or nothing, whoever looks and whatever dies. */
export function atomicityCases(suite: LoaderSuite): void {
  describe("atomicity", () => {
    test("a reader sees the old state until the commit, then the new one", () =>
      scenario(suite, async (all) => {
        const [first, second] = await twoRuns(
          all.lake,
          suite.alteredTablesBlock === true ? orders : ordersWider,
        );
        await all.load(first);
        const before = await all.everything(TABLES);
        const seen = new Map<string, Awaited<ReturnType<Scenario["everything"]>>>();
        await all.load(second, {
          checkpoint: async (name) => {
            seen.set(name, await all.everything(TABLES));
          },
        });
        const after = await all.everything(TABLES);
        const names = [...seen.keys()];
        const [begun, done] = [names.indexOf("load.before-commit"), names.indexOf("load.after-commit")];
        expect(begun).toBeGreaterThanOrEqual((suite.leastCheckpoints ?? LEAST_CHECKPOINTS) / 2);
        for (const [index, [name, state]] of [...seen].entries()) {
          if (index <= begun) expectAsItWas(suite, state, before, name);
          if (index >= done) expect(state, name).toEqual(after);
        }
        expect(after).not.toEqual(before);
      }));

    test("a load that fails or is stopped leaves everything as it was, and can be run again", () =>
      scenario(suite, async (all) => {
        const [first, second] = await twoRuns(all.lake);
        await all.load(first);
        const before = await all.everything(EVERYTHING);
        const failure = new Error("the caller failed");
        const failing = all.load(second, {
          checkpoint: (name) => {
            if (name === "load.before-commit") throw failure;
          },
        });
        await expect(failing).rejects.toBe(failure);
        expectAsItWas(suite, await all.everything(EVERYTHING), before);

        const data = await dataCheckpoints(all, second);
        const controller = new AbortController();
        const stopped = all.load(second, {
          signal: controller.signal,
          checkpoint: (name) => {
            if (data.has(name) || name === "load.before-commit") controller.abort();
          },
        });
        await expectError(stopped, "LOAD_ABORTED", 130);
        expectAsItWas(suite, await all.everything(EVERYTHING), before);
        expect(countsOf(await all.load(second), "orders")).toMatchObject({
          inserted: 1,
          updated: 2,
          deleted: 1,
        });
      }));

    test(
      "killed at any checkpoint and run again, the result is that of an undisturbed load",
      () =>
        scenario(suite, async (all) => {
          const [first, second] = await twoRuns(all.lake);
          const names: string[] = [];
          await all.load(first, clock(0));
          const before = await all.everything(EVERYTHING);
          await all.load(second, { ...clock(1), checkpoint: (name) => void names.push(name) });
          const undisturbed = await all.everything(EVERYTHING);
          expect(names.length).toBeGreaterThanOrEqual(suite.leastCheckpoints ?? LEAST_CHECKPOINTS);
          const begun = names.indexOf("load.before-commit");
          const committed = names.indexOf("load.after-commit");

          const kill = async (index: number) => {
            await using target = await suite.open();
            const victim = scenarioOf(target, all.lake);
            await victim.load(first, clock(0));
            const outcome = await loadInProcess(target, { request: second, now: CLOCK[1], killAt: index });
            expect(outcome.signal, names[index]).toBe("SIGKILL");
            const found = await victim.everything(EVERYTHING);
            if (index <= begun) expectAsItWas(suite, found, before, names[index]);
            if (index >= committed) expect(found, names[index]).toEqual(undisturbed);
            const again = await victim.load(second, clock(1));
            // Between the two the transaction is on its way, and either is right.
            if (index <= begun) expect(again.outcome, names[index]).toBe("loaded");
            if (index >= committed) expect(again.outcome, names[index]).toBe("already-loaded");
            expect(await victim.everything(EVERYTHING), names[index]).toEqual(undisturbed);
          };
          const points = killPoints(names, suite.killEvery ?? 5);
          await inPairs(points.length, (point) => kill(points[point]!));
        }),
      300_000,
    );

    test(
      "killed during the very first load, where the warehouse is being made",
      () =>
        scenario(suite, async (all) => {
          const [first] = await twoRuns(all.lake);
          const names: string[] = [];
          await all.load(first, { ...clock(0), checkpoint: (name) => void names.push(name) });
          const undisturbed = await all.everything(EVERYTHING);
          const points = killPoints(names, (suite.killEvery ?? 5) * 3);
          await inPairs(points.length, async (point) => {
            const index = points[point]!;
            const name = names[index]!;
            await using target = await suite.open();
            const outcome = await loadInProcess(target, { request: first, now: CLOCK[0], killAt: index });
            expect(outcome.signal, name).toBe("SIGKILL");
            const victim = scenarioOf(target, all.lake);
            await victim.load(first, clock(0));
            expect(await victim.everything(EVERYTHING), name).toEqual(undisturbed);
          });
        }),
      300_000,
    );

    test(
      "two processes with the same run id: one loads it, the other says so or is told to wait",
      () =>
        scenario(suite, async (all) => {
          const [first] = await twoRuns(all.lake);
          const outcomes = await Promise.all([
            loadInProcess(all.target, { request: first }),
            loadInProcess(all.target, { request: first }),
            loadInProcess(all.target, { request: first }),
          ]);
          expect(outcomes.filter(({ report }) => report?.outcome === "loaded")).toHaveLength(1);
          for (const { exitCode, report, error } of outcomes) {
            expect([0, 5], error?.message).toContain(exitCode);
            if (exitCode === 0) expect(report?.outcome).toMatch(/^(already-)?loaded$/);
          }
          expect(await all.rows("_loads")).toHaveLength(1);
          expect(await all.rows("orders")).toHaveLength(6);
          expect(await all.rows("orders__lines")).toHaveLength(6);
        }),
      60_000,
    );

    test(
      "two processes with different runs: never mixed, the newer extraction stands",
      () =>
        scenario(suite, async (all) => {
          const [first, second] = await twoRuns(all.lake);
          const outcomes = await Promise.all([
            loadInProcess(all.target, { request: first }),
            loadInProcess(all.target, { request: second }),
          ]);
          for (const { exitCode, error } of outcomes) expect([0, 5], error?.message).toContain(exitCode);
          // Whatever the order was, loading both again ends in the state of the newer one.
          await all.load(first);
          await all.load(second);
          const live = (await all.rows("orders", "id")).filter((row) => row["_deleted_at"] === null);
          expect(live.map((row) => [row["id"], row["total"]])).toEqual([
            ["o000", 99],
            ["o001", 12.5],
            ["o002", 12.5],
            ["o003", 12.5],
            ["o004", 12.5],
            ["o900", 12.5],
          ]);
          expect((await all.rows("orders__gifts")).map((row) => row["_parent_id"])).toEqual(["o001"]);
        }),
      60_000,
    );
  });
}

/** The second run alters, creates, inserts, updates, deletes and fills a new collection. */
async function twoRuns(
  lake: TestLake,
  then: CollectionSpec = ordersWider,
): Promise<readonly [LoadRequest, LoadRequest]> {
  const first = requestOf("r1", [await lake.collection(orders, someOrders(6), { extractedAt: day(1) })]);
  const changed = [
    { ...anOrder("o000", { total: 99 }), channel: null, gifts: [] },
    { ...anOrder("o001"), channel: "web", gifts: [{ name: "pen" }] },
    ...someOrders(5)
      .slice(2)
      .map((order) => ({ ...order, channel: null, gifts: [] })),
    { ...anOrder("o900", { tags: ["a", "b"] }), channel: null, gifts: [] },
  ];
  const second = requestOf("r2", [
    await lake.collection(then, changed, { extractedAt: day(2) }),
    await lake.collection(products, [{ id: 1, name: "lamp", sizes: ["s", "m"] }], { extractedAt: day(2) }),
  ]);
  return [first, second];
}

function clock(index: 0 | 1) {
  return { now: () => new Date(CLOCK[index]) };
}

/** Checkpoints inside the transaction, of statements that write rows; none on an engine that sends it as one request. */
async function dataCheckpoints({ target }: Scenario, request: LoadRequest): Promise<ReadonlySet<string>> {
  await using loader = target.loader();
  const { statements } = await loader.preflight(request);
  return new Set(
    statements
      .filter(({ phase, purpose }) => phase === "transaction" && purpose === "data")
      .map(({ name }) => `load.${name}`),
  );
}

function killPoints(names: readonly string[], every: number): number[] {
  return [...names.keys()].filter(
    (index) => index % every === 0 || /file|commit|schema|dataset/.test(names[index]!),
  );
}

/** Two at a time: a process that dies leaves a core idle. */
async function inPairs(count: number, run: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index += 2) {
    await Promise.all([run(index), ...(index + 1 < count ? [run(index + 1)] : [])]);
  }
}
