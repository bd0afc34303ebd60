import type { EtlError } from "@spacex-etl/contracts";
import { collectionNames as apiCollections } from "@spacex-etl/spacex-client/tables";
import { relative, resolve } from "node:path";
import { collectSettings, type CollectedSettings, type Environment } from "./collect-settings.ts";
import type { CommandName } from "../command-line/commands.ts";
import type { FlagValues } from "../command-line/command-line.ts";
import { FLAGS } from "../command-line/flags.ts";
import { artifactsDirectory } from "./artifacts-directory.ts";
import { sourceOf } from "./locations.ts";
import { pairError } from "./pair.ts";
import type { PipelineConfig } from "./pipeline-config.ts";
import { PASSWORD_VARIABLE, type WarehouseLocation } from "./warehouse/index.ts";
import { type IssueParams, type Settings, settingsSchema } from "./settings-schema.ts";
import { usageError } from "../command-line/usage-error.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** All that a configuration is made of. */
export interface ParseConfigOptions {
  readonly command: CommandName;
  /** By long name without dashes, as `parseCommandLine` gives them. */
  readonly flags?: FlagValues;
  /** Words after the command. */
  readonly positionals?: readonly string[];
  readonly env: Environment;
  /** Absolute path; relative paths are resolved against it. */
  readonly cwd: string;
  /** All that the source has, in their usual order; by default the API's. */
  readonly collectionNames?: readonly string[];
}

/**
 * The configuration of a command, from flags, environment and defaults in this order. Reads no file and asks nobody.
 *
 * @throws EtlError of kind `usage` that names every setting that is unknown, malformed or contradicts another.
 */
export function parseConfig(options: ParseConfigOptions): PipelineConfig {
  const { command, flags = {}, positionals = [], env, cwd, collectionNames = apiCollections } = options;
  const collected = collectSettings(command, flags, env);
  // An empty variable is not set, as everywhere.
  const password = (): string | undefined => env[PASSWORD_VARIABLE] || undefined;
  // The SDKs read the first only; the command line of AWS reads the other, too.
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || undefined;
  const parsed = settingsSchema({ cwd, collectionNames, password, region }).safeParse(collected.texts, {
    jitless: true,
  });
  if (!parsed.success) throw invalidSettings(parsed.error.issues, collected);
  const settings = parsed.data;
  const table = readTable(command, positionals, collectionNames);
  refuseContradictions(command, settings, cwd, collected);
  refuseTwoWaysToSignIn(command, settings.warehouse, password());
  return {
    command,
    api: settings.api,
    source: settings.source ?? sourceOf(settings.api),
    lake: settings.lake,
    warehouse: settings.warehouse,
    runId: settings.runId,
    collections: settings.collections,
    table,
    transform: settings.transform,
    compression: settings.compression,
    maxInvalid: settings.maxInvalid,
    allowDeletes: settings.allowDeletes,
    allowSourceChange: settings.allowSourceChange,
    strict: settings.strict,
    etag: settings.etag,
    json: settings.json,
    dbt: {
      executable: settings.dbt,
      projectDirectory: settings.dbtProject,
      artifactsDirectory: artifactsDirectory(settings.warehouse, cwd),
    },
    lockTimeoutMs: Math.round(settings.lockTimeout * 1000),
    memoryLimit: settings.memoryLimit,
    gc: {
      keepRuns: settings.keepRuns,
      keepDays: settings.keepDays,
      graceHours: settings.graceHours,
      dryRun: settings.dryRun,
    },
    origin: collected.origin,
    notes: collected.notes,
  };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly params?: unknown;
}

function invalidSettings(issues: readonly Issue[], { texts, origin }: CollectedSettings): EtlError {
  const sentences = issues.map((issue) => {
    const flag = FLAGS.find(({ setting }) => setting === issue.path[0]);
    const name = flag === undefined ? issue.path.join(".") : `--${flag.name}`;
    const where = flag !== undefined && origin[flag.setting] === "environment" ? flag.env : name;
    return `${where} ${quoted(texts[String(issue.path[0])])} ${issue.message}`;
  });
  const params = issues[0]?.params as IssueParams | undefined;
  return usageError(
    params?.code ?? "SETTING_INVALID",
    `${sentences.join("; ")}.`,
    params?.hint ?? "`spacex-etl help` lists the settings.",
  );
}

function quoted(text: unknown): string {
  return JSON.stringify(typeof text === "string" ? withoutSecrets(text) : text);
}

function readTable(
  command: CommandName,
  positionals: readonly string[],
  collectionNames: readonly string[],
): string | undefined {
  const [first, second] = positionals;
  if (command === "files") {
    if (first === undefined) {
      throw usageError(
        "ARGUMENT_MISSING",
        "files needs the name of a table.",
        "Write for example `spacex-etl files launches`.",
      );
    }
    if (second === undefined) return first;
  }
  const extra = command === "files" ? second : first;
  if (extra === undefined) return undefined;
  throw usageError(
    "UNEXPECTED_ARGUMENT",
    `${command} takes no argument ${quoted(extra)}.`,
    collectionNames.includes(extra)
      ? `To limit it to a collection, write --collections ${extra}.`
      : `\`spacex-etl help ${command}\` shows what it takes.`,
  );
}

/** Commands that would serve the embedded snapshot and write what it says. */
const READS_SOURCE: readonly CommandName[] = ["run", "extract", "plan", "doctor"];

/** Commands whose lake is to be loaded into the warehouse, by themselves or by a container before or after. */
const FILLS_WAREHOUSE: readonly CommandName[] = [
  "run",
  "extract",
  "normalize",
  "load",
  "transform",
  "plan",
  "doctor",
];

/** Commands that run dbt, or find out whether it can run. */
const RUNS_DBT: readonly CommandName[] = ["run", "transform", "doctor"];

function refuseContradictions(
  command: CommandName,
  settings: Settings,
  cwd: string,
  { origin }: CollectedSettings,
): void {
  const { lake, warehouse } = settings;
  if (command === "transform" && !settings.transform) {
    throw usageError(
      "SETTINGS_CONTRADICT",
      "transform and --no-transform contradict each other.",
      "Leave out one of them.",
    );
  }
  const pair = FILLS_WAREHOUSE.includes(command) ? pairError(lake, warehouse) : undefined;
  if (pair !== undefined) throw pair;
  if (
    RUNS_DBT.includes(command) &&
    settings.transform &&
    warehouse.kind === "redshift" &&
    warehouse.ca !== undefined
  ) {
    throw usageError(
      "SETTINGS_CONTRADICT",
      "The parameter ca of the warehouse's address and the transform contradict each other: dbt trusts the certificates of AWS and takes no others.",
      "Leave dbt out with --no-transform, or leave ca out where the server's certificate is one of AWS.",
    );
  }
  if (
    warehouse.kind === "duckdb" &&
    lake.location.kind === "file" &&
    liesInside(warehouse.path, lake.location.directory)
  ) {
    throw usageError(
      "SETTINGS_CONTRADICT",
      `The warehouse ${warehouse.display} lies inside the lake ${lake.display}.`,
      "Put it beside the lake: the lake's folder belongs to the lake alone.",
    );
  }
  const elsewhere = awayFromDefault("lake", lake.url, cwd)
    ? "--lake"
    : awayFromDefault("warehouse", warehouse.url, cwd)
      ? "--warehouse"
      : undefined;
  if (READS_SOURCE.includes(command) && origin.api === "default" && elsewhere !== undefined) {
    throw usageError(
      "SETTINGS_CONTRADICT",
      `${elsewhere} is another than the default, but --api is not given: the embedded snapshot goes there only when it is named.`,
      "Add --api live for the public API, --api URL for another, or --api embedded for the snapshot.",
    );
  }
}

function refuseTwoWaysToSignIn(
  command: CommandName,
  warehouse: WarehouseLocation,
  password: string | undefined,
): void {
  if (warehouse.kind !== "redshift" || warehouse.iam === undefined || password === undefined) return;
  if (!FILLS_WAREHOUSE.includes(command)) return;
  throw usageError(
    "SETTINGS_CONTRADICT",
    `The parameter iam of the warehouse's address and ${PASSWORD_VARIABLE} contradict each other: credentials come from IAM or are that password.`,
    `Unset ${PASSWORD_VARIABLE}, or leave iam=true out.`,
  );
}

function liesInside(path: string, directory: string): boolean {
  const below = relative(directory, path);
  return below === "" || !/^(\.\.([/\\]|$)|[a-z]:|\/)/i.test(below);
}

/** @param place an absolute path or an address: only a path can be the default's */
function awayFromDefault(setting: "lake" | "warehouse", place: string, cwd: string): boolean {
  const standard = FLAGS.find((flag) => flag.setting === setting)?.default;
  return standard === undefined || resolve(cwd, standard) !== place;
}
