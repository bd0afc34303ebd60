export { BOOKKEEPING, LOCK } from "./bookkeeping.ts";
export { schemaExists } from "./catalog.ts";
export { type NeededGrant, READ_DATABASE_GRANTS, readSchemaGrants, readTableGrants } from "./grants.ts";
export { insertTransform, lock, readLedger } from "./ledger.ts";
export { identifier, literal, rawTable, stageTable } from "./names.ts";
export { prepare, redshiftSql, type RedshiftSqlSettings } from "./redshift-sql.ts";
export { READ_LOAD_ERRORS } from "./stage.ts";
export { CATALOG_TYPES, columnType, MAX_VARCHAR_BYTES, widthsOf } from "./types.ts";
