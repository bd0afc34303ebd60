export { DEFAULT_MAX_RECORD_BYTES, recordBatches, type RecordBatchesOptions } from "./record-batches.ts";
