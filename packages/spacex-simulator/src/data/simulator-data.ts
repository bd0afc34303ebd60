import { collectionNames } from "@spacex-etl/spacex-client/tables";
import type { RecordList } from "./record-list.ts";

/** Name under which a folder may hold the launches in the shape of version 4; else they are made from version 5. */
export const LAUNCHES_V4 = "launches-v4";

/** What a simulator serves. Made by `embeddedSnapshot`, `directoryData` or `syntheticData`. */
export interface SimulatorData {
  /** For a person: `the embedded snapshot`. */
  readonly description: string;
  /** Records by collection name, and optionally `launches-v4`. A collection that is missing answers 404. */
  readonly collections: ReadonlyMap<string, RecordList>;
}

/** Every name that data may have. */
export const dataNames: readonly string[] = [...collectionNames, LAUNCHES_V4];

/** Collections that the API answers as one object. */
export const singleObjects: ReadonlySet<string> = new Set(["company", "roadster"]);
