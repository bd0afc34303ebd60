import { EtlError } from "@spacex-etl/contracts";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../command-line/command-line.ts";
import { describeFlags } from "../command-line/flags.ts";
import { parseConfig } from "./parse-config.ts";
import { collectionNames, configOf, cwd, errorOf } from "../../test/config-of.ts";

test("no word at all is the whole job on the embedded snapshot", () => {
  expect(configOf("")).toMatchObject({
    command: "run",
    api: { kind: "embedded" },
    source: "embedded",
    lake: {
      location: { kind: "file", directory: "/srv/ada/.spacex-etl/lake" },
      url: "/srv/ada/.spacex-etl/lake",
      display: "./.spacex-etl/lake",
    },
    warehouse: { kind: "duckdb", path: "/srv/ada/.spacex-etl/warehouse.duckdb" },
    runId: undefined,
    collections: collectionNames,
    transform: true,
    compression: "zstd",
    maxInvalid: 0,
    allowDeletes: false,
    strict: false,
    etag: true,
    json: false,
    lockTimeoutMs: 5000,
    gc: { keepRuns: undefined, keepDays: undefined, graceHours: 24, dryRun: false },
    notes: [],
  });
});

test("every setting can come from a flag", () => {
  const config = configOf(
    "run --api http://127.0.0.1:4000/base/ --lake file:///srv/lake --warehouse=duckdb:w.db --run-id r1 " +
      "--collections rockets,launches --collections launches --no-transform --compression gzip --max-invalid 3 " +
      "--allow-deletes --allow-source-change --strict --no-etag --json --json --dbt bin/dbt --dbt-project ../dbt " +
      "--lock-timeout 0.5 --memory-limit 1GB",
  );
  expect(config).toMatchObject({
    api: { kind: "url", baseUrl: "http://127.0.0.1:4000/base" },
    source: "127.0.0.1-4000-base",
    lake: { url: "/srv/lake", display: "/srv/lake" },
    warehouse: { path: "/srv/ada/w.db", display: "./w.db" },
    runId: "r1",
    collections: ["launches", "rockets"],
    transform: false,
    compression: "gzip",
    maxInvalid: 3,
    allowDeletes: true,
    allowSourceChange: true,
    strict: true,
    etag: false,
    json: true,
    dbt: { executable: "/srv/ada/bin/dbt", projectDirectory: "/srv/dbt" },
    lockTimeoutMs: 500,
    memoryLimit: "1GB",
  });
  expect(config.origin).toMatchObject({ lake: "flag", source: "default", keepRuns: "default" });
});

test("the environment stands behind the flags, and an empty variable is not set", () => {
  const config = configOf("load --warehouse mine.duckdb", {
    SPACEX_API_URL: "live",
    LAKE_URL: "/data/lake",
    WAREHOUSE_URL: "/data/other.duckdb",
    RUN_ID: "nightly",
    SPACEX_ETL_STRICT: "1",
    SPACEX_ETL_ALLOW_DELETES: "false",
    SPACEX_ETL_NO_TRANSFORM: "yes",
    SPACEX_ETL_DBT: " ",
    SPACEX_ETL_KEEP_RUNS: "not looked at by load",
  });
  expect(config).toMatchObject({
    source: "live",
    lake: { url: "/data/lake" },
    warehouse: { path: "/srv/ada/mine.duckdb" },
    runId: "nightly",
    strict: true,
    allowDeletes: false,
    transform: false,
    dbt: { executable: undefined },
    origin: { warehouse: "flag", lake: "environment", dbt: "default" },
  });
});

test("a scheduler's run id from the environment is mapped aloud, from a flag it is refused", () => {
  const id = "scheduled__2026-11-22T00:00:00+00:00";
  const config = configOf("extract", { RUN_ID: id });
  expect(config.runId).toMatch(/^scheduled-2026-11-22t00-00-00-00-00-[0-9a-f]{8}$/);
  expect(config.notes).toEqual([expect.stringContaining(config.runId ?? "?")]);
  expect(errorOf(`extract --run-id ${id}`)).toMatchObject({
    code: "RUN_ID_INVALID",
    hint: expect.stringContaining(config.runId ?? "?"),
  });
});

test("the public API's own address is the source live, and --source names any other", () => {
  expect(configOf("run --api https://api.spacexdata.com/")).toMatchObject({
    api: { kind: "live" },
    source: "live",
  });
  expect(configOf("run --api https://API.example.com --source staging-api").source).toBe("staging-api");
  expect(configOf("run --api https://API.example.com").source).toBe("api.example.com");
});

test("the embedded snapshot goes to other places only when it is named", () => {
  const refused = { code: "SETTINGS_CONTRADICT", message: expect.stringContaining("--api is not given") };
  expect(errorOf("run --lake ./elsewhere")).toMatchObject(refused);
  expect(errorOf("run", { WAREHOUSE_URL: "/data/w.duckdb" })).toMatchObject(refused);
  expect(configOf("run --api embedded --lake ./elsewhere").source).toBe("embedded");
  expect(configOf("run --lake ./.spacex-etl/lake").source).toBe("embedded");
  expect(configOf("verify --lake ./elsewhere").lake.url).toBe("/srv/ada/elsewhere");
});

test("files takes one table, gc its own limits", () => {
  expect(configOf("files launches__cores").table).toBe("launches__cores");
  expect(configOf("gc --keep-runs 5 --keep-days 30 --grace-hours 0 --dry-run").gc).toEqual({
    keepRuns: 5,
    keepDays: 30,
    graceHours: 0,
    dryRun: true,
  });
});

describe("bad input is an error of kind usage that names it and says what to do", () => {
  test.each([
    ["--lakee x", "UNKNOWN_FLAG", "--lakee", "Did you mean --lake?"],
    ["--run_id x", "UNKNOWN_FLAG", "--run_id", "Did you mean --run-id?"],
    ["-json", "UNKNOWN_FLAG", "-json", "Did you mean --json?"],
    ["--frobnicate=1", "UNKNOWN_FLAG", "--frobnicate", "`spacex-etl help` lists the flags."],
    ["extrct", "UNKNOWN_COMMAND", '"extrct"', "Did you mean extract?"],
    ["redshift://u:p@h/d", "UNKNOWN_COMMAND", 'no command "redshift://***@h/d"', "The commands are"],
    ["--json simulate", "MISPLACED_COMMAND", "simulate", "spacex-etl simulate"],
    ["--lake", "FLAG_VALUE_MISSING", "--lake", "Write --lake URL"],
    ["--lake --json", "FLAG_VALUE_MISSING", "--lake", "--lake=VALUE"],
    ["--lake=", "FLAG_VALUE_MISSING", "--lake", "Write --lake URL"],
    ["--json=yes", "FLAG_VALUE_UNEXPECTED", "--json", "alone"],
    ["--run-id a --run-id b", "FLAG_REPEATED", "--run-id", "once"],
    ["run --keep-runs 3", "FLAG_NOT_FOR_COMMAND", "run does not take --keep-runs", "It belongs to gc."],
    ["load --dry-run", "FLAG_NOT_FOR_COMMAND", "--dry-run", "spacex-etl plan"],
    ["gc --collections cores", "FLAG_NOT_FOR_COMMAND", "--collections", "help gc"],
    ["run launches", "UNEXPECTED_ARGUMENT", '"launches"', "--collections launches"],
    ["run redshift://u:p@h/d", "UNEXPECTED_ARGUMENT", 'no argument "redshift://***@h/d"', "help run"],
    ["files", "ARGUMENT_MISSING", "files", "files launches"],
    ["files cores rockets", "UNEXPECTED_ARGUMENT", '"rockets"', "--collections rockets"],
    [
      "--collections launchs",
      "UNKNOWN_COLLECTION",
      "launchs",
      "Did you mean launches? The collections are cores,",
    ],
    [
      "--collections cores,x,y",
      "UNKNOWN_COLLECTION",
      "x, y",
      "The collections are cores, launches, rockets.",
    ],
    ["--collections ,", "SETTING_INVALID", "--collections", "The collections are"],
    ["--run-id UPPER", "RUN_ID_INVALID", "UPPER", "Use for example upper-"],
    ["--api htp:/x", "SETTING_INVALID", '--api "htp:***" is no http', "http://127.0.0.1:4000"],
    ["--api lvie", "SETTING_INVALID", '--api "lvie"', "embedded, live"],
    ["--api http:/host", "SETTING_INVALID", "--api", "http://127.0.0.1:4000"],
    ["--api https://x.test/v4", "SETTING_INVALID", "base address", "Use https://x.test."],
    ["--api https://x.test/p/v5/launches", "SETTING_INVALID", "base address", "Use https://x.test/p."],
    ["--api https://x.test/?a=1", "SETTING_INVALID", "query", "http"],
    ["--source Staging/1", "SETTING_INVALID", "--source", "short name"],
    ["--lake ftp://x", "LAKE_URL", "cannot be used: a lake's address cannot begin with ftp:", "s3://bucket"],
    ["--warehouse snowflake://a/b", "DESTINATION_UNSUPPORTED", "snowflake is not in this version", "DuckDB"],
    ["--warehouse bigqurey://p/d", "SETTING_INVALID", "unknown scheme bigqurey:", "Did you mean bigquery?"],
    ["--warehouse duckdb::memory:", "SETTING_INVALID", "in memory", "DuckDB file"],
    ["--warehouse ./dir/", "SETTING_INVALID", "is a folder", "DuckDB file"],
    ["--warehouse .spacex-etl/lake/w.db", "SETTINGS_CONTRADICT", "inside the lake", "beside"],
    ["--compression lz4", "SETTING_INVALID", '--compression "lz4" is none of zstd, gzip', "zstd or gzip"],
    ["--max-invalid=-1", "SETTING_INVALID", '--max-invalid "-1"', "whole number"],
    ["--max-invalid 1.5", "SETTING_INVALID", "--max-invalid", "whole number"],
    ["--lock-timeout soon", "SETTING_INVALID", "--lock-timeout", "number from 0"],
    ["--memory-limit 10", "SETTING_INVALID", "--memory-limit", "512MB"],
    ["gc --keep-runs 0", "SETTING_INVALID", "--keep-runs", "from 1"],
    ["transform --no-transform", "SETTINGS_CONTRADICT", "--no-transform", "Leave out"],
  ])("%s", (words, code, message, hint) => {
    const error = errorOf(words);
    expect(error).toMatchObject({ kind: "usage", exitCode: 2, code });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test.each(["https://user:hunter2@x.test", "https://x.test/?token=hunter2"])(
    "a secret in the address does not come back in the message: %s",
    (address) => {
      const error = errorOf(`run --api ${address}`);
      expect(error.message).toContain("--api");
      expect(error.message).not.toContain("hunter2");
    },
  );

  const PLANTED = [
    "x3://ada:hunter 2@b/x",
    'x3://ada:hunter"2@b/x',
    "x3://hunter@2@b/x",
    "x3://hunter?2@b/x",
    "x3://b/p#hunter",
    "x3://b/p?hunter",
    "x3://b/p?hunter=",
    "x3://b/p?hunter==",
    "x3://b/p?a=1&hunter/2+=x",
    'x3://b/p?token=x"hunter&y z hunter#hunter',
  ];
  test.each(["lake", "api", "warehouse"].flatMap((flag) => PLANTED.map((address) => [flag, address])))(
    "--%s %s: neither what is before the host nor what is after the path comes back",
    (flag = "", address = "") => {
      let message = "";
      try {
        parseConfig({ command: "run", flags: { [flag]: address }, env: {}, cwd, collectionNames });
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain(`--${flag} "x3://`);
      expect(message).not.toMatch(/hunter|2/);
    },
  );

  const known = { s3: "lake", gs: "lake", bigquery: "warehouse", redshift: "warehouse" };
  test.each(
    Object.entries(known).flatMap(([scheme, flag]) =>
      PLANTED.map((address) => [flag, address.replace("x3", scheme)]),
    ),
  )("--%s %s: nor does what is wrong with it say it", (flag = "", address = "") => {
    let text = "";
    try {
      parseConfig({ command: "verify", flags: { [flag]: address }, env: {}, cwd, collectionNames });
    } catch (error) {
      text = EtlError.isInstance(error) ? `${error.message} ${error.hint}` : String(error);
    }
    expect(text).toContain("cannot be used");
    expect(text).not.toContain("hunter");
  });

  test("names of parameters stay in the message, so that the wrong one is found", () => {
    expect(errorOf("run --api https://x.test/p?page=2&page-size=3").message).toContain(
      '--api "https://x.test/p?page=***&page-size=***"',
    );
  });

  test("several at once are all named, with the variable where it came from one", () => {
    const error = errorOf("--max-invalid few", { SPACEX_ETL_COMPRESSION: "lz4" });
    expect(error.message).toContain('--max-invalid "few"');
    expect(error.message).toContain('SPACEX_ETL_COMPRESSION "lz4"');
  });

  test("unknown variables of ours and unclear switches", () => {
    expect(errorOf("", { SPACEX_ETL_COMPRESION: "gzip" })).toMatchObject({
      code: "UNKNOWN_VARIABLE",
      hint: expect.stringContaining("Did you mean SPACEX_ETL_COMPRESSION?"),
    });
    expect(configOf("", { SPACEX_ETL_REDSHIFT_HOST: "h", SPACEX_ETL_DEBUG: "1" }).command).toBe("run");
    expect(errorOf("", { SPACEX_ETL_STRICT: "maybe" })).toMatchObject({ code: "SETTING_INVALID" });
  });
});

test("help, version and the simulator are recognised before settings are", () => {
  expect(parseCommandLine(["-h"])).toEqual({ kind: "help", topic: undefined });
  expect(parseCommandLine(["load", "--help"])).toEqual({ kind: "help", topic: "load" });
  expect(parseCommandLine(["help", "exit-codes"])).toEqual({ kind: "help", topic: "exit-codes" });
  expect(parseCommandLine(["--version"])).toEqual({ kind: "version" });
  expect(parseCommandLine(["simulate", "--port", "0", "--help"])).toEqual({
    kind: "simulate",
    argv: ["--port", "0", "--help"],
  });
});

test("no two flags share a name, a setting or a variable", () => {
  const flags = describeFlags();
  for (const key of ["name", "setting", "env"] as const) {
    expect(new Set(flags.map((flag) => flag[key])).size).toBe(flags.length);
  }
});
