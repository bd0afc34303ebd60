import { collectionNames } from "@spacex-etl/spacex-client/tables";
import {
  directoryData,
  embeddedSnapshot,
  type RecordList,
  type SimulatorData,
} from "@spacex-etl/spacex-simulator";
import { RECORDED, recorded } from "./workspace.ts";

export interface Served {
  readonly data: SimulatorData;
  /** collection → each record's own bytes as text, and parsed. */
  readonly records: ReadonlyMap<string, ReturnType<typeof recorded>>;
}

/** The recorded responses, and the embedded snapshot's records of the collections that have none. */
export async function recordedAndEmbedded(): Promise<Served> {
  const embedded = (await embeddedSnapshot()).collections;
  const files = (await directoryData(RECORDED)).collections;
  return {
    data: { description: "recorded responses", collections: new Map([...embedded, ...files]) },
    records: new Map(
      collectionNames.map((name) => [
        name,
        files.has(name) ? recorded(name) : ofLines(linesOf(embedded.get(name))),
      ]),
    ),
  };
}

function linesOf(records: RecordList | undefined): string[] {
  return Array.from({ length: records?.length ?? 0 }, (_, index) =>
    Buffer.from(records?.record(index) ?? []).toString(),
  );
}

function ofLines(lines: string[]): ReturnType<typeof recorded> {
  return { lines, records: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
