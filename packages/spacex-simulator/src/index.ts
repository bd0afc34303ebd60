export {
  type CommandIo,
  recordCommand,
  recordUsage,
  simulateCommand,
  simulateUsage,
} from "./command/index.ts";
export {
  directoryData,
  embeddedSnapshot,
  type RecordList,
  recordsFromJson,
  type SimulatorData,
} from "./data/index.ts";
export {
  type Counted,
  type Fault,
  FAULT_PROFILES,
  type FaultKind,
  type FaultProfile,
  parseFaults,
} from "./faults/index.ts";
export { MAX_SCANNED_RECORDS } from "./query/index.ts";
export {
  record,
  type RecordedFile,
  type RecordedList,
  type RecordOptions,
  type RecordProgress,
  type RecordReport,
  type RecordRetryOptions,
} from "./record/index.ts";
export {
  type RequestLogEntry,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "./server/index.ts";
export { syntheticData, type SyntheticOptions } from "./synthetic/index.ts";
