import type { RecordOptions, RecordReport } from "./record.ts";

export type { RecordRetryOptions } from "./pace.ts";
export type { RecordedList, RecordOptions, RecordProgress, RecordReport } from "./record.ts";
export type { RecordedFile } from "./recording.ts";

/**
 * Saves a running API as a folder that `directoryData` and `spacex-etl simulate --data` serve again byte for byte, with
 * the same ETags: the list of every collection, launches in both versions, company and roadster. All other routes of a
 * replay follow from these.
 *
 * Lists are streamed to disk, one after another. A file gets its name, and `recording.json` its entry, when it is whole,
 * checked and synced. Stopped at any point, the same call goes on: complete files are kept if their hash is right. What
 * is cut short is not served.
 *
 * @throws EtlError: `usage` for a folder with anything else in it, `busy` while another process records into it or where
 *   the API asks to wait for more than a minute, `source` and `auth` for what the API answers after retries,
 *   `destination` for a full disk.
 */
export async function record(options: RecordOptions): Promise<RecordReport> {
  const { recordApi } = await import("./record.ts");
  return await recordApi(options);
}
