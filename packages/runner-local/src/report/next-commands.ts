import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { CommandName, FlagValues, PipelineConfig, RunReport } from "@spacex-etl/pipeline";
import type { Environment } from "../terminal/index.ts";
import { lookAtRows } from "./look-at-rows.ts";
import { quote } from "./quote.ts";

export interface Proposal {
  readonly command: string;
  /** What it is good for, in a few words. */
  readonly purpose: string;
}

/**
 * How a person started the program: what `SPACEX_ETL_INVOCATION` says, or by npx, or as `spacex-etl`. The name of the
 * package is what npx needs where nothing is installed: by the name of the program it would fetch somebody else's.
 */
export function invocation(env: Environment): string {
  const named = env["SPACEX_ETL_INVOCATION"]?.trim();
  if (named) return named;
  return env["npm_lifecycle_event"] === "npx" ? "npx @spacex-etl/runner-local" : "spacex-etl";
}

/** Commands that work right after this run, with the flags that lead them to the same lake and warehouse. */
export function nextCommands(report: RunReport, config: PipelineConfig, env: Environment): Proposal[] {
  const place = placeFlags(config);
  const etl = (words: string): string => `${invocation(env)} ${words}${place}`;
  const proposals: Proposal[] = [];
  const table = report.tables.find(({ name }) => name === "launches") ?? report.tables[0];
  if (table !== undefined) {
    proposals.push({ command: etl(`files ${table.name}`), purpose: "the Parquet files of a table" });
  }
  if (report.collections.length > 0) {
    proposals.push({ command: etl("verify"), purpose: "recompute every checksum" });
  }
  if (table !== undefined) {
    proposals.push({ command: etl("plan"), purpose: "what the next run would do" });
    const { program, command } = lookAtRows(config, table.name);
    if (onPath(program, env)) proposals.push({ command, purpose: "look at the rows" });
  } else if (config.command === "extract") {
    proposals.push({ command: etl("normalize"), purpose: "make typed tables of it" });
  } else if (config.command === "normalize") {
    proposals.push({ command: etl("load"), purpose: "load them into the warehouse" });
  }
  return proposals;
}

/** The command that continues a run that stopped: the same words, with the run's id. */
export function resumeCommand(
  runId: string,
  line: { readonly command: CommandName; readonly flags: FlagValues },
  env: Environment,
): string {
  const words = Object.entries(line.flags).flatMap(([name, value]) => {
    if (name === "run-id" || value === undefined || value === false) return [];
    const texts = typeof value === "object" ? value : [value];
    return texts.flatMap((text) => (text === true ? [`--${name}`] : [`--${name}`, quote(String(text))]));
  });
  return [invocation(env), line.command, "--run-id", runId, ...words].join(" ");
}

/** What came from a flag has to be said again; what came from the environment is still there. */
function placeFlags(config: PipelineConfig): string {
  const { origin } = config;
  const api = config.api.kind === "url" ? config.api.baseUrl : config.api.kind;
  const flags = [
    origin.api === "flag" ? ["--api", api] : [],
    origin.source === "flag" ? ["--source", config.source] : [],
    origin.lake === "flag" ? ["--lake", lakeWord(config)] : [],
    origin.warehouse === "flag" ? ["--warehouse", warehouseWord(config)] : [],
  ].flat();
  return flags.map((word) => ` ${quote(word)}`).join("");
}

/** A path as short as it goes; an address with all that leads to the same bucket. */
function lakeWord({ lake }: PipelineConfig): string {
  return lake.location.kind === "file" ? lake.display : lake.url;
}

function warehouseWord({ warehouse }: PipelineConfig): string {
  return warehouse.kind === "duckdb" ? warehouse.display : warehouse.url;
}

function onPath(name: string, env: Environment): boolean {
  return (env["PATH"] ?? "").split(delimiter).some((directory) => {
    if (directory === "") return false;
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
