import { COMMAND_NAMES, type CommandName } from "./commands.ts";
import type { SettingName } from "../config/pipeline-config.ts";

/** The heading of help that a flag stands under. */
export type FlagGroup = "source" | "lake" | "warehouse" | "run" | "dbt" | "gc" | "output";

/** One setting: its flag, its environment variable, its default and who takes it. Help and docs are made from this. */
export interface FlagDescription {
  /** Long flag without dashes. */
  readonly name: string;
  readonly setting: SettingName;
  /** A switch takes no value. */
  readonly kind: "value" | "switch";
  /** The switch turns a setting off that is on by default. */
  readonly negated?: true;
  /** May be given more than once; the values are joined. */
  readonly list?: true;
  /** Placeholder of the value. */
  readonly placeholder?: string;
  readonly env: string;
  /** As a person would type it; undefined where there is none or it is derived. */
  readonly default?: string;
  readonly help: string;
  readonly group: FlagGroup;
  /** The commands that take the flag. In the environment a setting that a command does not take is ignored. */
  readonly commands: readonly CommandName[];
}

const steps: readonly CommandName[] = [
  "run",
  "extract",
  "normalize",
  "load",
  "transform",
  "plan",
  "doctor",
  "verify",
  "files",
];

/** DuckDB's share; Node and the read buffers come on top. Half of what a small container has. */
const DEFAULT_MEMORY_LIMIT = "512MB";

export const FLAGS: readonly FlagDescription[] = [
  {
    name: "api",
    setting: "api",
    kind: "value",
    placeholder: "URL|live|embedded",
    env: "SPACEX_API_URL",
    default: "embedded",
    help: "where the records come from: a base address without /v4, the public API, or the embedded snapshot",
    group: "source",
    commands: COMMAND_NAMES,
  },
  {
    name: "source",
    setting: "source",
    kind: "value",
    placeholder: "NAME",
    env: "SPACEX_ETL_SOURCE",
    help: "name of the source in the lake and the warehouse (default: from --api)",
    group: "source",
    commands: COMMAND_NAMES,
  },
  {
    name: "collections",
    setting: "collections",
    kind: "value",
    list: true,
    placeholder: "a,b",
    env: "SPACEX_ETL_COLLECTIONS",
    help: "only these collections (default: all)",
    group: "source",
    commands: steps,
  },
  {
    name: "no-etag",
    setting: "etag",
    kind: "switch",
    negated: true,
    env: "SPACEX_ETL_NO_ETAG",
    help: "ask the source for everything again, changed or not",
    group: "source",
    commands: steps,
  },
  {
    name: "lake",
    setting: "lake",
    kind: "value",
    placeholder: "URL",
    env: "LAKE_URL",
    default: "./.spacex-etl/lake",
    help: "the lake: a folder, s3://bucket/prefix or gs://bucket/prefix",
    group: "lake",
    commands: COMMAND_NAMES,
  },
  {
    name: "compression",
    setting: "compression",
    kind: "value",
    placeholder: "zstd|gzip",
    env: "SPACEX_ETL_COMPRESSION",
    default: "zstd",
    help: "of the raw parts",
    group: "lake",
    commands: steps,
  },
  {
    name: "max-invalid",
    setting: "maxInvalid",
    kind: "value",
    placeholder: "N",
    env: "SPACEX_ETL_MAX_INVALID",
    default: "0",
    help: "invalid records per collection to put in quarantine before it is an error",
    group: "lake",
    commands: steps,
  },
  {
    name: "strict",
    setting: "strict",
    kind: "switch",
    env: "SPACEX_ETL_STRICT",
    help: "unknown fields in the records are an error, not a warning",
    group: "lake",
    commands: steps,
  },
  {
    name: "warehouse",
    setting: "warehouse",
    kind: "value",
    placeholder: "URL",
    env: "WAREHOUSE_URL",
    default: "./.spacex-etl/warehouse.duckdb",
    help: "the warehouse: a DuckDB file, bigquery://project/dataset?location=EU or redshift://user@host/database?iamRole=ARN",
    group: "warehouse",
    commands: COMMAND_NAMES,
  },
  {
    name: "allow-deletes",
    setting: "allowDeletes",
    kind: "switch",
    env: "SPACEX_ETL_ALLOW_DELETES",
    help: "accept that a collection comes back empty or much smaller",
    group: "warehouse",
    commands: steps,
  },
  {
    name: "allow-source-change",
    setting: "allowSourceChange",
    kind: "switch",
    env: "SPACEX_ETL_ALLOW_SOURCE_CHANGE",
    help: "load another source into a warehouse that holds one already",
    group: "warehouse",
    commands: steps,
  },
  {
    name: "lock-timeout",
    setting: "lockTimeout",
    kind: "value",
    placeholder: "SECONDS",
    env: "SPACEX_ETL_LOCK_TIMEOUT",
    default: "5",
    help: "how long to wait for a database that another process holds",
    group: "warehouse",
    commands: steps,
  },
  {
    name: "memory-limit",
    setting: "memoryLimit",
    kind: "value",
    placeholder: "SIZE",
    env: "SPACEX_ETL_MEMORY_LIMIT",
    default: DEFAULT_MEMORY_LIMIT,
    help: "memory for DuckDB, for example 1GB",
    group: "warehouse",
    commands: steps,
  },
  {
    name: "run-id",
    setting: "runId",
    kind: "value",
    placeholder: "ID",
    env: "RUN_ID",
    help: "the run to start, continue or look at (default: a new one; after extract, the newest)",
    group: "run",
    commands: steps,
  },
  {
    name: "no-transform",
    setting: "transform",
    kind: "switch",
    negated: true,
    env: "SPACEX_ETL_NO_TRANSFORM",
    help: "stop after load, without dbt",
    group: "dbt",
    commands: steps,
  },
  {
    name: "dbt",
    setting: "dbt",
    kind: "value",
    placeholder: "PATH",
    env: "SPACEX_ETL_DBT",
    help: "the dbt command: a path, or a name on the PATH (default: dbt)",
    group: "dbt",
    commands: steps,
  },
  {
    name: "dbt-project",
    setting: "dbtProject",
    kind: "value",
    placeholder: "DIR",
    env: "SPACEX_ETL_DBT_PROJECT",
    help: "the dbt project (default: the one that comes with spacex-etl)",
    group: "dbt",
    commands: steps,
  },
  {
    name: "keep-runs",
    setting: "keepRuns",
    kind: "value",
    placeholder: "N",
    env: "SPACEX_ETL_KEEP_RUNS",
    help: "keep the newest N runs",
    group: "gc",
    commands: ["gc"],
  },
  {
    name: "keep-days",
    setting: "keepDays",
    kind: "value",
    placeholder: "N",
    env: "SPACEX_ETL_KEEP_DAYS",
    help: "keep the runs of the last N days",
    group: "gc",
    commands: ["gc"],
  },
  {
    name: "grace-hours",
    setting: "graceHours",
    kind: "value",
    placeholder: "N",
    env: "SPACEX_ETL_GRACE_HOURS",
    default: "24",
    help: "leave alone what is younger than this",
    group: "gc",
    commands: ["gc"],
  },
  {
    name: "dry-run",
    setting: "dryRun",
    kind: "switch",
    env: "SPACEX_ETL_DRY_RUN",
    help: "print what would be deleted, and delete nothing",
    group: "gc",
    commands: ["gc"],
  },
  {
    name: "json",
    setting: "json",
    kind: "switch",
    env: "SPACEX_ETL_JSON",
    help: "print exactly one JSON document to stdout, everything else to stderr",
    group: "output",
    commands: COMMAND_NAMES,
  },
];

/**
 * Environment variables that are no settings of the pipeline but known to some part of spacex-etl. A name that ends in
 * `*` stands for all that begin so.
 */
export const OTHER_ENVIRONMENT: Readonly<Record<string, string>> = {
  REDSHIFT_PASSWORD: "password of the user in redshift://, not with IAM",
  SPACEX_ETL_DEBUG: "1: print the stack of every error",
  SPACEX_ETL_INVOCATION: "the words that start the program, for proposals",
  SPACEX_ETL_FAILPOINT: "crash tests: end the process at an effect",
  SPACEX_ETL_DBT_TARGET: "dbt profile: the target",
  SPACEX_ETL_DBT_THREADS: "dbt profile: threads",
  "SPACEX_ETL_DUCKDB_*": "dbt profile: path and memory of the database",
  "SPACEX_ETL_BIGQUERY_*": "dbt profile: connection",
  "SPACEX_ETL_REDSHIFT_*": "dbt profile: connection",
};

/** All flags of a command, or all there are. */
export function describeFlags(command?: CommandName): readonly FlagDescription[] {
  return command === undefined ? FLAGS : FLAGS.filter((flag) => flag.commands.includes(command));
}
