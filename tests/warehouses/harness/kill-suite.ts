import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadReport, type LoadRequest, loadRun } from "@spacex-etl/warehouse-loaders";
import {
  type LoaderTarget,
  type ProcessJob,
  type ProcessOutcome,
  TestLake,
} from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../harness/random.ts";
import { SMALL_TABLES, type SmallRuns, smallRuns } from "./small-runs.ts";
import { everything, settled, type Tables, withoutNewColumns } from "./tables.ts";

/** Same seed, same points; another one with WAREHOUSE_KILL_SEED, more of them with WAREHOUSE_KILLS. For each warehouse. */
const SEED = Number(process.env["WAREHOUSE_KILL_SEED"] ?? 20261122);
const KILLS = Number(process.env["WAREHOUSE_KILLS"] ?? 60);

/** Every so many times the rerun is killed, too. */
const TWICE = 6;

const STEPS = ["first", "second"] as const;
type Step = (typeof STEPS)[number];
/**
 * One time per load, so that what a rerun leaves can be compared to the letter. Later than any machine has it: a stage
 * expires by it.
 */
const CLOCK: Readonly<Record<Step, string>> = {
  first: "2100-02-01T00:00:00.000Z",
  second: "2100-02-02T00:00:00.000Z",
};

/** A warehouse whose loader can be killed. Its servers are shared by all kills. */
export interface KillWorld<Target extends LoaderTarget = LoaderTarget> extends AsyncDisposable {
  /** How many targets may be worked on at once: more than one where most of the time is waiting. */
  readonly atOnce: number;
  /** An empty warehouse of its own. */
  open(): Promise<Target>;
  /** Loads undisturbed in a process, and names the points at which one can be killed, in their order. */
  points(target: Target, job: ProcessJob): Promise<readonly string[]>;
  /** Whether a kill at this point must always be among those tried. */
  matters(point: string): boolean;
  /** Loads in a process that dies at a point, if it comes by there. */
  kill(target: Target, job: ProcessJob, point: string, next: () => number): Promise<ProcessOutcome>;
  /** Looks into the servers' logs after the rerun. */
  expectOneEffect(target: Target, facts: KillFacts, where: string): Promise<void>;
}

export interface KillFacts {
  readonly request: LoadRequest;
  /** How many runs the ledger now has. */
  readonly loads: number;
  /** Processes and loaders that may have filled stages of the request: one that finds it loaded may not. */
  readonly loaders: number;
}

/** The kill matrix on one warehouse. */
export function testKills<Target extends LoaderTarget>(
  name: string,
  openWorld: () => Promise<KillWorld<Target>>,
): void {
  describe(`kill -9 on ${name}`, () => {
    let folder: string;
    let world: KillWorld<Target>;
    let lake: TestLake;
    let runs: SmallRuns;
    const undisturbed: Partial<Record<Step, Tables>> = {};
    const points: { readonly step: Step; readonly point: string }[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "warehouse-kill-"));
      world = await openWorld();
      await using target = await world.open();
      const { publish } = target;
      lake = await TestLake.open(folder, publish === undefined ? undefined : (...file) => publish(...file));
      runs = await smallRuns(lake);
      for (const step of STEPS) {
        const found = await world.points(target, { request: runs[step], now: CLOCK[step] });
        points.push(...found.map((point) => ({ step, point })));
        undisturbed[step] = await everything(target, SMALL_TABLES);
      }
    });
    afterAll(async () => {
      await lake?.[Symbol.asyncDispose]();
      await world?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    /** As an empty container does it: with nothing but the request. */
    async function load(target: LoaderTarget, step: Step): Promise<LoadReport> {
      await using loader = target.loader({ now: () => new Date(CLOCK[step]) });
      return await loadRun(loader, runs[step]);
    }

    /** @returns how many processes died, one after the other, each at a point of its own. */
    async function tryKill(
      step: Step,
      deaths: readonly string[],
      where: string,
      next: () => number,
    ): Promise<number> {
      await using target = await world.open();
      if (step === "second") await load(target, "first");
      const before = await everything(target, SMALL_TABLES);
      const after = undisturbed[step]!;
      const [request, now] = [runs[step], CLOCK[step]];
      let killed = 0;
      for (const at of deaths) {
        const outcome = await world.kill(target, { request, now }, at, next);
        if (outcome.signal === "SIGKILL") killed += 1;
        else expect(outcome, `${where}: ${outcome.error?.message}`).toMatchObject({ exitCode: 0 });
      }

      const found = await settled(target, SMALL_TABLES);
      const committed = found["_loads"]!.length === after["_loads"]!.length;
      expect(committed ? found : withoutNewColumns(found, before), where).toEqual(committed ? after : before);

      const { outcome } = await load(target, step);
      if (committed) expect(outcome, where).toBe("already-loaded");
      else expect(["loaded", "already-loaded"], where).toContain(outcome);
      expect(await everything(target, SMALL_TABLES), where).toEqual(after);
      const facts = {
        request,
        loads: after["_loads"]!.length,
        loaders: deaths.length + (committed ? 0 : 1),
      };
      await world.expectOneEffect(target, facts, where);
      return killed;
    }

    test(`at ${KILLS} points (seed ${SEED})`, async () => {
      const next = random(SEED);
      const attempts = chosen(points, world, next);
      let [kills, missed, tried] = [0, 0, 0];
      const worker = async (): Promise<void> => {
        while (kills < KILLS) {
          // Up to the kill itself nothing waits, so that whoever comes next draws the same numbers.
          const { value, done } = attempts.next();
          if (done === true) return;
          const { step, point } = value;
          tried += 1;
          // Now and then the one that tries it again dies, too.
          const others = points.filter((other) => other.step === step);
          const another = others[Math.floor(next() * others.length)]!;
          const deaths = [point, ...(tried % TWICE === 0 ? [another.point] : [])];
          const where = `${step} load, ${deaths.join(", then ")} (WAREHOUSE_KILL_SEED=${SEED})`;
          const died = await tryKill(step, deaths, where, random(next() * 2 ** 32));
          kills += died;
          missed += deaths.length - died;
        }
      };
      await Promise.all(Array.from({ length: world.atOnce }, worker));
      expect(
        kills,
        `${tried} tried of ${points.length} points, ${missed} were never reached`,
      ).toBeGreaterThanOrEqual(KILLS);
    }, 1_200_000);
  });
}

/** Those that matter, then one of each of as many equal stretches as there are kills, then whatever is left, over and over. */
function* chosen<T extends { readonly point: string }>(
  points: readonly T[],
  world: Pick<KillWorld, "matters">,
  next: () => number,
): Generator<T> {
  const important = points.filter(({ point }) => world.matters(point));
  yield* important;
  for (let round = 0; round < 10; round += 1) {
    const stretches = Math.max(1, Math.min(points.length, KILLS - (round === 0 ? important.length : 0)));
    for (let index = 0; index < stretches; index += 1) {
      const from = Math.floor((index * points.length) / stretches);
      const to = Math.max(from + 1, Math.floor(((index + 1) * points.length) / stretches));
      const point = points[from + Math.floor(next() * (to - from))];
      if (point !== undefined) yield point;
    }
  }
}
