import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedSnapshot, startSimulator } from "@spacex-etl/spacex-simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectFailure, openSite, type Site } from "../harness/site.ts";

let site: Site;

beforeAll(async () => {
  site = await openSite();
  writeFileSync(join(site.cwd, "a-file"), "not a folder");
  for (const [name, lines] of [
    ["old-dbt", ["#!/gone/bin/python3.11", "import dbt"]],
    // How an installer starts a script whose interpreter has a long path.
    ["older-dbt", ["#!/bin/sh", `'''exec' '/gone too/bin/python' "$0" "$@"`, "' '''"]],
  ] as const) {
    writeFileSync(join(site.cwd, name), lines.join("\n"));
    chmodSync(join(site.cwd, name), 0o755);
  }
});

afterAll(() => site[Symbol.asyncDispose]());

interface Case {
  readonly words: string;
  readonly code: string;
  readonly says: RegExp;
  readonly exitCode?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const WITH_DBT = { SPACEX_ETL_NO_TRANSFORM: "" };

const CASES: readonly Case[] = [
  { words: "run --frobnicate", code: "UNKNOWN_FLAG", says: /There is no flag --frobnicate\..*help/s },
  { words: "run --warehose x", code: "UNKNOWN_FLAG", says: /Did you mean --warehouse\?/ },
  { words: "extrct", code: "UNKNOWN_COMMAND", says: /Did you mean extract\?/ },
  { words: "run --lake", code: "FLAG_VALUE_MISSING", says: /--lake needs a value/ },
  { words: "run --strict=yes", code: "FLAG_VALUE_UNEXPECTED", says: /--strict takes no value/ },
  { words: "run --run-id a --run-id b", code: "FLAG_REPEATED", says: /"a" and "b"/ },
  { words: "plan --dry-run", code: "FLAG_NOT_FOR_COMMAND", says: /plan does not take --dry-run/ },
  { words: "run launches", code: "UNEXPECTED_ARGUMENT", says: /--collections launches/ },
  { words: "files", code: "ARGUMENT_MISSING", says: /files launches/ },
  {
    words: "run --collections crew,rockits",
    code: "UNKNOWN_COLLECTION",
    says: /rockits[^]*Did you mean rockets\?/,
  },
  {
    words: "run --api localhost:4000",
    code: "SETTING_INVALID",
    says: /no http or https address[^]*http:\/\/127/,
  },
  { words: "run --api http://h/v4/launches", code: "SETTING_INVALID", says: /Use http:\/\/h\./ },
  { words: "run --api http://ada:secret@h", code: "SETTING_INVALID", says: /user name or password/ },
  { words: "run --run-id Run_1", code: "RUN_ID_INVALID", says: /Use for example run-1-/ },
  { words: "run --compression lz4", code: "SETTING_INVALID", says: /zstd, gzip/ },
  { words: "run --max-invalid some", code: "SETTING_INVALID", says: /whole number from 0/ },
  { words: "run --lake s3:/bucket/lake", code: "LAKE_URL", says: /names no bucket[^]*s3:\/\/bucket\/prefix/ },
  { words: "run --lake gs://bucket/lake?region=eu", code: "LAKE_URL", says: /"region"[^]*userProject/ },
  {
    words: "run --lake s3://ada:secret@bucket/lake",
    code: "LAKE_URL",
    says: /holds a user name or password[^]*environment, profile, role/,
  },
  { words: "run --lake s3://bucket/lake?secret", code: "LAKE_URL", says: /else than name=value/ },
  { words: "run --lake gs://bucket/lake#secret", code: "LAKE_URL", says: /no fragment/ },
  {
    words: "run --warehouse snowflake://account/database",
    code: "DESTINATION_UNSUPPORTED",
    says: /snowflake is not in this version[^]*redshift:\/\//,
  },
  { words: "run --warehouse bq://p/d", code: "SETTING_INVALID", says: /Did you mean bigquery\?/ },
  {
    words: "run --warehouse bigquery://project/dataset",
    code: "WAREHOUSE_URL",
    says: /names no location[^]*\?location=EU/,
  },
  {
    words: "run --warehouse bigquery://project/dataset?location=EU&jobProjekt=x",
    code: "WAREHOUSE_URL",
    says: /"jobProjekt"[^]*Did you mean jobProject\?/,
  },
  {
    words: "run --lake s3://lake --warehouse redshift://ada:secret@host/dev?iamRole=default",
    code: "WAREHOUSE_URL",
    says: /holds a password[^]*set REDSHIFT_PASSWORD/,
  },
  {
    words: "run --warehouse redshift://ada@host/dev?iamRole=default",
    code: "LAKE_WAREHOUSE_PAIR",
    says: /cannot be loaded from the lake \.\/\.spacex-etl\/lake: Redshift loads from s3:[^]*DuckDB file or BigQuery/,
  },
  {
    words: "plan --lake s3://lake --warehouse bigquery://project/dataset?location=EU",
    code: "LAKE_WAREHOUSE_PAIR",
    says: /BigQuery loads from gs:[^]* or a folder[^]*DuckDB file or Redshift/,
  },
  {
    words: "run --lake s3://lake --warehouse redshift://ada@host/dev?iamRole=default",
    env: { REDSHIFT_PASSWORD: "" },
    code: "WAREHOUSE_AUTH",
    exitCode: 3,
    says: /REDSHIFT_PASSWORD is not set[^]*iam=true/,
  },
  {
    words: "run --lake s3://lake --warehouse redshift://ada@host/dev?iamRole=default&ca=none.pem",
    env: { REDSHIFT_PASSWORD: "secret" },
    code: "WAREHOUSE_URL",
    says: /certificates[^]*none\.pem[^]*PEM file/,
  },
  { words: "run --lake ./.spacex-etl", code: "SETTINGS_CONTRADICT", says: /lies inside the lake/ },
  { words: "transform --no-transform", code: "SETTINGS_CONTRADICT", says: /contradict each other/ },
  {
    words: "run --lake ./mine",
    env: { SPACEX_API_URL: "" },
    code: "SETTINGS_CONTRADICT",
    says: /--api embedded for the snapshot/,
  },
  {
    words: "run",
    env: { SPACEX_ETL_COLECTIONS: "crew" },
    code: "UNKNOWN_VARIABLE",
    says: /Did you mean SPACEX_ETL_COLLECTIONS\?/,
  },
  {
    words: "run",
    env: { SPACEX_ETL_MAX_INVALID: "x" },
    code: "SETTING_INVALID",
    says: /^SPACEX_ETL_MAX_INVALID "x"/,
  },
  {
    words: "run --dbt no-such-dbt",
    env: WITH_DBT,
    code: "DBT_MISSING",
    says: /no-such-dbt on the PATH.*--no-transform/s,
  },
  { words: "run --dbt ./no-such-dbt", env: WITH_DBT, code: "DBT_MISSING", says: /no-such-dbt is no program/ },
  {
    words: "run --dbt ./old-dbt",
    env: WITH_DBT,
    code: "DBT_BROKEN",
    says: /\/gone\/bin\/python3\.11 is gone/,
  },
  {
    words: "run --dbt ./older-dbt",
    env: WITH_DBT,
    code: "DBT_BROKEN",
    says: /\/gone too\/bin\/python is gone/,
  },
  {
    words: "run --dbt-project ./none",
    env: WITH_DBT,
    code: "DBT_PROJECT_MISSING",
    says: /no dbt_project\.yml in .*none/,
  },
  { words: "normalize", code: "NO_RUN", says: /no run of source simulated[^]*Extract one first/ },
  { words: "load", code: "NO_RUN", says: /Extract and normalize one first/ },
  { words: "normalize --run-id r1", code: "RUN_NOT_EXTRACTED", says: /extract --run-id r1/ },
  { words: "load --run-id r1", code: "RUN_NOT_NORMALIZED", says: /normalize --run-id r1/ },
  { words: "run --lake ./a-file", code: "LAKE_NOT_FOLDER", says: /a-file[^]*Choose a folder with --lake/ },
  { words: "run --lake ./a-file/lake", code: "LAKE_NOT_FOLDER", says: /a-file\/lake/ },
  {
    words: "run --warehouse ./a-file/x.duckdb",
    code: "WAREHOUSE_PATH",
    exitCode: 8,
    says: /a-file\/x\.duckdb/,
  },
  {
    words: "run --warehouse ./a-file",
    code: "WAREHOUSE_NOT_DUCKDB",
    exitCode: 8,
    says: /a-file exists, but/,
  },
];

const REPORTS = ["plan", "files"];

/** Folders where even root can make no file. */
const READ_ONLY: readonly Case[] = [
  { words: "run --lake /sys/lake", code: "LAKE_PERMISSION", exitCode: 3, says: /\/sys\/lake/ },
  { words: "run --lake /proc/lake", code: "LAKE_IO", exitCode: 8, says: /\/proc\/lake/ },
];
const onLinux = process.platform === "linux";
if (!onLinux) console.warn("SKIPPED: folders that nobody can write, because only Linux has them");

test.each([...CASES, ...(onLinux ? READ_ONLY : [])])(
  "$words: $code",
  async ({ words, code, says, exitCode = 2, env }) => {
    const isReport = REPORTS.includes(words.split(" ")[0] ?? "");
    const extra = env === undefined ? {} : { env };
    const result = await (isReport ? site.report(words, extra) : site.step(words, extra));
    expectFailure(result, { exitCode, code, says });
    expect(result.output).not.toContain("secret");
    expect(site.simulator.requests, "nothing was asked for").toEqual([]);
    const left = readdirSync(site.cwd, { recursive: true }).map(String).toSorted();
    expect(left, "nothing was written").toEqual(["a-file", "old-dbt", "older-dbt"]);
  },
);

test("an address that is not the API's, and one where nobody is", async () => {
  const wrong = await site.step(`extract --api ${site.simulator.url}/elsewhere --source wrong`);
  expectFailure(wrong, { exitCode: 4, code: "NOT_FOUND", says: /without \/v4/ });
  await using gone = await startSimulator({ data: await embeddedSnapshot() });
  const { url } = gone;
  await gone.close();
  const nobody = await site.step(`extract --api ${url} --collections company --source gone`);
  expectFailure(nobody, { exitCode: 4, code: "SOURCE_UNREACHABLE", says: /ECONNREFUSED|refused/i });
});

test.runIf(onLinux)(
  "a warehouse where nothing can be written, which root is told only when it tries",
  async () => {
    await using other = await openSite();
    const result = await other.step("run --run-id r1 --warehouse /sys/x.duckdb");
    expectFailure(result, { exitCode: 3, code: "WAREHOUSE_UNWRITABLE", says: /\/sys\/x\.duckdb/ });
  },
);

test("a port that is in use", async () => {
  const { port } = new URL(site.simulator.url);
  const { code, stdout, stderr } = await site.plain(`simulate --port ${port}`);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^error The port \d+ .*in use.*\nwhere PORT_IN_USE \(exit code 2: .*\n next Choose another/,
  );
  expect(stderr).not.toMatch(/^ +at /m);
});
