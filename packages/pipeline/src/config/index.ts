export { parseConfig, type ParseConfigOptions } from "./parse-config.ts";
export type {
  ApiLocation,
  LakeLocation,
  PipelineConfig,
  SettingName,
  SettingOrigin,
  WarehouseLocation,
} from "./pipeline-config.ts";
