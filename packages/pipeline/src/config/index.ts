export { COMMAND_NAMES, type CommandDescription, type CommandName, COMMANDS } from "./commands.ts";
export { type CommandLine, type FlagValues, parseCommandLine } from "./command-line.ts";
export { describeFlags, type FlagDescription, type FlagGroup, OTHER_ENVIRONMENT } from "./flags.ts";
export { nearest } from "./nearest.ts";
export { parseConfig, type ParseConfigOptions } from "./parse-config.ts";
export type {
  ApiLocation,
  LakeLocation,
  PipelineConfig,
  SettingName,
  SettingOrigin,
  WarehouseLocation,
} from "./pipeline-config.ts";
