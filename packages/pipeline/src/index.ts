export {
  COMMAND_NAMES,
  type CommandDescription,
  type CommandLine,
  type CommandName,
  COMMANDS,
  describeFlags,
  type FlagDescription,
  type FlagGroup,
  type FlagValues,
  nearest,
  OTHER_ENVIRONMENT,
  parseCommandLine,
} from "./command-line/index.ts";
export {
  type ApiLocation,
  type LakeLocation,
  parseConfig,
  type ParseConfigOptions,
  type PipelineConfig,
  type SettingName,
  type SettingOrigin,
  type WarehouseLocation,
} from "./config/index.ts";
export {
  type CollectionSummary,
  type CommandReport,
  type ErrorSummary,
  type Highlights,
  type RunReport,
  type RunSummary,
  runSummarySchema,
  type TableSummary,
  type TransformSummary,
} from "./summary/index.ts";
export type { CommandIo } from "./session/session.ts";
export {
  doctor,
  extract,
  files,
  gc,
  load,
  normalize,
  plan,
  run,
  transform,
  verify,
} from "./commands/on-demand.ts";
