import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EtlError } from "@spacex-etl/contracts";
import { type LoadReport, type LoadRequest, loadRun } from "@spacex-etl/warehouse-loaders";
import { type LoaderTarget, TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../harness/random.ts";
import { SMALL_TABLES, type SmallRuns, smallRuns } from "./small-runs.ts";
import { everything, type Tables } from "./tables.ts";

const SEED = Number(process.env["WAREHOUSE_RACE_SEED"] ?? 20261122);
/** Rounds in which nothing but the seed orders the loaders. */
const FREE_ROUNDS = Number(process.env["WAREHOUSE_RACES"] ?? 6);
/** Every so many checkpoints one is overtaken; 1 is worth a nightly run. */
const EVERY = Number(process.env["WAREHOUSE_RACE_EVERY"] ?? 2);
/** One that waits for a lock does not get where it is awaited; the other then goes on. */
const PATIENCE_MS = 200;

export interface RaceWorld<Target extends LoaderTarget = LoaderTarget> extends AsyncDisposable {
  /** An empty warehouse of its own. Its loaders may work at the same time. */
  open(): Target | Promise<Target>;
}

/**
 * Holds the first transaction that comes, before its statement of this number, counted from 0: for a server that executes a
 * transaction by itself, so that no checkpoint is between its statements.
 */
export type HoldInside<Target> = (
  target: Target,
  statement: number,
  there: () => void,
  goOn: Promise<void>,
) => void;

type Ending = { readonly report: LoadReport } | { readonly error: EtlError };

/** Two and more loaders at once, in one process but with a client each. */
export function testRaces<Target extends LoaderTarget>(
  name: string,
  openWorld: () => Promise<RaceWorld<Target>>,
  hold?: HoldInside<Target>,
): void {
  describe(`races on ${name}`, () => {
    let folder: string;
    let world: RaceWorld<Target>;
    let lake: TestLake;
    let runs: SmallRuns;
    /** Checkpoints of the second load, in their order. */
    const checkpoints: string[] = [];
    let afterFirst: Tables;
    let afterSecond: Tables;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "warehouse-race-"));
      world = await openWorld();
      await using target = await world.open();
      const { publish } = target;
      lake = await TestLake.open(folder, publish === undefined ? undefined : (...file) => publish(...file));
      runs = await smallRuns(lake);
      await load(target, runs.first);
      afterFirst = await everything(target, SMALL_TABLES);
      await load(target, runs.second, (checkpoint) => void checkpoints.push(checkpoint));
      afterSecond = await everything(target, SMALL_TABLES);
    });
    afterAll(async () => {
      await lake?.[Symbol.asyncDispose]();
      await world?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    async function load(
      target: LoaderTarget,
      request: LoadRequest,
      checkpoint?: (name: string) => Promise<void> | void,
    ): Promise<LoadReport> {
      const now = request === runs.first ? "2100-02-01T00:00:00.000Z" : "2100-02-02T00:00:00.000Z";
      await using loader = target.loader({ now: () => new Date(now) });
      return await loadRun(loader, request, checkpoint === undefined ? {} : { checkpoint });
    }

    /** Whoever does not load it says why, and may try again. */
    async function ending(loading: Promise<LoadReport>, where: string): Promise<Ending> {
      try {
        return { report: await loading };
      } catch (error) {
        if (!EtlError.isInstance(error)) throw error;
        expect(error.retryable, `${where}: ${error.message}`).toBe(true);
        expect(error.hint, where).toMatch(/\w/);
        return { error };
      }
    }

    const outcomes = (endings: readonly Ending[]): string[] =>
      endings.map((each) => ("report" in each ? each.report.outcome : each.error.code)).toSorted();

    async function expectLoadedOnce(
      target: LoaderTarget,
      endings: readonly Ending[],
      where: string,
    ): Promise<void> {
      expect(
        outcomes(endings).filter((outcome) => outcome === "loaded"),
        where,
      ).toHaveLength(1);
      expect((await load(target, runs.second)).outcome, where).toBe("already-loaded");
      expect(await everything(target, SMALL_TABLES), where).toEqual(afterSecond);
    }

    /**
     * Starts one, holds it at a checkpoint, or before a statement of its transaction, until the other is done or waits, and
     * lets it go on.
     */
    async function overtaken(
      target: Target,
      [slow, fast]: readonly [LoadRequest, LoadRequest],
      at: string | number,
    ): Promise<{ readonly endings: readonly Ending[]; readonly held: boolean }> {
      const there = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      let held = false;
      const arrive = (): void => {
        held = true;
        there.resolve();
      };
      if (typeof at === "number") hold?.(target, at, arrive, goOn.promise);
      const checkpoint = async (name: string): Promise<void> => {
        if (name !== at) return;
        arrive();
        await goOn.promise;
      };
      const first = ending(load(target, slow, checkpoint), `${at}, the one that is overtaken`);
      await Promise.race([there.promise, first]);
      const second = ending(load(target, fast), `${at}, the one that overtakes`);
      await Promise.race([second, sleep(PATIENCE_MS)]);
      goOn.resolve();
      return { endings: await Promise.all([first, second]), held };
    }

    const nearCommit = (at: number): boolean => at >= checkpoints.indexOf("load.before-commit") - 1;

    test(`the same run, one overtaken by the other at one of ${EVERY} checkpoints`, async () => {
      expect(checkpoints).toContain("load.before-commit");
      for (const at of checkpoints.filter((_, index) => index % EVERY === 0 || nearCommit(index))) {
        await using target = await world.open();
        await load(target, runs.first);
        const { endings } = await overtaken(target, [runs.second, runs.second], at);
        await expectLoadedOnce(target, endings, at);
      }
    });

    test("two runs, the newer overtaken by the older and the other way round", async () => {
      for (const at of checkpoints.filter((_, index) => index % (2 * EVERY) === 0 || nearCommit(index))) {
        for (const newerFirst of [true, false]) {
          const where = `${at}, ${newerFirst ? "the newer" : "the older"} one first`;
          await using target = await world.open();
          const pair = newerFirst
            ? ([runs.second, runs.first] as const)
            : ([runs.first, runs.second] as const);
          await overtaken(target, pair, at);
          await expectNewest(target, where);
        }
      }
    });

    if (hold !== undefined) {
      test("two runs, one overtaken inside of its transaction, where the server has it alone", async () => {
        for (let statement = 0; statement < 100; statement += 1) {
          await using target = await world.open();
          const { held } = await overtaken(target, [runs.first, runs.second], statement);
          await expectNewest(target, `statement ${statement}`);
          if (held) continue;
          expect(statement).toBeGreaterThan(10);
          break;
        }
      });
    }

    /** Tries again whoever was told to, as a scheduler does; then the rows are those of the newer run. */
    async function expectNewest(target: LoaderTarget, where: string): Promise<void> {
      const outcome = [(await load(target, runs.first)).outcome, (await load(target, runs.second)).outcome];
      expect(outcome, where).toContain("already-loaded");
      const found = await everything(target, SMALL_TABLES);
      const loads = found["_loads"]!.map((row) => row["run_id"]);
      expect(new Set(loads).size, `${where}: ${loads.join(", ")}`).toBe(loads.length);
      expect(live(found), where).toEqual(live(afterSecond));
      const times = new Set(found["_loads"]!.map((row) => row["loaded_at"]));
      expect(times.size, where).toBe(loads.length);
      expect(live(afterFirst)).not.toEqual(live(afterSecond));
    }

    test(`three loaders at once, ${FREE_ROUNDS} times (seed ${SEED})`, async () => {
      const next = random(SEED);
      for (let round = 0; round < FREE_ROUNDS; round += 1) {
        const where = `round ${round} (WAREHOUSE_RACE_SEED=${SEED})`;
        await using target = await world.open();
        const fresh = round % 2 === 0;
        if (!fresh) await load(target, runs.first);
        const endings = await Promise.all(
          Array.from({ length: 3 }, async (_, index) => {
            await sleep(next() * 60);
            const request = fresh && index < 1 ? runs.first : runs.second;
            return await ending(load(target, request), where);
          }),
        );
        if (fresh) await expectNewest(target, where);
        else await expectLoadedOnce(target, endings, where);
      }
    });
  });
}

/** Live rows without what depends on who came first. */
function live(tables: Tables): Tables {
  return Object.fromEntries(
    SMALL_TABLES.map((table) => [
      table,
      (tables[table] ?? [])
        .filter((row) => (row["_deleted_at"] ?? null) === null)
        .map(({ _run_id, _loaded_at, ...row }) => row)
        .map((row) => JSON.stringify(row))
        .toSorted()
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    ]),
  );
}
