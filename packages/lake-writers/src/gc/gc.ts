import { EtlError, headSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { headKey, type LakeKey, parseKey } from "../layout/keys.ts";
import { manyAtOnce } from "../store/many.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { committedRuns, referencedBy } from "./reach.ts";

/** Which lake to clean, and what to keep of it. */
export interface GcOptions {
  readonly store: ObjectStore;
  /** Committed runs to keep, newest first. @default all */
  readonly keepRuns?: number | undefined;
  /** Committed runs of the last days to keep; with `keepRuns`, a run stays if either says so. @default all */
  readonly keepDays?: number | undefined;
  /** Nothing younger is touched, because a run may be about to refer to it. @default 24 */
  readonly graceHours?: number | undefined;
  /** Only say what would go. @default false */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => Date) | undefined;
}

/** What was kept and what went. */
export interface GcResult {
  readonly keptRuns: readonly string[];
  readonly removedRuns: readonly string[];
  /** Deleted (or, in a dry run, to be deleted), heads first, then documents, then parts. */
  readonly removed: readonly ObjectInfo[];
  readonly removedBytes: number;
  readonly keptObjects: number;
  /** Left-overs of unfinished uploads and writes that were removed; none in a dry run, which does not look for them. */
  readonly swept: number;
}

const HOUR_MS = 3_600_000;

interface Listed {
  readonly info: ObjectInfo;
  readonly key: LakeKey;
  /** Within the grace period. */
  readonly young: boolean;
}

/**
 * Deletes what no kept run can reach. Kept are committed runs by the options, every run that the newest head points to
 * or pointed to during the grace period (a run that began then may be about to refer to its parts), and every run that
 * wrote a document in that time. Objects and unfinished uploads that are no lake's are left alone. Left-overs of
 * unfinished writes go first, then heads, then documents, then the parts they refer to, so that a crash half-way never
 * leaves a document over missing objects.
 *
 * @throws EtlError of kind `integrity` or `schema` if a manifest or head cannot be read: then nothing is deleted;
 *   of kind `usage` for a negative number.
 */
export async function gc(options: GcOptions): Promise<GcResult> {
  const { store, signal } = options;
  assertNumbers(options);
  const now = (options.now ?? (() => new Date()))();
  const graceEnds = new Date(now.getTime() - (options.graceHours ?? 24) * HOUR_MS);

  const listed: Listed[] = [];
  let foreign = 0;
  for await (const info of store.list("", { signal })) {
    const key = parseKey(info.key);
    if (key === undefined) foreign++;
    else listed.push({ info, key, young: info.createdAt > graceEnds });
  }
  signal?.throwIfAborted();

  const heads = liveHeads(listed);
  const kept = new Set(await runsOf(store, heads, signal));
  for (const { key, young } of listed) if (young && key.is === "document") kept.add(key.runId);
  const runs = await committedRuns(store, runsIn(listed), signal);
  const newestFirst = runs.toSorted((a, b) => (a.extractedAt > b.extractedAt ? -1 : 1));
  for (const [index, { runId, extractedAt }] of newestFirst.entries()) {
    if (isKept(options, extractedAt, index, now)) kept.add(runId);
  }

  const live = new Set<string>(heads.map((number) => headKey(number)));
  const documents = listed.flatMap(({ info, key }) =>
    key.is === "document" && kept.has(key.runId) ? [{ path: info.key, document: key.document }] : [],
  );
  for (const { path } of documents) live.add(path);
  const referenced = await manyAtOnce(
    documents,
    ({ path, document }) => referencedBy(store, path, document, signal),
    { signal },
  );
  for (const path of referenced.flat()) live.add(path);
  const removed = listed
    .filter(({ info, young }) => !young && !live.has(info.key))
    .toSorted((a, b) => rank(a.key) - rank(b.key) || (a.info.key < b.info.key ? -1 : 1));
  let swept = 0;
  if (options.dryRun !== true) {
    // First, because it needs a permission of its own: without it nothing is deleted that the result would not tell.
    swept = (await store.sweep?.(graceEnds, { signal, isOurs })) ?? 0;
    for (const sameRank of Map.groupBy(removed, ({ key }) => rank(key)).values())
      await manyAtOnce(sameRank, ({ info }) => store.delete(info.key, { signal }), { signal });
  }
  return {
    keptRuns: runs.map(({ runId }) => runId).filter((runId) => kept.has(runId)),
    removedRuns: runs.map(({ runId }) => runId).filter((runId) => !kept.has(runId)),
    removed: removed.map(({ info }) => info),
    removedBytes: removed.reduce((sum, { info }) => sum + info.bytes, 0),
    keptObjects: listed.length + foreign - removed.length,
    swept,
  };
}

function isOurs(key: string): boolean {
  return parseKey(key) !== undefined;
}

function assertNumbers({ keepRuns, keepDays, graceHours }: GcOptions): void {
  for (const [name, value] of Object.entries({ keepRuns, keepDays, graceHours })) {
    if (value === undefined || value >= 0) continue;
    throw new EtlError({
      kind: "usage",
      code: "GC_OPTION",
      message: `${name} is ${value}; it must be 0 or more.`,
      hint: "Leave it out for its default.",
    });
  }
}

/** Ids of all runs that have at least one document, in order. */
function runsIn(listed: readonly Listed[]): Set<string> {
  return new Set(listed.flatMap(({ key }) => (key.is === "document" ? [key.runId] : [])));
}

/** Numbers of the heads that were the newest at some moment of the grace period; the last of them still is. */
function liveHeads(listed: readonly Listed[]): number[] {
  const heads = listed.flatMap(({ key, young }) =>
    key.is === "head" ? [{ number: key.number, young }] : [],
  );
  heads.sort((a, b) => a.number - b.number);
  return heads
    .slice(
      Math.max(
        heads.findLastIndex(({ young }) => !young),
        0,
      ),
    )
    .map(({ number }) => number);
}

async function runsOf(
  store: ObjectStore,
  heads: readonly number[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const runs = await manyAtOnce(
    heads,
    async (number) => {
      const head = await readDocument(store, headKey(number), headSchema, signal);
      return [head?.document.extracts, head?.document.tables]
        .flatMap((zone) => Object.values(zone ?? {}))
        .flatMap((entries) => Object.values(entries).map(({ runId }) => runId));
    },
    { signal },
  );
  return runs.flat();
}

function isKept(options: GcOptions, extractedAt: string, index: number, now: Date): boolean {
  const { keepRuns, keepDays } = options;
  if (keepRuns === undefined && keepDays === undefined) return true;
  if (keepRuns !== undefined && index < keepRuns) return true;
  return keepDays !== undefined && Date.parse(extractedAt) >= now.getTime() - keepDays * 24 * HOUR_MS;
}

/** Nothing points to a head; a run stops being committed before its other documents go; parts are last. */
function rank(key: LakeKey): number {
  if (key.is === "head") return 0;
  if (key.is !== "document") return 5;
  return { tables: 1, extract: 2, collection: 3, request: 4 }[key.document];
}
