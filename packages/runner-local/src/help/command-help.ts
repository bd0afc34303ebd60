import { type CommandDescription, describeFlags, type FlagGroup } from "@spacex-etl/pipeline/command-line";
import { type Style, wrap } from "../terminal/index.ts";
import { flagLines } from "./flag-lines.ts";

const TITLES: readonly (readonly [FlagGroup, string])[] = [
  ["gc", "What to keep"],
  ["run", "Which run"],
  ["source", "Source"],
  ["lake", "Lake"],
  ["warehouse", "Warehouse"],
  ["dbt", "dbt"],
  ["output", "Output"],
];

/** Everything about one command: what it does and all its flags by group. */
export function commandHelp(command: CommandDescription, style: Style, invocation: string): string[] {
  const flags = describeFlags(command.name);
  const argument = command.argument === undefined ? "" : ` ${command.argument}`;
  return [
    `${style.bold(command.name)} – ${command.summary}`,
    "",
    `  ${invocation} ${command.name}${argument} [flags]`,
    "",
    ...wrap(command.description, 80),
    ...TITLES.flatMap(([group, title]) => {
      const own = flags.filter((flag) => flag.group === group);
      return own.length === 0 ? [] : ["", style.bold(title), ...flagLines(own, style)];
    }),
    "",
    `Every flag has an environment variable, see ${invocation} help environment.`,
  ];
}
