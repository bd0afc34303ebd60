import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectFailure } from "../../harness/site.ts";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { keysOf } from "../../lakes/harness/lake.ts";
import { type CloudSite, ENGINES, NOTHING_SEEN, openCloudSite } from "./harness/cloud-site.ts";

interface Doctor {
  readonly exitCode: number;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly hint?: string;
    readonly permission?: string;
    readonly exitCode: number;
  }[];
}

interface Gc {
  readonly warehouse?: {
    readonly removed: readonly string[];
    readonly skipped: { readonly code: string } | null;
  };
}

/** A port where nobody listens. */
const NOBODY = { bigquery: "endpoint=http://127.0.0.1:1", redshift: "127.0.0.1:1/" };

describe.each(ENGINES)("commands with %s", (engine) => {
  let cloud: CloudSite;

  beforeAll(async () => {
    cloud = await openCloudSite(engine, { collections: "crew" });
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());
  showLogOfFailures(() => cloud.bucket);

  const nobody = (): string =>
    engine === "bigquery"
      ? cloud.warehouse.replace(/endpoint=.*/, NOBODY.bigquery)
      : cloud.warehouse.replace(/127\.0\.0\.1:\d+\//, NOBODY.redshift);

  async function doctor(env: Record<string, string> = {}): Promise<Doctor> {
    const { document, output, code } = await cloud.site.report("doctor", { env });
    expect(code, output).toBe((document as unknown as Doctor).exitCode);
    return document as unknown as Doctor;
  }

  test("doctor names what a load has to be allowed, and writes nothing", async () => {
    cloud.forget();
    const { exitCode, checks } = await doctor();
    expect(exitCode, JSON.stringify(checks)).toBe(0);
    expect(checks.find(({ name }) => name === "warehouse")).toMatchObject({
      ok: true,
      permission: expect.stringMatching(
        engine === "bigquery" ? /roles\/bigquery\.jobUser/ : /CREATE on schema raw/,
      ),
    });
    expect(cloud.seen()).toEqual(NOTHING_SEEN);
  });

  test("a warehouse that is not there: doctor says so beside all else, a run before its first request", async () => {
    const env = { WAREHOUSE_URL: nobody() };
    const { exitCode, checks } = await doctor(env);
    expect(exitCode).toBe(8);
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["warehouse"]);
    const before = cloud.site.simulator.requests.length;
    const run = await cloud.site.step("run --run-id nobody", { env });
    expectFailure(run, { exitCode: 8, code: "WAREHOUSE_UNREACHABLE" });
    expect(cloud.site.simulator.requests).toHaveLength(before);
  });

  test("a gc of the lake does not need a warehouse, and leaves fresh stages alone", async () => {
    const { code, output, document } = await cloud.site.report("gc");
    expect(code, output).toBe(0);
    const swept = { removed: [], skipped: null };
    expect((document as Gc).warehouse).toEqual(engine === "bigquery" ? swept : undefined);
    const without = { WAREHOUSE_URL: nobody(), REDSHIFT_PASSWORD: "" };
    const gone = await cloud.site.report("gc", { env: without });
    expect(gone.code, gone.output).toBe(0);
    const skipped = { removed: [], skipped: { code: "WAREHOUSE_UNREACHABLE" } };
    expect((gone.document as Gc).warehouse?.skipped?.code).toBe(
      engine === "bigquery" ? skipped.skipped.code : undefined,
    );
    const { stdout } = await cloud.site.plain("gc", { env: without });
    expect(stdout.includes("stages of unfinished loads were not looked for")).toBe(engine === "bigquery");
  });

  if (engine === "redshift") {
    test("without a password nothing begins, and the way to one is told", async () => {
      const env = { REDSHIFT_PASSWORD: "" };
      const before = cloud.site.simulator.requests.length;
      for (const words of ["run --run-id pw", "load --run-id pw", "transform --run-id pw"]) {
        const more = words.startsWith("transform") ? { ...env, SPACEX_ETL_NO_TRANSFORM: "" } : env;
        const result = await cloud.site.step(words, { env: more });
        if (words.startsWith("transform") && result.summary.error?.code.startsWith("DBT_")) continue;
        expectFailure(result, {
          exitCode: 3,
          code: "WAREHOUSE_AUTH",
          says: /REDSHIFT_PASSWORD is not set[^]*iam=true/,
        });
      }
      expect(cloud.site.simulator.requests).toHaveLength(before);
      const { exitCode, checks } = await doctor(env);
      expect(exitCode).toBe(3);
      expect(checks.filter(({ ok }) => !ok)).toMatchObject([
        { name: "warehouse", hint: expect.stringContaining("iam=true") },
      ]);
      for (const words of ["extract --run-id pw", "normalize --run-id pw", "verify", "files crew"]) {
        const { code, output } = await cloud.site.plain(words, { env });
        expect(code, output).toBe(0);
      }
    });

    test("what COPY was told to read is nobody's part: verify passes it by, gc deletes it after the grace period", async () => {
      const { code, output } = await cloud.site.plain("run --run-id copied");
      expect(code, output).toBe(0);
      const manifests = async (): Promise<string[]> => {
        const store = await cloud.bucket.openDirectly("a/lake");
        const keys = await keysOf(store, "copy/");
        await store[Symbol.asyncDispose]?.();
        return keys;
      };
      const written = await manifests();
      expect(written.length).toBeGreaterThan(0);
      expect((await cloud.site.plain("verify")).code).toBe(0);
      for (const words of ["gc", "gc --dry-run --grace-hours 0"]) {
        expect((await cloud.site.plain(words)).code).toBe(0);
        expect(await manifests()).toEqual(written);
      }
      const { document } = await cloud.site.report("gc --grace-hours 0");
      const { removed } = document as { readonly removed: readonly { readonly key: string }[] };
      expect(removed.map(({ key }) => key).filter((key) => !key.startsWith("heads/"))).toEqual(written);
      expect(await manifests()).toEqual([]);
      const env = { WAREHOUSE_URL: cloud.warehouseOf("another") };
      const again = await cloud.site.step("load --run-id copied", { env });
      expect(again.summary.tables, again.output).toMatchObject([{ name: "crew", inserted: 30 }]);
    });

    test("a wrong password is an error of signing in", async () => {
      const env = { REDSHIFT_PASSWORD: "planted-wrong-password" };
      const result = await cloud.site.step("run --run-id wrong", { env });
      expectFailure(result, { exitCode: 3, code: "WAREHOUSE_AUTH" });
      expect(result.output).not.toContain("planted-wrong-password");
    });
  } else {
    test("a stage that a killed load left is listed by a dry run and deleted by gc", async () => {
      for (const step of ["extract", "normalize"]) {
        expect((await cloud.site.step(`${step} --run-id left`)).code).toBe(0);
      }
      const killed = await cloud.elsewhere("load --run-id left", {
        env: { SPACEX_ETL_FAILPOINT: "load.reconcile", SPACEX_ETL_COLLECTIONS: "crew" },
      });
      expect(killed.signal, killed.output).toBe("SIGKILL");
      const stages = async (): Promise<string[]> =>
        (await cloud.tables()).filter((name) => name.startsWith("_stage")).toSorted();
      const left = await stages();
      expect(left.length).toBeGreaterThan(0);
      const sweep = async (words: string): Promise<Gc> => {
        const { code, output, document } = await cloud.site.report(`gc ${words}`);
        expect(code, output).toBe(0);
        return document as Gc;
      };
      expect((await sweep("")).warehouse?.removed).toEqual([]);
      expect((await sweep("--dry-run --grace-hours 0")).warehouse?.removed).toEqual(left);
      expect(await stages()).toEqual(left);
      expect((await sweep("--grace-hours 0")).warehouse?.removed).toEqual(left);
      expect(await stages()).toEqual([]);
      const again = await cloud.site.step("load --run-id left");
      expect(again.summary.status, again.output).toBe("ok");
    });

    test("another location than the dataset's is an error of the setting", async () => {
      const env = { WAREHOUSE_URL: cloud.warehouse.replace("location=EU", "location=US") };
      const result = await cloud.site.step("run --run-id far", { env });
      expectFailure(result, { exitCode: 2, code: "WAREHOUSE_LOCATION", says: /location/ });
    });

    test("a table is partitioned by a column that it has", async () => {
      const env = { WAREHOUSE_URL: `${cloud.warehouse}&partitionBy=crw:_loaded_at` };
      const result = await cloud.site.step("run --run-id part", { env });
      expectFailure(result, {
        exitCode: 2,
        code: "WAREHOUSE_URL",
        says: /no table crw[^]*Did you mean crew\?/,
      });
      // A warehouse that cannot be asked is passed by, a setting that is wrong is not.
      const gc = await cloud.site.plain("gc", { env });
      expect(gc.code, gc.output).toBe(2);
      expect(gc.output).toMatch(/Did you mean crew\?/);
    });
  }
});

test("BigQuery takes a small lake from a folder", async () => {
  await using cloud = await openCloudSite("bigquery", { collections: "crew" });
  const env = { LAKE_URL: "" };
  const first = await cloud.site.step("run --run-id r1", { env });
  expect(first.summary.tables, first.output).toMatchObject([{ name: "crew", inserted: 30 }]);
  expect(cloud.seen().jobs).toHaveLength(2);
  expect(await cloud.rows("crew", ["id"])).toHaveLength(30);
  cloud.forget();
  expect((await cloud.site.step("run --run-id r2", { env })).summary.status).toBe("unchanged");
  expect(cloud.seen()).toMatchObject({ jobs: [], schema: [] });
});

describe.each([
  ["bigquery", "@google-cloud/bigquery"],
  ["redshift", "pg"],
] as const)("packages of %s", (engine, peer) => {
  /** Node options under which a package is not installed. */
  function without(cloud: CloudSite, name: string): Readonly<Record<string, string>> {
    const hook = join(cloud.site.cwd, "hook.mjs");
    writeFileSync(
      hook,
      `import { registerHooks } from "node:module";
      const missing = (name) => Object.assign(new Error("Cannot find package " + name), { code: "ERR_MODULE_NOT_FOUND" });
      registerHooks({ resolve(specifier, context, next) {
        if (specifier === ${JSON.stringify(name)}) throw missing(specifier);
        return next(specifier, context);
      } });`,
    );
    return { NODE_OPTIONS: `--import=${hook}`, SPACEX_ETL_COLLECTIONS: "crew" };
  }

  test("a load needs no DuckDB, and says which package it does need", async () => {
    await using cloud = await openCloudSite(engine, { collections: "crew" });
    for (const step of ["extract", "normalize"])
      expect((await cloud.site.step(`${step} --run-id r1`)).code).toBe(0);
    const before = cloud.site.simulator.requests.length;
    const missing = await cloud.elsewhere("run --run-id r2 --json", { env: without(cloud, peer) });
    expectFailure(missing, { exitCode: 2, code: "PEER_MISSING", says: new RegExp(`npm install .*${peer}`) });
    if (engine === "redshift") {
      for (const [kind, sdk] of [
        ["cluster", "@aws-sdk/client-redshift"],
        ["workgroup", "@aws-sdk/client-redshift-serverless"],
      ] as const) {
        const iam = `${cloud.warehouse}&iam=true&${kind}=name-1&region=eu-central-1`;
        const env = { ...without(cloud, sdk), WAREHOUSE_URL: iam, REDSHIFT_PASSWORD: "" };
        const result = await cloud.elsewhere("run --run-id r2 --json", { env });
        const says = new RegExp(`npm install pg ${sdk}$`);
        expectFailure(result, { exitCode: 2, code: "PEER_MISSING", says });
      }
    }
    expect(cloud.site.simulator.requests).toHaveLength(before);
    const load = await cloud.elsewhere("load --run-id r1", { env: without(cloud, "@duckdb/node-api") });
    expect(load.code, load.output).toBe(0);
    const normalize = await cloud.elsewhere("normalize --run-id r1", {
      env: without(cloud, "@duckdb/node-api"),
    });
    expect(normalize.code, "the hook works").not.toBe(0);
  });
});
