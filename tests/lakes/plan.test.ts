import type { ObjectStore } from "@spacex-etl/lake-writers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProxiedRequest } from "../harness/fault-proxy.ts";
import { openSite, type Site } from "../harness/site.ts";
import { type Bucket, openBucket, showLogOfFailures, STRICT_SERVERS } from "./harness/bucket.ts";
import { keysOf } from "./harness/lake.ts";

interface Access {
  readonly key: string;
  readonly conditional: boolean;
}

interface Plan {
  readonly requests: readonly {
    readonly method: string;
    readonly url: string;
    readonly conditional: boolean;
    readonly prefix: string;
    readonly location: string;
  }[];
  readonly lake: {
    readonly url: string;
    readonly reads: readonly Access[];
    readonly writes: readonly Access[];
  };
}

const PREFIX = "a/lake";

/** One of a crew, other than all others. */
const CREW = [
  {
    id: "5ebf1a6e23a9a60006e03a7a",
    name: "One",
    status: "active",
    agency: null,
    image: null,
    wikipedia: null,
    launches: [],
  },
];

describe.each(STRICT_SERVERS)("plan with %s", (kind) => {
  let bucket: Bucket;
  let site: Site;
  let store: ObjectStore;

  beforeAll(async () => {
    bucket = await openBucket(kind);
    site = await openSite({ env: { LAKE_URL: bucket.url(PREFIX) } });
    store = await bucket.openDirectly(PREFIX);
  });
  afterAll(async () => {
    await store?.[Symbol.asyncDispose]?.();
    await site?.[Symbol.asyncDispose]();
    await bucket?.[Symbol.asyncDispose]();
  });
  showLogOfFailures(() => bucket);

  /** Looks, and neither asks the source nor writes. */
  async function planned(words: string): Promise<Plan> {
    const before = site.simulator.requests.length;
    bucket.proxy.clear();
    const { document, code, output } = await site.report(`plan ${words}`);
    expect(code, output).toBe(0);
    expect(site.simulator.requests.length, "a plan asks nobody").toBe(before);
    const methods = new Set(bucket.proxy.requests.map(({ method }) => method));
    expect([...methods].filter((method) => method !== "GET" && method !== "HEAD")).toEqual([]);
    return document as unknown as Plan;
  }

  async function step(words: string): Promise<void> {
    const { code, output } = await site.step(words);
    expect(code, output).toBe(0);
  }

  interface Seen {
    /** By the source. */
    readonly requests: readonly string[];
    /** Keys that are new in the lake. */
    readonly created: readonly string[];
    /** Keys whose bytes the lake was asked for, also in vain. */
    readonly read: readonly string[];
  }

  async function run(words: string): Promise<Seen> {
    const before = { requests: site.simulator.requests.length, keys: new Set(await keysOf(store)) };
    bucket.proxy.clear();
    await step(`run ${words}`);
    return {
      requests: site.simulator.requests
        .slice(before.requests)
        .map(({ method, path }) => `${method} ${site.simulator.url}${path}`)
        .toSorted(),
      created: (await keysOf(store)).filter((key) => !before.keys.has(key)),
      read: bucket.proxy.requests.flatMap(readKey),
    };
  }

  const asSent = (requests: Plan["requests"]): string[] =>
    requests.map(({ method, url }) => `${method} ${url}`).toSorted();
  const within = (key: string, accesses: readonly Access[]): boolean =>
    accesses.some((access) => (access.key.endsWith("/") ? key.startsWith(access.key) : key === access.key));

  /** Everything that happened was planned, and everything that was planned without a condition happened. */
  function expectAsPlanned({ lake }: Plan, seen: Seen): void {
    expect(
      seen.created.filter((key) => !within(key, lake.writes)),
      "written without a plan",
    ).toEqual([]);
    const written = lake.writes.filter(({ conditional }) => !conditional);
    const unwritten = written.filter((access) => !seen.created.some((key) => within(key, [access])));
    expect(unwritten, "planned and not written").toEqual([]);
    expect(
      seen.read.filter((key) => !within(key, lake.reads)),
      "read without a plan",
    ).toEqual([]);
    // Of documents some are known already when their turn comes.
    const parts = lake.reads.filter(({ key, conditional }) => !conditional && /^(raw|tables)\//.test(key));
    const unread = parts.filter((access) => !seen.read.some((key) => within(key, [access])));
    expect(unread, "planned and not read").toEqual([]);
  }

  test("a first run sends the requests and writes the prefixes that were planned", async () => {
    const plan = await planned("--run-id r1");
    expect(plan.lake.url).toMatch(/^(s3|gs):\/\/lake\/a\/lake/);
    expect(plan.requests.every(({ conditional }) => !conditional)).toBe(true);
    const seen = await run("--run-id r1");
    expect(seen.requests).toEqual(asSent(plan.requests));
    expectAsPlanned(plan, seen);
    const raw = seen.created.filter((key) => key.startsWith("raw/")).map((key) => key.replace(/[^/]+$/, ""));
    expect([...new Set(raw)].toSorted()).toEqual(
      [...new Set(plan.requests.map(({ prefix }) => prefix))].toSorted(),
    );
    for (const { location, prefix } of plan.requests) expect(location).toBe(`${store.url}/${prefix}`);
  });

  test("an unchanged run sends only the conditional requests, and writes no part", async () => {
    const plan = await planned("--run-id r2");
    const seen = await run("--run-id r2");
    expect(seen.requests).toEqual(asSent(plan.requests.filter(({ method }) => method === "GET")));
    expect(
      plan.requests.filter(({ method }) => method === "GET").every(({ conditional }) => conditional),
    ).toBe(true);
    expectAsPlanned(plan, seen);
    expect(seen.created.filter((key) => !/^(runs|heads)\//.test(key))).toEqual([]);
  });

  test("a run that is done plans nothing", async () => {
    const plan = await planned("--run-id r2");
    expect(plan).toMatchObject({ requests: [], lake: { writes: [] } });
    const seen = await run("--run-id r2");
    expect(seen).toMatchObject({ requests: [], created: [] });
    expectAsPlanned(plan, seen);
  });

  const keysRead = ({ lake }: Plan): string[] => lake.reads.map(({ key }) => key);

  test("an unchanged run into a new warehouse reads the tables of the run that made them", async () => {
    const words = "--run-id r3 --warehouse ./new.duckdb";
    const plan = await planned(words);
    expect(keysRead(plan)).toContain("tables/crew/run=r1/");
    const seen = await run(words);
    expectAsPlanned(plan, seen);
    expect(seen.read.filter((key) => key.startsWith("tables/crew/run=r1/"))).toHaveLength(1);
  });

  test("a run that is extracted looks for earlier tables", async () => {
    await step("extract --run-id r4");
    const plan = await planned("--run-id r4");
    expect(keysRead(plan)).toContain("runs/r3/");
    const seen = await run("--run-id r4");
    expectAsPlanned(plan, seen);
    expect(seen.read).toContain("runs/r3/tables.json");
  });

  test("a head that was not published is planned, and only then", async () => {
    const isPublished = async (): Promise<boolean> => {
      const plan = await planned("--run-id r4");
      const seen = await run("--run-id r4");
      expectAsPlanned(plan, seen);
      return plan.lake.writes.some(({ key }) => key === "heads/");
    };
    expect(await isPublished()).toBe(false);
    // The last is of the tables, the one before of the extraction.
    for (const lost of [1, 2]) {
      for (const key of (await keysOf(store, "heads/")).slice(-lost)) await store.delete(key);
      expect(await isPublished()).toBe(true);
    }
    expect(await isPublished()).toBe(false);
  });

  test("tables that are made of an earlier run's unchanged records read its parts", async () => {
    // Extracted, and never normalized.
    site.simulator.replace("crew", []);
    await step("extract --run-id r5 --allow-deletes");
    site.simulator.replace("crew", CREW);
    await step("extract --run-id r6");
    for (const key of await keysOf(store, "tables/company/")) await store.delete(key);
    const plan = await planned("--run-id r7 --warehouse ./another.duckdb");
    const seen = await run("--run-id r7 --warehouse ./another.duckdb");
    expectAsPlanned(plan, seen);
    const raw = seen.read.filter((key) => key.startsWith("raw/")).map((key) => key.replace(/[^/]+$/, ""));
    expect(raw.toSorted()).toEqual(["raw/simulated/company/run=r1/", "raw/simulated/crew/run=r6/"]);
  });

  test("a run whose extraction is older than the newest head publishes none", async () => {
    await step("extract --run-id r8");
    await run("--run-id r9 --allow-deletes");
    const plan = await planned("--run-id r8");
    expect(plan.lake.writes.map(({ key }) => key)).not.toContain("heads/");
    expectAsPlanned(plan, await run("--run-id r8"));
  });

  test("people read the bucket's address, without what is needed to reach it", async () => {
    const { stdout } = await site.plain("plan --run-id r10");
    expect(stdout).toContain(`Lake ${store.url}`);
    expect(stdout).toContain(`${store.url}/raw/simulated/crew/run=r10/`);
  });
});

/** The key of an object whose bytes were asked for. Looking whether it is there is a GET on GCS, too. */
function readKey({ method, path }: ProxiedRequest): string[] {
  const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
  if (method !== "GET" || (pathname.startsWith("/storage/") && searchParams.get("alt") !== "media"))
    return [];
  const encoded =
    /^\/storage\/v1\/b\/lake\/o\/(.+)$/.exec(pathname)?.[1] ?? /^\/lake\/(.+)$/.exec(pathname)?.[1];
  const name = decodeURIComponent(encoded ?? "");
  return name.startsWith(`${PREFIX}/`) ? [name.slice(PREFIX.length + 1)] : [];
}
