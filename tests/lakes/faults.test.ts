import { type ObjectStore, openLake, verify } from "@spacex-etl/lake-writers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type FaultProxy, startFaultProxy } from "../harness/fault-proxy.ts";
import type { FaultRule, ProxyFault } from "../harness/proxy-faults.ts";
import { expectFailure, openSite, type Site } from "../harness/site.ts";
import { type Bucket, openBucket, showLogOfFailures, STRICT_SERVERS } from "./harness/bucket.ts";
import { committedContent, keysOf } from "./harness/lake.ts";

// Most of the time here is waiting for the next attempt.
vi.setConfig({ maxConcurrency: 10 });

const READS = /^(GET|HEAD)$/;
const WRITES = /^(PUT|POST)$/;
/** Of these exit codes the documentation says that the same command may be run again. */
const DOCUMENTED = [0, 5, 8, 10];

interface Weather {
  readonly what: string;
  readonly rules: readonly FaultRule[];
  readonly seed?: number;
  /** Ended with one of these. @default 0 */
  readonly exitCodes?: readonly number[];
}

const at = (fault: ProxyFault, method: RegExp, nth: number, count = 1): FaultRule => ({
  fault,
  method,
  when: { nth, count },
});
const often = (fault: ProxyFault, method: RegExp, limit: number, probability = 0.4): FaultRule => ({
  fault,
  method,
  when: { probability, limit },
});

const BUSY: ProxyFault = { kind: "busy", status: 503 };
const LATER: ProxyFault = { kind: "busy", status: 429, retryAfterSeconds: 1 };

const WEATHERS: readonly Weather[] = [
  { what: "resets before the server acted", rules: [often({ kind: "reset-before" }, /./, 6)] },
  { what: "resets after it had written", rules: [often({ kind: "reset-after" }, WRITES, 6)] },
  { what: "resets after it had read", rules: [often({ kind: "reset-after" }, READS, 6)] },
  { what: "uploads that are cut", rules: [often({ kind: "cut-upload" }, WRITES, 5)] },
  { what: "uploads that are changed on their way", rules: [often({ kind: "corrupt-upload" }, WRITES, 4)] },
  { what: "answers that are truncated", rules: [often({ kind: "truncate" }, READS, 5)] },
  {
    what: "answers that trickle",
    rules: [{ fault: { kind: "trickle", pieceBytes: 400, everyMs: 1 }, when: { probability: 1 } }],
  },
  { what: "a burst of 503", rules: [at(BUSY, READS, 3, 3), at(BUSY, WRITES, 3, 3)] },
  { what: "429 with Retry-After", rules: [at(LATER, READS, 2), at(LATER, WRITES, 4)] },
  { what: "silence", rules: [at({ kind: "stall" }, WRITES, 5), at({ kind: "stall" }, READS, 4)] },
  {
    what: "answers that are changed on their way",
    rules: [{ ...often({ kind: "corrupt-answer" }, READS, 3), path: /raw|tables|runs/ }],
    exitCodes: DOCUMENTED,
  },
  ...[1, 2, 3].map((seed) => ({
    what: `a bad day (seed ${seed})`,
    seed,
    rules: [
      often({ kind: "reset-after" }, /./, 4, 0.1),
      often({ kind: "reset-before" }, /./, 4, 0.1),
      often(BUSY, /./, 4, 0.1),
      often({ kind: "truncate" }, READS, 3, 0.1),
      often({ kind: "cut-upload" }, WRITES, 3, 0.1),
    ],
  })),
];

describe.concurrent.each(STRICT_SERVERS)("between the command line and %s", (kind) => {
  let bucket: Bucket;
  let expected: Awaited<ReturnType<typeof committedContent>>;

  beforeAll(async () => {
    bucket = await openBucket(kind);
    await using site = await openSite({ env: { LAKE_URL: bucket.directUrl("calm") } });
    const { code, output } = await site.step("run --run-id r1");
    expect(code, output).toBe(0);
    await using calm = await opened("calm");
    expected = await committedContent(calm.store, "r1");
  });
  afterAll(() => bucket?.[Symbol.asyncDispose]());
  showLogOfFailures(() => bucket);

  interface Weathered extends AsyncDisposable {
    readonly site: Site;
    readonly proxy: FaultProxy;
    readonly store: ObjectStore;
  }

  /** A lake behind a proxy of its own, so that tests can wait side by side. */
  async function weathered(prefix: string, rules: readonly FaultRule[], seed?: number): Promise<Weathered> {
    const proxy = await startFaultProxy({ service: bucket.server.service });
    proxy.forwardTo(bucket.server.endpoint);
    proxy.setRules(rules, seed);
    const site = await openSite({ env: { LAKE_URL: bucket.server.lakeUrl("lake", prefix, proxy.endpoint) } });
    const { store } = await opened(prefix);
    return {
      site,
      proxy,
      store,
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]?.();
        await site[Symbol.asyncDispose]();
        await proxy.close();
      },
    };
  }

  async function opened(
    prefix: string,
  ): Promise<{ readonly store: ObjectStore; [Symbol.asyncDispose](): Promise<void> }> {
    const store = await openLake(bucket.directUrl(prefix));
    return { store, [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose]?.() };
  }

  /** Whatever a manifest says is there; and without faults the same command ends the work. */
  async function expectSoundAndFinished({ site, proxy, store }: Weathered, where: string): Promise<void> {
    if ((await keysOf(store, "runs/")).length > 0) {
      expect((await verify({ store })).findings, where).toEqual([]);
    }
    proxy.setRules([]);
    const { code, output } = await site.step("run --run-id r1");
    expect(code, `${where}: ${output}`).toBe(0);
    expect(await committedContent(store, "r1"), where).toEqual(expected);
    expect((await verify({ store })).findings, where).toEqual([]);
    expect(await bucket.unfinishedUploads(), where).toEqual([]);
  }

  /** A lake that is away is asked for two minutes; that is waited for side by side. */
  const OUTAGES: readonly {
    what: string;
    fault: ProxyFault;
    method: RegExp;
    exitCode: number;
    code: string;
  }[] =
    kind === "versitygw"
      ? [
          { what: "503 to every write", fault: BUSY, method: WRITES, exitCode: 5, code: "LAKE_BUSY" },
          {
            what: "a reset of every write's answer",
            fault: { kind: "reset-after" },
            method: WRITES,
            exitCode: 8,
            code: "LAKE_UNREACHABLE",
          },
        ]
      : [
          {
            what: "429 to every write",
            fault: { kind: "busy", status: 429 },
            method: WRITES,
            exitCode: 5,
            code: "LAKE_BUSY",
          },
          {
            what: "a reset of every read",
            fault: { kind: "reset-before" },
            method: READS,
            exitCode: 8,
            code: "LAKE_UNREACHABLE",
          },
        ];

  test.each(OUTAGES)("$what: the run gives up with exit code $exitCode", async (outage) => {
    const { what, fault, method, exitCode, code } = outage;
    const rules: readonly FaultRule[] = [{ fault, method, when: { probability: 1 } }];
    await using lake = await weathered(what.replaceAll(/[^a-z0-9]+/g, "-"), rules);
    const failed = await lake.site.step("extract --run-id r1");
    expectFailure(failed, { exitCode, code });
    expect(await keysOf(lake.store, "heads/"), what).toEqual([]);
    await expectSoundAndFinished(lake, what);
  });

  test.each(WEATHERS)("$what: the run ends right", async (weather) => {
    const { what, rules, seed, exitCodes = [0] } = weather;
    await using lake = await weathered(what.replaceAll(/[^a-z0-9]+/g, "-"), rules, seed);
    const { code, output, stderr } = await lake.site.step("run --run-id r1");
    const faults = lake.proxy.requests.filter(({ fault }) => fault !== undefined);
    expect(faults, "the faults were there").not.toEqual([]);
    expect(exitCodes, output).toContain(code);
    if (!what.includes("trickle"))
      expect(stderr, "people hear of it").toMatch(/again|retry|attempt|checksum/i);
    await expectSoundAndFinished(lake, what);
  });
});
