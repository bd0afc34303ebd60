import { isRunId, runIdFrom } from "@spacex-etl/contracts";
import type { CommandName } from "../command-line/commands.ts";
import type { FlagValues } from "../command-line/command-line.ts";
import { type FlagDescription, FLAGS, OTHER_ENVIRONMENT } from "../command-line/flags.ts";
import type { SettingName, SettingOrigin } from "./pipeline-config.ts";
import { didYouMean, usageError } from "../command-line/usage-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The texts of all settings before they are read: a flag wins over the environment, that over the default. */
export interface CollectedSettings {
  readonly texts: Readonly<Record<string, string | boolean>>;
  readonly origin: Readonly<Record<SettingName, SettingOrigin>>;
  readonly notes: readonly string[];
}

/** @throws EtlError of kind `usage` for flags and variables that are unknown or not for the command. */
export function collectSettings(
  command: CommandName,
  flags: FlagValues,
  env: Environment,
): CollectedSettings {
  refuseUnknownVariables(env);
  refuseForeignFlags(command, flags);
  const texts: Record<string, string | boolean> = {};
  const origin: Partial<Record<SettingName, SettingOrigin>> = {};
  const notes: string[] = [];
  for (const flag of FLAGS) {
    const given = flagText(flag, flags[flag.name]);
    const variable = flag.commands.includes(command) ? environmentText(flag, env) : undefined;
    origin[flag.setting] = given !== undefined ? "flag" : variable !== undefined ? "environment" : "default";
    let text = given ?? variable ?? flag.default;
    if (
      flag.setting === "runId" &&
      given === undefined &&
      typeof variable === "string" &&
      !isRunId(variable)
    ) {
      text = runIdFrom(variable);
      notes.push(`${flag.env} ${JSON.stringify(variable)} is used as run id ${text}.`);
    }
    if (flag.kind === "switch") texts[flag.setting] = (text === true) !== (flag.negated === true);
    else if (text !== undefined) texts[flag.setting] = text;
  }
  return { texts, origin: origin as Record<SettingName, SettingOrigin>, notes };
}

function refuseUnknownVariables(env: Environment): void {
  const known = [...FLAGS.map((flag) => flag.env), ...Object.keys(OTHER_ENVIRONMENT)];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("SPACEX_ETL_") || value === undefined) continue;
    if (known.some((entry) => (entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : name === entry))) {
      continue;
    }
    throw usageError(
      "UNKNOWN_VARIABLE",
      `There is no setting ${name} (environment variable).`,
      didYouMean(name, known, "`spacex-etl help environment` lists the variables."),
    );
  }
}

function refuseForeignFlags(command: CommandName, flags: FlagValues): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined || value === false) continue;
    const flag = FLAGS.find((candidate) => candidate.name === name);
    if (flag === undefined) {
      throw usageError(
        "UNKNOWN_FLAG",
        `There is no flag --${name}.`,
        didYouMean(
          name,
          FLAGS.map((candidate) => candidate.name),
          "`spacex-etl help` lists the flags.",
        ),
      );
    }
    if (!flag.commands.includes(command)) {
      throw usageError(
        "FLAG_NOT_FOR_COMMAND",
        `${command} does not take --${name}.`,
        flag.name === "dry-run"
          ? "`spacex-etl plan` prints what a run would do and writes nothing."
          : `It belongs to ${flag.commands.join(", ")}. \`spacex-etl help ${command}\` lists the flags of ${command}.`,
      );
    }
  }
}

function flagText(flag: FlagDescription, value: FlagValues[string]): string | boolean | undefined {
  if (value === undefined || value === false) return undefined;
  if (flag.kind === "switch") {
    if (value === true) return true;
    throw usageError(
      "FLAG_VALUE_UNEXPECTED",
      `--${flag.name} takes no value.`,
      "Write it alone, or leave it out.",
    );
  }
  const values = typeof value === "string" ? [value] : Array.isArray(value) ? (value as string[]) : [];
  if (values.length === 0) {
    throw usageError(
      "FLAG_VALUE_MISSING",
      `--${flag.name} needs a value.`,
      `Write --${flag.name} ${flag.placeholder}.`,
    );
  }
  if (flag.list === true) return values.join(",");
  const distinct = [...new Set(values)];
  if (distinct.length > 1) {
    throw usageError(
      "FLAG_REPEATED",
      `--${flag.name} is given more than once: ${distinct.map((text) => JSON.stringify(text)).join(" and ")}.`,
      "Give it once.",
    );
  }
  const [text = ""] = values;
  if (text.trim() === "") {
    throw usageError(
      "FLAG_VALUE_MISSING",
      `--${flag.name} is empty.`,
      `Write --${flag.name} ${flag.placeholder}.`,
    );
  }
  return text;
}

/** An empty variable counts as not set, as schedulers and Compose files often leave one. */
function environmentText(flag: FlagDescription, env: Environment): string | boolean | undefined {
  const text = env[flag.env]?.trim();
  if (text === undefined || text === "") return undefined;
  if (flag.kind === "value") return text;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return undefined;
  throw usageError(
    "SETTING_INVALID",
    `${flag.env} ${JSON.stringify(text)} (environment variable) is neither 1 nor 0.`,
    `Set ${flag.env}=1, or unset it.`,
  );
}
