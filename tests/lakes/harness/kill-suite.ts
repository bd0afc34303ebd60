import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gc, type ObjectStore, verify } from "@spacex-etl/lake-writers";
import { collections, type CollectionName } from "@spacex-etl/spacex-client/tables";
import { embeddedSnapshot, type Simulator, startSimulator } from "@spacex-etl/spacex-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, type CliResult } from "../../harness/cli.ts";
import { cliInProcess } from "../../harness/in-process.ts";
import { random } from "../../harness/random.ts";
import { temporaryFolder } from "../../harness/workspace.ts";
import { type Bucket, openBucket, showLogOfFailures, type ServerKind } from "./bucket.ts";
import { largeBody } from "./large-body.ts";
import { bytesOf, committedContent, keysOf } from "./lake.ts";

/** Same seed, same points; another one with KILL_SEED, more of them with KILL_POINTS. For each server. */
const SEED = Number(process.env["KILL_SEED"] ?? 20261122);
const POINTS = Number(process.env["KILL_POINTS"] ?? 24);
/** Kills by the clock, inside whatever the process is doing then. */
const TIMED = Math.ceil(POINTS / 6);

const RUN = "the-run";
/** A single object, a list with child tables, and one with a large list: a small corpus with all shapes. */
const NAMES: readonly CollectionName[] = ["company", "crew", "landpads", "launches"];
const STEPS = ["extract", "normalize"] as const;
type Step = (typeof STEPS)[number];

const UPLOADER = join(import.meta.dirname, "upload-large.ts");

/** The kill matrix on one server. */
export function testKills(kind: ServerKind): void {
  describe(`kill -9 on ${kind}`, () => {
    const folder = temporaryFolder();
    let bucket: Bucket;
    let simulator: Simulator;
    let expected: Awaited<ReturnType<typeof committedContent>>;
    let expectedKeys: readonly string[];
    /** Names of the effects of each step, in their order. */
    const effects: Record<Step, readonly string[]> = { extract: [], normalize: [] };
    const durationMs: Record<Step, number> = { extract: 0, normalize: 0 };
    let containers = 0;

    beforeAll(async () => {
      bucket = await openBucket(kind);
      simulator = await startSimulator({ data: await embeddedSnapshot() });
      for (const step of STEPS) {
        const log = join(folder.path, `${step}.log`);
        const since = performance.now();
        succeeded(await run("undisturbed", step, { SPACEX_ETL_FAILPOINT: `log:${log}` }));
        durationMs[step] = performance.now() - since;
        effects[step] = readFileSync(log, "utf8").trimEnd().split("\n");
      }
      await using store = await opened("undisturbed");
      expected = await committedContent(store.store, RUN);
      expect(Object.keys(expected).length).toBeGreaterThan(8);
      await collect(store.store);
      expectedKeys = await keysOf(store.store);
    });
    afterAll(async () => {
      await simulator?.close();
      await bucket?.[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });
    showLogOfFailures(() => bucket);

    /** A working folder of its own for every process, as a new container has it. */
    function container(): string {
      const cwd = join(folder.path, `container-${containers++}`);
      mkdirSync(cwd);
      return cwd;
    }

    function words(prefix: string, step: Step): string[] {
      const lake = ["--lake", bucket.directUrl(prefix), "--run-id", RUN];
      const from = ["--api", simulator.url, "--source", "simulated", "--collections", NAMES.join(",")];
      return [step, ...lake, ...from];
    }

    function run(
      prefix: string,
      step: Step,
      env: Readonly<Record<string, string>>,
      afterMs?: number,
    ): Promise<CliResult> {
      const kill = afterMs === undefined ? {} : { kill: { signal: "SIGKILL" as const, afterMs } };
      return cli(words(prefix, step), { cwd: container(), env, ...kill });
    }

    /** The same without a process, where nothing is to be killed. */
    async function finish(prefix: string, step: Step, where: string): Promise<void> {
      succeeded(await cliInProcess(words(prefix, step), { cwd: container() }), where);
    }

    function succeeded({ code, output }: CliResult, where = "undisturbed"): void {
      expect(code, `${where}: ${output}`).toBe(0);
    }

    async function opened(
      prefix: string,
    ): Promise<{ readonly store: ObjectStore; [Symbol.asyncDispose](): Promise<void> }> {
      const store = await bucket.openDirectly(prefix);
      return { store, [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose]?.() };
    }

    /** Everything that nothing refers to, however young. Servers tell whole seconds. */
    const collect = (store: ObjectStore): ReturnType<typeof gc> =>
      gc({ store, graceHours: 0, now: () => new Date(Date.now() + 60_000) });

    async function expectRecovery(prefix: string, step: Step, where: string): Promise<void> {
      await using lake = await opened(prefix);
      const { store } = lake;
      const complete: CollectionName[] = [];
      for (const name of NAMES) {
        if ((await store.head(`runs/${RUN}/extract/${name}.json`)) !== undefined) complete.push(name);
      }
      const before = simulator.requests.length;
      await finish(prefix, step, where);
      if (step === "extract") await finish(prefix, "normalize", where);
      const fetched = simulator.requests.slice(before).filter(({ method }) => method === "GET");
      const again = complete.filter((name) => fetched.some(({ path }) => path === collections[name].route));
      expect(again, `${where}: complete collections were fetched again`).toEqual([]);

      expect(await committedContent(store, RUN), where).toEqual(expected);
      expect((await verify({ store })).findings, where).toEqual([]);
      const all = await keysOf(store);
      const { removed } = await collect(store);
      expect(await keysOf(store), `${where}: gc leaves what an undisturbed run has`).toEqual(expectedKeys);
      const orphans = all.filter((key) => !expectedKeys.includes(key));
      expect(removed.map(({ key }) => key).toSorted(), `${where}: gc finds the orphans`).toEqual(orphans);
      expect((await verify({ store })).findings, where).toEqual([]);
      expect(await bucket.unfinishedUploads(), where).toEqual([]);
    }

    /** Seeded points over the effects of both steps, one in each of as many equal stretches as there are points. */
    function points(): { readonly step: Step; readonly number: number; readonly name: string }[] {
      const next = random(SEED);
      const all = STEPS.flatMap((step) =>
        effects[step].map((name, index) => ({ step, number: index + 1, name })),
      );
      return Array.from({ length: POINTS }, (_, index) => {
        const from = Math.floor((index * all.length) / POINTS);
        const to = Math.max(from + 1, Math.floor(((index + 1) * all.length) / POINTS));
        return all[from + Math.floor(next() * (to - from))];
      }).filter((point) => point !== undefined);
    }

    test(`at ${POINTS} effects of extract and normalize (seed ${SEED})`, async () => {
      expect(new Set(points().map(({ step }) => step)).size).toBe(2);
      for (const { step, number, name } of points()) {
        const where = `${step}, effect ${number} of ${effects[step].length} (${name})`;
        const prefix = `${step}-${number}`;
        if (step === "normalize") await finish(prefix, "extract", where);
        const killed = await run(prefix, step, { SPACEX_ETL_FAILPOINT: String(number) });
        expect(killed.signal, `${where}: ${killed.output}`).toBe("SIGKILL");
        await expectRecovery(prefix, step, where);
      }
    });

    test(`at ${TIMED} moments (seed ${SEED})`, async () => {
      const next = random(SEED + 1);
      for (let index = 0; index < TIMED; index++) {
        const step = STEPS[index % 2] ?? "extract";
        const afterMs = Math.round((0.4 + next() * 0.6) * durationMs[step]);
        const prefix = `moment-${index}`;
        const where = `${step} after ${afterMs} ms`;
        if (step === "normalize") await finish(prefix, "extract", where);
        await run(prefix, step, {}, afterMs);
        await expectRecovery(prefix, step, where);
      }
    });

    test("three times in a row", async () => {
      for (const number of [effects.extract.length, 3, 1]) {
        await run("often", "extract", { SPACEX_ETL_FAILPOINT: String(number) });
      }
      await expectRecovery("often", "extract", "killed three times");
    });

    test("anywhere inside a large upload: nothing is visible, a second one succeeds, and the rest is swept", async () => {
      const log = join(folder.path, "upload.log");
      const upload = (prefix: string, what: string): Promise<CliResult> =>
        nodeProcess([UPLOADER, bucket.directUrl(prefix), "large", what], folder.path);
      expect(await upload("upload", `log:${log}`)).toMatchObject({ code: 0, stdout: "created" });
      const names = readFileSync(log, "utf8").trimEnd().split("\n");
      expect(names.length).toBeGreaterThan(2);
      let unfinished = 0;
      for (const [index, name] of names.entries()) {
        const where = `effect ${index + 1} (${name})`;
        const prefix = `upload-${index + 1}`;
        const killed = await upload(prefix, String(index + 1));
        expect(killed.signal, `${where}: ${killed.output}`).toBe("SIGKILL");
        unfinished += (await bucket.unfinishedUploads()).length;
        await using lake = await opened(prefix);
        const { store } = lake;
        const there = await store.head("large");
        const done = name.startsWith("created");
        expect(there?.bytes, where).toBe(done ? largeBody().length : undefined);
        expect(await store.createIfAbsent("large", largeBody()), where).toBe(done ? "exists" : "created");
        expect((await bytesOf(store, "large")).equals(largeBody()), where).toBe(true);
        await store.sweep?.(new Date(Date.now() + 60_000));
        expect(await bucket.unfinishedUploads(), where).toEqual([]);
      }
      if (bucket.server.service === "s3")
        expect(unfinished, "some kills leave an upload behind").toBeGreaterThan(0);
    });
  });
}

/** A script from its sources, to its end. */
async function nodeProcess(args: readonly string[], cwd: string): Promise<CliResult> {
  const child = spawn(process.execPath, ["--conditions=@spacex-etl/source", ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...ended) => resolve(ended));
  });
  clearTimeout(limit);
  return { code, signal, stdout, stderr, output: `${stdout}\n${stderr}` };
}
