export {
  type ApiLocation,
  COMMAND_NAMES,
  type CommandDescription,
  type CommandLine,
  type CommandName,
  COMMANDS,
  describeFlags,
  type FlagDescription,
  type FlagGroup,
  type FlagValues,
  type LakeLocation,
  nearest,
  OTHER_ENVIRONMENT,
  parseCommandLine,
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
export { extract, load, normalize, run, transform } from "./run/run.ts";
export { doctor } from "./commands/doctor.ts";
export { files } from "./commands/files.ts";
export { gc } from "./commands/gc.ts";
export { plan } from "./commands/plan.ts";
export { verify } from "./commands/verify.ts";
