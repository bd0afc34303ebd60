import {
  type Checkpoint,
  EtlError,
  type Head,
  headSchema,
  type HeadEntry,
  MANIFEST_VERSION,
} from "@spacex-etl/contracts";
import { commitDocument, readDocument, type Stored } from "../documents/documents.ts";
import { headKey, headNumber, HEADS } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Publishing loses against another publisher at most this often before it gives up as busy. */
const MAX_RACES = 1000;

/**
 * The newest head, or undefined in an empty lake. Costs a listing (of which a thousand heads are one request; `gc`
 * removes old ones) and a reading.
 *
 * @param known is not read again if it still is the newest
 */
export async function readHead(
  store: ObjectStore,
  signal?: AbortSignal,
  known?: Stored<Head>,
): Promise<Stored<Head> | undefined> {
  for (;;) {
    let newest = 0;
    for await (const { key } of store.list(HEADS, { signal }))
      newest = Math.max(newest, headNumber(key) ?? 0);
    if (newest === 0) return undefined;
    if (newest === known?.document.number) return known;
    const head = await readDocument(store, headKey(newest), headSchema, signal);
    // Gone since it was listed: a newer one was published and this one collected.
    if (head !== undefined) return head;
    signal?.throwIfAborted();
  }
}

export interface HeadUpdate {
  readonly zone: "extracts" | "tables";
  readonly source: string;
  readonly entries: Readonly<Record<string, HeadEntry>>;
}

export interface PublishOptions {
  readonly checkpoint: Checkpoint;
  readonly signal?: AbortSignal | undefined;
  readonly now: () => Date;
}

/**
 * Publishes what a run holds as the next numbered head. An entry replaces one of an older extraction only, so that a
 * slow run never hides a newer one; if nothing would change, no head is written. Done only when the newest head says
 * so: a number can be free because its head was collected, and a head written there is seen by nobody.
 *
 * @param known the newest head of a while ago, which is not read again if it still is: the number after it may have been
 *   published and collected since, and another head there would break the chain of those that follow
 */
export async function publishHead(
  store: ObjectStore,
  update: HeadUpdate,
  options: PublishOptions,
  known?: Stored<Head>,
): Promise<Head> {
  const [entry] = Object.values(update.entries);
  const metadata = entry === undefined ? {} : { "run-id": entry.runId };
  let current = await readHead(store, options.signal, known);
  for (let race = 0; race < MAX_RACES; race++) {
    const merged = mergeEntries(current?.document[update.zone][update.source] ?? {}, update.entries);
    if (current !== undefined && merged === undefined) return current.document;
    const number = (current?.document.number ?? 0) + 1;
    const zones = { extracts: current?.document.extracts ?? {}, tables: current?.document.tables ?? {} };
    const next: Head = {
      version: MANIFEST_VERSION,
      kind: "head",
      number,
      previous: current?.ref ?? null,
      publishedAt: options.now().toISOString(),
      ...zones,
      [update.zone]: { ...zones[update.zone], [update.source]: merged ?? {} },
    };
    const { document, ref } = await commitDocument(store, headKey(number), headSchema, next, {
      ...options,
      metadata,
    });
    current = await readHead(store, options.signal, { document, ref });
  }
  throw new EtlError({
    kind: "busy",
    code: "HEAD_CONTENTION",
    message: `Another run was faster ${MAX_RACES} times at publishing a head in ${store.url}.`,
    hint: "Run the same command again.",
  });
}

/** Undefined when every new entry is there already or older than what is. */
function mergeEntries(
  current: Readonly<Record<string, HeadEntry>>,
  entries: Readonly<Record<string, HeadEntry>>,
): Record<string, HeadEntry> | undefined {
  const known = new Map(Object.entries(current));
  const newer = Object.entries(entries).filter(([collection, entry]) => {
    const there = known.get(collection);
    return there === undefined || isNewer(entry, there);
  });
  if (newer.length === 0) return undefined;
  return Object.fromEntries(
    Object.entries({ ...current, ...Object.fromEntries(newer) }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** By time of extraction; two runs of the same millisecond are ordered by run id, so that all agree. */
export function isNewer(
  a: Pick<HeadEntry, "extractedAt" | "runId">,
  b: Pick<HeadEntry, "extractedAt" | "runId">,
): boolean {
  return a.extractedAt === b.extractedAt ? a.runId > b.runId : a.extractedAt > b.extractedAt;
}

/** The run of the newest entry of a zone and source, or undefined. */
export function newestRun(head: Head, zone: "extracts" | "tables", source: string): HeadEntry | undefined {
  return Object.values(head[zone][source] ?? {}).reduce<HeadEntry | undefined>(
    (newest, entry) => (newest === undefined || isNewer(entry, newest) ? entry : newest),
    undefined,
  );
}
