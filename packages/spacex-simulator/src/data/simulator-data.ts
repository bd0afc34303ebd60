import type { RecordList } from "./record-list.ts";

/** What a simulator serves. Made by `embeddedSnapshot`, `directoryData` or `syntheticData`. */
export interface SimulatorData {
  /** For a person: `the embedded snapshot`. */
  readonly description: string;
  /** Records by collection name, and optionally `launches-v4`. A collection that is missing answers 404. */
  readonly collections: ReadonlyMap<string, RecordList>;
}
