export { COMMAND_NAMES, type CommandDescription, type CommandName, COMMANDS } from "./commands.ts";
export { type CommandLine, type FlagValues, parseCommandLine } from "./command-line.ts";
export { describeFlags, type FlagDescription, type FlagGroup, OTHER_ENVIRONMENT } from "./flags.ts";
export { nearest } from "./nearest.ts";
