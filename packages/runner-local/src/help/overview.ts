import { COMMANDS, type CommandName, describeFlags } from "@spacex-etl/pipeline/command-line";
import type { Style } from "../terminal/index.ts";
import { flagLines } from "./flag-lines.ts";

const GROUPS: readonly { readonly title: string; readonly commands: readonly CommandName[] }[] = [
  { title: "The job and its steps", commands: ["run", "extract", "normalize", "load", "transform"] },
  { title: "Look before, look after", commands: ["plan", "doctor", "verify", "files", "gc"] },
];

const MAIN_FLAGS = ["api", "collections", "lake", "warehouse", "run-id", "no-transform", "json"];

/** The help that fits on one screen. */
export function overview(style: Style, invocation: string): string[] {
  const flags = describeFlags().filter(({ name }) => MAIN_FLAGS.includes(name));
  return [
    `${style.bold("spacex-etl")} moves the SpaceX API into a lake and a warehouse, and runs dbt on it.`,
    "",
    `  ${invocation} [command] [flags]`,
    ...GROUPS.flatMap(({ title, commands }) => [
      "",
      style.bold(title),
      ...COMMANDS.filter(({ name }) => commands.includes(name)).map(({ name, argument, summary }) =>
        row(argument === undefined ? name : `${name} ${argument}`, summary, style),
      ),
    ]),
    row("simulate", "serve the API on localhost, on demand with faults", style),
    row("record", "save a running API as a folder for simulate --data", style),
    "",
    style.bold("Flags for most of them"),
    ...flagLines(flags, style),
    "",
    style.bold("Examples"),
    `  ${invocation} run --api live --lake ./live --warehouse ./live.duckdb`,
    `  ${invocation} run --collections launches,rockets --no-transform --json`,
    `  ${invocation} files launches__cores`,
    "",
    `More: ${invocation} help <command> | environment | exit-codes, and --version.`,
  ];
}

function row(name: string, text: string, style: Style): string {
  return `  ${style.accent(name.padEnd(14))} ${text}`;
}
