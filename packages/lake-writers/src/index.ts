export type {
  CreateOptions,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  StoreCallOptions,
  StorePermissions,
  SweepOptions,
} from "./store/object-store.ts";
export type { StoreRetry } from "./remote/index.ts";
export {
  type FileLakeLocation,
  type GcsLakeLocation,
  type GcsParameters,
  type LakeLocation,
  openLake,
  type OpenBucketOptions,
  type OpenGcsOptions,
  type OpenLakeOptions,
  type OpenS3Options,
  parseLakeUrl,
  type S3LakeLocation,
  type S3Parameters,
} from "./open/index.ts";
export { fetchPart } from "./store/fetch-part.ts";
export { verifyObject } from "./store/read.ts";
export { commitDocument, followRef, readDocument, type Stored } from "./documents/documents.ts";
export {
  collectionManifestKey,
  extractManifestKey,
  HEADS,
  rawPrefix,
  requestKey,
  runPrefix,
  tablePrefix,
  tablesManifestKey,
} from "./layout/keys.ts";
export { isNewer, readHead } from "./heads/heads.ts";
export type { Compression } from "./raw/compression.ts";
export type { CollectionJob, ExtractObserver, RereadPolicy } from "./raw/extract-collection.ts";
export { extract, type ExtractOptions, type ExtractResult } from "./raw/extract.ts";
export { completeCollections } from "./raw/complete-collections.ts";
export { mayStandForReading } from "./raw/may-stand-for-reading.ts";
export { newestCollections } from "./raw/newest-collections.ts";
export { linesOf } from "./raw/lines-of.ts";
export { type Records, recordsFrom } from "./raw/records-from.ts";
export { findNewestRun, readTables, runState, type TableFiles, tableFiles } from "./tables/files.ts";
export { tablesAhead, type TablesAhead, type TablesAheadOptions } from "./tables/ahead.ts";
export { normalize, type NormalizeOptions, type NormalizeResult } from "./tables/normalize.ts";
export { NORMALIZER_VERSION } from "./tables/reuse.ts";
export { verify, type VerifyOptions, type VerifyResult } from "./verify/verify.ts";
export type { Finding } from "./verify/proof.ts";
export { gc, type GcOptions, type GcResult } from "./gc/gc.ts";
