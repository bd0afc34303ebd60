import { parseRunId } from "@spacex-etl/contracts";
import { z } from "zod";
import { type Parsed, parseApi, parseLake } from "./locations.ts";
import { parseWarehouse } from "./warehouse/index.ts";
import { didYouMean } from "../command-line/usage-error.ts";
import { isAbsolute, resolve } from "node:path";

export interface SettingsContext {
  readonly cwd: string;
  readonly collectionNames: readonly string[];
  /** The password of Redshift, at the time of asking. */
  readonly password: () => string | undefined;
  /** The region of AWS that the environment names. */
  readonly region: string | undefined;
}

/** What an issue of the schema carries beside its message. */
export interface IssueParams {
  readonly code?: string;
  readonly hint: string;
}

/** A text setting read by a function. */
function setting<T>(parse: (text: string) => Parsed<T>) {
  return z.string().transform((text, context): T => {
    const parsed = parse(text.trim());
    if (parsed.ok) return parsed.value;
    const params: IssueParams = {
      hint: parsed.hint,
      ...(parsed.code === undefined ? {} : { code: parsed.code }),
    };
    context.addIssue({ code: "custom", message: parsed.problem, params: { ...params }, input: text });
    return z.NEVER;
  });
}

function oneOf<const T extends string>(...choices: T[]) {
  return setting((text): Parsed<T> => {
    const found = choices.find((choice) => choice === text);
    return found === undefined
      ? {
          ok: false,
          problem: `is none of ${choices.join(", ")}`,
          hint: didYouMean(text, choices, `Use ${choices.join(" or ")}.`),
        }
      : { ok: true, value: found };
  });
}

function number(options: { readonly min: number; readonly max: number; readonly whole: boolean }) {
  const { min, max, whole } = options;
  const what = `a ${whole ? "whole " : ""}number from ${min} to ${max}`;
  return setting((text): Parsed<number> => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    const fits = value >= min && value <= max && (!whole || Number.isInteger(value));
    return fits ? { ok: true, value } : { ok: false, problem: `is not ${what}`, hint: `Give ${what}.` };
  });
}

const switchSetting = z.boolean();

const sourceName = setting((text): Parsed<string> => {
  return /^[a-z0-9][a-z0-9.-]{0,99}$/.test(text)
    ? { ok: true, value: text }
    : {
        ok: false,
        problem: "is no source name: 1 to 100 of a–z, 0–9, dot and dash, first a letter or digit",
        hint: "Use a short name such as staging-api.",
      };
});

const memoryLimit = setting((text): Parsed<string> => {
  const found = /^(\d+(?:\.\d+)?)\s*(MB|GB|TB|MiB|GiB|TiB)$/i.exec(text);
  const megabytes = Number(found?.[1]) * (/^m/i.test(found?.[2] ?? "") ? 1 : 1000);
  return found !== null && megabytes >= 64
    ? { ok: true, value: `${found[1]}${found[2]}` }
    : { ok: false, problem: "is no size of at least 64MB", hint: "Give a size such as 512MB or 2GB." };
});

function collections(names: readonly string[]) {
  return setting((text): Parsed<readonly string[]> => {
    const asked = text
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    const list = `The collections are ${names.join(", ")}.`;
    if (asked.length === 0) return { ok: false, problem: "names no collection", hint: list };
    const unknown = asked.filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      return {
        ok: false,
        code: "UNKNOWN_COLLECTION",
        problem: `names ${unknown.length === 1 ? "an unknown collection" : "unknown collections"}: ${unknown.join(", ")}`,
        hint: didYouMean(unknown[0] ?? "", names, list),
      };
    }
    return { ok: true, value: names.filter((name) => asked.includes(name)) };
  });
}

/** An executable: a bare name is looked up in PATH later, anything with a slash is a path. */
function executable(cwd: string) {
  return setting((text): Parsed<string> => ({
    ok: true,
    value: /[/\\]/.test(text) && !isAbsolute(text) ? resolve(cwd, text) : text,
  }));
}

/** From the texts of flags and environment to values: the one schema of all settings. */
export function settingsSchema({ cwd, collectionNames, password, region }: SettingsContext) {
  return z.strictObject({
    api: setting(parseApi),
    source: sourceName.optional(),
    lake: setting((text) => parseLake(text, cwd)),
    warehouse: setting((text) => parseWarehouse(text, { cwd, password, region })),
    runId: z.string().transform(parseRunId).optional(),
    collections: collections(collectionNames).default(collectionNames),
    transform: switchSetting,
    compression: oneOf("zstd", "gzip"),
    maxInvalid: number({ min: 0, max: 1_000_000_000, whole: true }),
    allowDeletes: switchSetting,
    allowSourceChange: switchSetting,
    strict: switchSetting,
    etag: switchSetting,
    json: switchSetting,
    dbt: executable(cwd).optional(),
    dbtProject: setting((text): Parsed<string> => ({ ok: true, value: resolve(cwd, text) })).optional(),
    lockTimeout: number({ min: 0, max: 86_400, whole: false }),
    memoryLimit,
    keepRuns: number({ min: 1, max: 1_000_000, whole: true }).optional(),
    keepDays: number({ min: 1, max: 36_500, whole: true }).optional(),
    graceHours: number({ min: 0, max: 876_000, whole: false }),
    dryRun: switchSetting,
  });
}

export type Settings = z.output<ReturnType<typeof settingsSchema>>;
