import { resolve } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";
import { resources } from "../api/index.ts";
import { dataNames, LAUNCHES_V4 } from "../data/data-names.ts";
import { apiAddress } from "./api-address.ts";
import { failureOfStatus } from "./errors.ts";
import { fetchList } from "./fetch-list.ts";
import { openFolder, type RecordingFolder } from "./folder.ts";
import { createPace, type Pace, type RecordRetryOptions } from "./pace.ts";
import { newRecording, readRecording, type RecordedFile, type Recording, settled } from "./recording.ts";

/** Which API to record, where to, and how gently. */
export interface RecordOptions {
  /** Address of the API without `/v4`; a path in front of it is kept. */
  readonly api: string | URL;
  /** Where the files go. It is made if it does not exist; it must be empty, or hold a recording of the same API. */
  readonly directory: string;
  /** Names of collections; `launches` stands for both of its versions. @default all */
  readonly collections?: readonly string[] | undefined;
  /** Ask for complete files whether they are still current. @default false: they are kept */
  readonly refresh?: boolean | undefined;
  /** @default 10 */
  readonly maxRequestsPerSecond?: number | undefined;
  readonly retry?: RecordRetryOptions | undefined;
  /** Longest wait for an answer, and for further bytes of it, in milliseconds. @default 30000 */
  readonly timeoutMs?: number | undefined;
  /** Used instead of the global one. @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly onProgress?: ((progress: RecordProgress) => void) | undefined;
  /** Stops where the same call continues later. */
  readonly signal?: AbortSignal | undefined;
}

/** What has just happened. */
export type RecordProgress =
  /** `kept` was there before, `unchanged` too and the API said so. */
  | ({ readonly type: "recorded" | "kept" | "unchanged" } & RecordedList)
  | { readonly type: "absent"; readonly collection: string }
  | {
      readonly type: "retry";
      readonly collection: string;
      readonly delayMs: number;
      readonly reason: string;
    };

/** One file of a recording. */
export interface RecordedList extends RecordedFile {
  readonly collection: string;
}

/** What a recording holds in the end. */
export interface RecordReport {
  readonly api: string;
  /** Absolute path. */
  readonly directory: string;
  /** With those that were there before. */
  readonly files: readonly RecordedList[];
  /** Collections that the API does not have: it answered 404, and so will a replay. */
  readonly absent: readonly string[];
  /** Requests that were sent, retries included. */
  readonly requests: number;
}

/** See `record` in the door of this folder, which loads this when it is needed. */
export async function recordApi(options: RecordOptions): Promise<RecordReport> {
  const { signal } = options;
  const api = apiAddress(options.api);
  const named = options.collections === undefined ? undefined : checkedNames(options.collections);
  const pace = createPace(options.retry ?? {}, checkedRate(options.maxRequestsPerSecond ?? 10), signal);
  signal?.throwIfAborted();
  await using folder = await openFolder(resolve(options.directory));
  let recording = await openRecording(folder, api, named ?? dataNames);
  for (const name of recording.collections) {
    signal?.throwIfAborted();
    recording = await recordOne(name, recording, {
      options,
      folder,
      pace,
      mayBeAbsent: named?.includes(name) !== true,
    });
  }
  if (Object.keys(recording.files).length === 0) throw nothingThere(api);
  return {
    api,
    directory: folder.path,
    files: recording.collections.flatMap((name) => listOf(recording, name)),
    absent: Object.keys(recording.absent),
    requests: pace.requests,
  };
}

interface Work {
  readonly options: RecordOptions;
  readonly folder: RecordingFolder;
  readonly pace: Pace;
  readonly mayBeAbsent: boolean;
}

async function openRecording(
  folder: RecordingFolder,
  api: string,
  names: readonly string[],
): Promise<Recording> {
  const known = await readRecording(folder.path);
  if (known !== undefined && known.api !== api) {
    throw new EtlError({
      kind: "usage",
      code: "RECORD_OTHER_API",
      message: `The folder ${folder.path} holds a recording of ${known.api}, not of ${api}.`,
      hint: "Record into another folder.",
    });
  }
  const base = known ?? newRecording(api, []);
  const collections = dataNames.filter((name) => base.collections.includes(name) || names.includes(name));
  const next = settled({ ...base, collections });
  // Before the first file, so that a folder that is cut short says so.
  if (
    known === undefined ||
    known.complete !== next.complete ||
    collections.length > known.collections.length
  )
    await folder.save(next);
  return next;
}

async function recordOne(name: string, before: Recording, work: Work): Promise<Recording> {
  const { options, folder, pace } = work;
  const report = options.onProgress ?? (() => undefined);
  const entry = before.files[name];
  const intact = entry !== undefined && (await folder.holds(entry));
  if (intact && options.refresh !== true) {
    report({ type: "kept", collection: name, ...entry });
    return before;
  }
  if (Object.hasOwn(before.absent, name) && options.refresh !== true && work.mayBeAbsent) return before;
  const url = `${before.api}${routeOf(name)}`;
  const file = folder.temporary();
  const fetched = await pace.run(
    () =>
      fetchList({
        url,
        shape: resources.get(name)?.single === true ? "object" : "array",
        file,
        ifNoneMatch: intact ? (entry.etag ?? undefined) : undefined,
        fetch: options.fetch ?? globalThis.fetch,
        timeoutMs: options.timeoutMs ?? 30_000,
        signal: options.signal,
      }),
    (delayMs, error) => report({ type: "retry", collection: name, delayMs, reason: error.message }),
  );
  if (fetched.status === "unchanged" && entry !== undefined) {
    report({ type: "unchanged", collection: name, ...entry });
    return before;
  }
  const recorded_at = new Date().toISOString();
  const { [name]: _entry, ...files } = before.files;
  const { [name]: _absent, ...absent } = before.absent;
  if (fetched.status !== "recorded") {
    if (!work.mayBeAbsent) throw failureOfStatus(url, 404, "", false);
    report({ type: "absent", collection: name });
    const after = settled({
      ...before,
      files,
      absent: { ...absent, [name]: { url, status: 404, recorded_at } },
    });
    await folder.save(after);
    return after;
  }
  // Between the two names of the old and the new bytes the recording counts as incomplete.
  if (entry !== undefined) await folder.save(settled({ ...before, files, absent }));
  const { etag, sha256, bytes, records } = fetched;
  const made: RecordedFile = {
    file: `${name}.json`,
    url,
    status: 200,
    etag,
    sha256,
    bytes,
    records,
    recorded_at,
  };
  await folder.publish(file, made.file);
  const after = settled({ ...before, files: { ...files, [name]: made }, absent });
  await folder.save(after);
  report({ type: "recorded", collection: name, ...made });
  return after;
}

function routeOf(name: string): string {
  if (name === LAUNCHES_V4) return "/v4/launches";
  return name === "launches" ? "/v5/launches" : `/v4/${name}`;
}

function listOf(recording: Recording, collection: string): RecordedList[] {
  const entry = recording.files[collection];
  return entry === undefined ? [] : [{ collection, ...entry }];
}

function checkedNames(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !dataNames.includes(name));
  if (unknown === undefined && names.length > 0) {
    return names.includes("launches") ? [...names, LAUNCHES_V4] : names;
  }
  throw new EtlError({
    kind: "usage",
    code: "COLLECTION_UNKNOWN",
    message:
      unknown === undefined
        ? "No collection is named."
        : `There is no collection ${JSON.stringify(unknown)}.`,
    hint: `Use some of ${dataNames.join(", ")}.`,
  });
}

function checkedRate(rate: number): number {
  if (rate > 0 && rate <= 1000) return rate;
  throw new EtlError({
    kind: "usage",
    code: "RECORD_RATE",
    message: `There cannot be ${rate} requests per second.`,
    hint: "Give a number above 0, at most 1000.",
  });
}

function nothingThere(api: string): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_NOT_FOUND",
    message: `${api} has none of the collections: it answers 404 to all of them.`,
    hint: "Check the address of the API: without /v4 or /v5 at its end. Then record into another folder.",
    retryable: false,
  });
}
