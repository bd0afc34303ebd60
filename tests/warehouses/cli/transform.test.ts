import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeScript } from "../../harness/running.ts";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { type CloudSite, type Engine, ENGINES, openCloudSite, PROJECT } from "./harness/cloud-site.ts";

/** What stands in for dbt: it notes how it was called, and says that one model was built. */
function fakeDbt(folder: string): string {
  const result = { results: [{ status: "success", unique_id: "model.spacex_etl.one", message: "OK" }] };
  return writeScript(join(folder, "fake-dbt"), [
    'printf "%s\\n" "$@" > "$FAKE_DBT_CALLS/args"',
    'env > "$FAKE_DBT_CALLS/env"',
    `printf '%s' '${JSON.stringify(result)}' > "$DBT_TARGET_PATH/run_results.json"`,
  ]);
}

const VARIABLES: Readonly<Record<Engine, (cloud: CloudSite) => Record<string, string>>> = {
  bigquery: ({ warehouse }) => ({
    DBT_TARGET: "bigquery",
    SPACEX_ETL_BIGQUERY_PROJECT: PROJECT,
    SPACEX_ETL_BIGQUERY_JOB_PROJECT: "jobs-of-ours",
    SPACEX_ETL_BIGQUERY_LOCATION: "EU",
    SPACEX_ETL_BIGQUERY_MAXIMUM_BYTES_BILLED: "1000000000",
    SPACEX_ETL_BIGQUERY_ENDPOINT: /endpoint=(.*)/.exec(warehouse)?.[1] ?? "",
  }),
  redshift: ({ warehouse }) => ({
    DBT_TARGET: "redshift",
    SPACEX_ETL_REDSHIFT_METHOD: "database",
    SPACEX_ETL_REDSHIFT_HOST: "127.0.0.1",
    SPACEX_ETL_REDSHIFT_PORT: /:(\d+)\//.exec(warehouse)?.[1] ?? "",
    SPACEX_ETL_REDSHIFT_USER: "loader",
    SPACEX_ETL_REDSHIFT_DATABASE: "dev",
    SPACEX_ETL_REDSHIFT_SSLMODE: "disable",
    DBT_ENV_SECRET_REDSHIFT_PASSWORD: "stand-in-password",
  }),
};

/** A setting for another project of the person's, which must not come through. */
const STRAY = { SPACEX_ETL_BIGQUERY_IMPERSONATE: "stray@p.iam.gserviceaccount.com", DBT_PROFILE: "stray" };

describe.each(ENGINES)("transform on %s", (engine) => {
  let cloud: CloudSite;
  let calls: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    cloud = await openCloudSite(engine, { collections: collectionNames.join(",") });
    calls = join(cloud.site.cwd, "calls");
    mkdirSync(calls);
    const warehouse =
      engine === "bigquery"
        ? `${cloud.warehouse}&jobProject=jobs-of-ours&maximumBytesBilled=1000000000`
        : cloud.warehouse;
    env = {
      SPACEX_ETL_NO_TRANSFORM: "",
      SPACEX_ETL_DBT: fakeDbt(cloud.site.cwd),
      WAREHOUSE_URL: warehouse,
      FAKE_DBT_CALLS: calls,
      ...STRAY,
    };
    Object.assign(process.env, { FAKE_DBT_CALLS: calls, ...STRAY });
  });
  afterAll(async () => {
    for (const name of ["FAKE_DBT_CALLS", ...Object.keys(STRAY)]) delete process.env[name];
    await cloud?.[Symbol.asyncDispose]();
  });
  showLogOfFailures(() => cloud.bucket);

  async function step(words: string): Promise<Awaited<ReturnType<CloudSite["site"]["step"]>>["summary"]> {
    rmSync(join(calls, "args"), { force: true });
    const { summary, code, output } = await cloud.site.step(words, { env });
    expect(code, output).toBe(0);
    return summary;
  }

  test("with a part of the collections, the models are not tried", async () => {
    const { transform } = await step("run --run-id r1 --collections crew,landpads");
    expect(transform).toMatchObject({
      status: "skipped",
      reason: expect.stringMatching(/^its models need collections not loaded yet: (?!.*crew).*launches/),
    });
    expect(existsSync(join(calls, "args"))).toBe(false);
  });

  test("dbt is led to the same place, by the variables of its profile and nothing else", async () => {
    const { transform } = await step("run --run-id r2");
    expect(transform).toMatchObject({ status: "done", models: { built: 1 } });
    const args = readFileSync(join(calls, "args"), "utf8").trimEnd().split("\n");
    expect(args.slice(args.indexOf("--vars"), args.indexOf("--vars") + 2)).toEqual([
      "--vars",
      '{"raw_schema":"raw"}',
    ]);
    const seen = Object.fromEntries(
      readFileSync(join(calls, "env"), "utf8")
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(seen).toMatchObject(VARIABLES[engine](cloud));
    expect(seen["DBT_PROFILE"]).toBeUndefined();
    if (engine === "bigquery") expect(seen["SPACEX_ETL_BIGQUERY_IMPERSONATE"]).toBeUndefined();
    const state = join(cloud.site.cwd, ".spacex-etl", "dbt");
    expect(readdirSync(state)).toEqual([expect.stringMatching(new RegExp(`^${engine}-.*-raw-[0-9a-f]{8}$`))]);
    expect(seen["DBT_TARGET_PATH"]).toContain(state);
  });

  test("without a change since, dbt is not started; with one, it is", async () => {
    expect((await step("transform")).transform).toMatchObject({
      status: "skipped",
      reason: expect.stringMatching(/^nothing changed since the last build at 2/),
    });
    expect((await step("run --run-id r3")).transform.status).toBe("skipped");
    expect(existsSync(join(calls, "args"))).toBe(false);
    cloud.site.simulator.replace("landpads", []);
    expect((await step("run --run-id r4 --allow-deletes")).transform.status).toBe("done");
    expect(readFileSync(join(calls, "args"), "utf8")).not.toContain("--full-refresh");
  });

  test("another schema has a staging and marts of its own", async () => {
    const other = { ...env, WAREHOUSE_URL: cloud.warehouseOf("ada") };
    const run = await cloud.site.step("run --run-id ada", { env: other });
    expect(run.summary.transform, run.output).toMatchObject({ status: "done" });
    expect(readFileSync(join(calls, "args"), "utf8").split("\n")).toContain(
      '{"raw_schema":"ada","schema_prefix":"ada_"}',
    );
  });

  test("a folder that dbt cannot write to is told before the first request", async () => {
    const state = join(cloud.site.cwd, ".spacex-etl", "dbt");
    renameSync(state, `${state}-aside`);
    writeFileSync(state, "");
    const before = cloud.site.simulator.requests.length;
    const { summary, output } = await cloud.site.step("run --run-id folder", { env });
    rmSync(state);
    renameSync(`${state}-aside`, state);
    expect(summary.error, output).toMatchObject({
      code: "DBT_ARTIFACTS",
      hint: expect.stringContaining("--no-transform"),
    });
    expect(cloud.site.simulator.requests).toHaveLength(before);
  });

  test("a dbt without the adapter is told before the first request", async () => {
    const root = join(cloud.site.cwd, "env");
    const packages = join(root, "lib", "python3.12", "site-packages");
    for (const name of ["dbt_core-1.11.16", "dbt_duckdb-1.11.1", "duckdb-1.5.6"])
      mkdirSync(join(packages, `${name}.dist-info`), { recursive: true });
    mkdirSync(join(root, "bin"));
    const dbt = join(root, "bin", "dbt");
    writeFileSync(dbt, "#!/bin/sh\n", { mode: 0o755 });
    const before = cloud.site.simulator.requests.length;
    const { summary } = await cloud.site.step("run --run-id r5", { env: { ...env, SPACEX_ETL_DBT: dbt } });
    expect(summary.error).toMatchObject({
      code: "DBT_ADAPTER_MISSING",
      message: expect.stringContaining(`has no dbt-${engine}`),
      hint: expect.stringMatching(/pip.* install .*--no-transform/),
    });
    expect(cloud.site.simulator.requests).toHaveLength(before);
  });
});
