import { EtlError } from "@spacex-etl/contracts/errors";
import { COMMANDS, nearest } from "@spacex-etl/pipeline/command-line";
import type { Style } from "../terminal/index.ts";
import { commandHelp } from "./command-help.ts";
import { overview } from "./overview.ts";
import { environmentHelp, exitCodesHelp } from "./topics.ts";

/**
 * The lines of `help`, `help <command>` or `help <topic>`. `help simulate` and `help record` are not among them:
 * the simulator knows their flags itself.
 *
 * @throws EtlError of kind `usage` for a topic that there is not.
 */
export function renderHelp(topic: string | undefined, style: Style, invocation: string): string[] {
  if (topic === undefined || topic === "help") return overview(style, invocation);
  if (topic === "exit-codes") return exitCodesHelp(style);
  if (topic === "environment") return environmentHelp(style);
  const command = COMMANDS.find(({ name }) => name === topic);
  if (command !== undefined) return commandHelp(command, style, invocation);
  const topics = [...COMMANDS.map(({ name }) => name), "simulate", "record", "environment", "exit-codes"];
  const near = nearest(topic, topics);
  throw new EtlError({
    kind: "usage",
    code: "UNKNOWN_TOPIC",
    message: `There is no help on ${JSON.stringify(topic)}.`,
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}The topics are ${topics.join(", ")}.`,
  });
}
