export {
  EtlError,
  type EtlErrorOptions,
  EXIT_CODES,
  type ErrorKind,
  type ExitCode,
  toEtlError,
} from "./errors/index.ts";
export { isRunId, newRunId, parseRunId, RUN_ID_PATTERN, runIdFrom } from "./run/run-id.ts";
export { canonicalJson, sha256Hex } from "./tables/canonical-json.ts";
export { snakeCase } from "./tables/column-name.ts";
export { defineTables, type DefineTablesOptions } from "./tables/define-tables.ts";
export type { ColumnMeta } from "./tables/read-schema.ts";
export {
  type CollectionSpec,
  type ColumnSpec,
  isChild,
  lakeColumns,
  type LogicalType,
  logicalTypeSchema,
  ORDINAL,
  ordinalColumn,
  PARENT_ID,
  ROW_HASH,
  type TableColumn,
  type TableSpec,
  tableSpecSchema,
} from "./tables/table-spec.ts";
export { decodeDocument, encodeDocument } from "./manifest/documents.ts";
export {
  type CollectionManifest,
  collectionManifestSchema,
  type DocumentRef,
  type Drift,
  type ExtractManifest,
  extractManifestSchema,
  type ExtractRequest,
  type Head,
  type HeadEntry,
  headSchema,
  MANIFEST_VERSION,
  type Quarantine,
  type RawPart,
  type RequestDocument,
  requestDocumentSchema,
  type TableEntry,
  type TablePart,
  type TablesManifest,
  tablesManifestSchema,
  type TablesOfCollection,
} from "./manifest/manifest.ts";
export { hasChanges, NO_CHANGES, type TableCounts } from "./ledger/load-report.ts";
export type { Checkpoint, OnEvent, RunEvent, StepName } from "./events/run-event.ts";
export type {
  RecordBatch,
  RecordSource,
  SourceRequestOptions,
  SourceResponse,
} from "./source/record-source.ts";
export type { DuckDBConnectionLike } from "./engine/duckdb-connection.ts";
