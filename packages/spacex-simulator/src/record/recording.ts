import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";
import { dataNames } from "../data/data-names.ts";

/** Name of the file in a recorded folder that says what was recorded. */
export const RECORDING_FILE = "recording.json";

const FORMAT = "spacex-recording/1";

/** One list as the API answered it. The file's bytes are the answer's body. */
export interface RecordedFile {
  readonly file: string;
  readonly url: string;
  readonly status: number;
  /** As it was sent; null where the API sends none. */
  readonly etag: string | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly records: number;
  /** ISO 8601, UTC. */
  readonly recorded_at: string;
}

/** A list that the API does not have. */
export interface AbsentList {
  readonly url: string;
  readonly status: 404;
  readonly recorded_at: string;
}

/** What stands in `recording.json`. */
export interface Recording {
  readonly format: typeof FORMAT;
  /** Address of the API, without a slash at the end. */
  readonly api: string;
  /** False until all of `collections` are in `files` or `absent`. */
  readonly complete: boolean;
  readonly collections: readonly string[];
  readonly files: Readonly<Record<string, RecordedFile>>;
  readonly absent: Readonly<Record<string, AbsentList>>;
}

export function newRecording(api: string, collections: readonly string[]): Recording {
  return { format: FORMAT, api, complete: false, collections, files: {}, absent: {} };
}

/** The same with `complete` as it follows from the rest. */
export function settled(recording: Recording): Recording {
  const { collections, files, absent } = recording;
  const complete = collections.every((name) => Object.hasOwn(files, name) || Object.hasOwn(absent, name));
  return { ...recording, complete };
}

/**
 * The recording of a folder; undefined if there is none.
 *
 * @throws EtlError of kind `usage` for one that this version does not understand.
 */
export async function readRecording(folder: string): Promise<Recording | undefined> {
  const path = join(folder, RECORDING_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const value = parsed(text);
  if (value !== undefined) return value;
  throw new EtlError({
    kind: "usage",
    code: "RECORDING_UNREADABLE",
    message: `${path} is no list of recorded files that this version understands.`,
    hint: "Record into another folder. To serve the files as they are, remove that one file.",
  });
}

function parsed(text: string): Recording | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRecording(value) ? value : undefined;
}

function isRecording(value: unknown): value is Recording {
  if (typeof value !== "object" || value === null) return false;
  const { format, api, complete, collections, files, absent } = value as Partial<
    Record<keyof Recording, unknown>
  >;
  return (
    format === FORMAT &&
    typeof api === "string" &&
    typeof complete === "boolean" &&
    Array.isArray(collections) &&
    collections.every((name) => dataNames.includes(String(name))) &&
    isTable(files, isRecordedFile) &&
    isTable(absent, (entry) => typeof entry === "object" && entry !== null)
  );
}

function isTable(value: unknown, isEntry: (entry: unknown) => boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, entry]) => dataNames.includes(name) && isEntry(entry));
}

function isRecordedFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { file, bytes, sha256 } = value as Partial<Record<keyof RecordedFile, unknown>>;
  return (
    dataNames.some((name) => file === `${name}.json`) &&
    Number.isSafeInteger(bytes) &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}
