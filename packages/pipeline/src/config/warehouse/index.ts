export { parseWarehouse, type WarehouseContext } from "./parse-warehouse.ts";
export { PASSWORD_HINT, PASSWORD_VARIABLE } from "./redshift.ts";
export type {
  BigQueryWarehouse,
  DuckDBWarehouse,
  RedshiftIam,
  RedshiftSslMode,
  RedshiftWarehouse,
  WarehouseLocation,
} from "./warehouse-location.ts";
