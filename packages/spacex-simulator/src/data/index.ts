export { CHUNK_BYTES, type ChunkMemory, createChunkMemory } from "./chunk-memory.ts";
export { derivedList, viewOf } from "./derived-lists.ts";
export { directoryData } from "./directory-data.ts";
export { embeddedSnapshot, snapshotCollection } from "./embedded-snapshot.ts";
export { memberValue, splice } from "./json-bytes.ts";
export { idOf, type RecordList, recordsFromJson, recordsFromLines, recordsFromParts } from "./record-list.ts";
export { dataNames, LAUNCHES_V4, singleObjects } from "./data-names.ts";
export type { SimulatorData } from "./simulator-data.ts";
