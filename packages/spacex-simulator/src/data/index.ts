export { CHUNK_BYTES, type ChunkMemory, createChunkMemory } from "./chunk-memory.ts";
export { directoryData } from "./directory-data.ts";
export { embeddedSnapshot, snapshotCollection } from "./embedded-snapshot.ts";
export { memberValue, splice } from "./json-bytes.ts";
export {
  idOf,
  type RecordList,
  recordsFromJson,
  recordsFromLines,
  recordsFromParts,
  viewOf,
} from "./record-list.ts";
export { dataNames, LAUNCHES_V4, type SimulatorData, singleObjects } from "./simulator-data.ts";
