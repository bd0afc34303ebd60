export { parseConfig, type ParseConfigOptions } from "./parse-config.ts";
export type {
  ApiLocation,
  LakeLocation,
  PipelineConfig,
  SettingName,
  SettingOrigin,
} from "./pipeline-config.ts";
export {
  type BigQueryWarehouse,
  type DuckDBWarehouse,
  PASSWORD_HINT,
  PASSWORD_VARIABLE,
  type RedshiftIam,
  type RedshiftSslMode,
  type RedshiftWarehouse,
  type WarehouseLocation,
} from "./warehouse/index.ts";
