import {
  type Checkpoint,
  type CollectionManifest,
  collectionManifestSchema,
  type ExtractManifest,
  extractManifestSchema,
  type Head,
  MANIFEST_VERSION,
  type OnEvent,
  parseRunId,
} from "@spacex-etl/contracts";
import { incomplete } from "./errors.ts";
import { collectionsOf } from "./newest-collections.ts";
import { bindRequest, requestOf } from "./request.ts";
import { commitDocument, followRef, readDocument, type Stored } from "../documents/documents.ts";
import { publishHead, readHead } from "../heads/heads.ts";
import { assertSourceName, extractManifestKey } from "../layout/keys.ts";
import { manyAtOnce } from "../store/many.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Compression } from "./compression.ts";
import {
  type CollectionJob,
  extractCollection,
  type ExtractContext,
  type ExtractObserver,
  type RereadPolicy,
} from "./extract-collection.ts";
import { slots } from "./slots.ts";

/** A run to extract, and how. */
export interface ExtractOptions {
  readonly store: ObjectStore;
  readonly runId: string;
  /** Name of the source: stands in paths, and binds a warehouse to it. */
  readonly source: string;
  /** Read in this order. */
  readonly collections: readonly CollectionJob[];
  /** @default "zstd" */
  readonly compression?: Compression | undefined;
  /** A raw part closes at this many bytes before compression. @default 16 MiB */
  readonly partBytes?: number | undefined;
  /** Invalid records that a collection may have before it fails. @default 0 */
  readonly maxInvalid?: number | undefined;
  /** Unknown fields are an error of kind `schema`. @default false */
  readonly strict?: boolean | undefined;
  /** Ask the source whether anything changed since the last run. @default true */
  readonly useEtags?: boolean | undefined;
  /** Collections read at the same time. @default 4 */
  readonly concurrency?: number | undefined;
  readonly reread?: Partial<RereadPolicy> | undefined;
  /** Hears of what is stored as soon as it is: see `tablesAhead`. */
  readonly observer?: ExtractObserver | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => Date) | undefined;
}

/** A committed extraction. */
export interface ExtractResult {
  /** `adopted`: the run had been committed before this call. */
  readonly outcome: "committed" | "adopted";
  readonly extract: Stored<ExtractManifest>;
  readonly collections: readonly CollectionManifest[];
}

/**
 * Reads every collection into the raw zone and commits the run. Safe to repeat with the same run id after a crash at
 * any point and next to another process: complete collections are not read again, and one commit wins.
 *
 * @throws EtlError of kind `usage` if the run id was used for another request; of the failing collection's kind, with
 *   all of them named, when any failed. The others are complete then and are not read again.
 */
export async function extract(options: ExtractOptions): Promise<ExtractResult> {
  const { store, collections } = options;
  const runId = parseRunId(options.runId);
  assertSourceName(options.source);
  const context: ExtractContext = {
    store,
    runId,
    source: options.source,
    compression: options.compression ?? "zstd",
    partBytes: options.partBytes ?? 16 * 1024 * 1024,
    maxInvalid: options.maxInvalid ?? 0,
    strict: options.strict ?? false,
    useEtags: options.useEtags ?? true,
    reread: { limit: options.reread?.limit ?? 3, baseDelayMs: options.reread?.baseDelayMs ?? 500 },
    slots: slots(Math.max(store.parallelCreates ?? 1, 1)),
    observer: options.observer,
    onEvent: options.onEvent ?? (() => undefined),
    checkpoint: options.checkpoint ?? (() => undefined),
    signal: options.signal,
    now: options.now ?? (() => new Date()),
  };
  const request = requestOf(context.source, collections);
  const [committed, head] = await Promise.all([
    readDocument(store, extractManifestKey(runId), extractManifestSchema, options.signal),
    readHead(store, options.signal),
    bindRequest(context, request),
  ]);
  if (committed !== undefined) {
    await publish(context, committed, head);
    return {
      outcome: "adopted",
      extract: committed,
      collections: await readCollections(context, committed.document),
    };
  }

  const { signal, onEvent } = context;
  const wanted = new Set(collections.map(({ spec }) => spec.name));
  const previous = await collectionsOf(store, head?.document, context.source, { signal, onEvent, wanted });
  const results = await settleAll(collections, Math.max(options.concurrency ?? 4, 1), (job) =>
    extractCollection(context, job, previous.get(job.spec.name)),
  );
  const failed = results
    .flatMap((result, index) =>
      result.status === "rejected"
        ? [{ collection: collections[index]?.spec.name ?? "?", error: result.reason as unknown }]
        : [],
    )
    .sort((a, b) => (a.collection < b.collection ? -1 : 1));
  options.signal?.throwIfAborted();
  if (failed.length > 0) throw incomplete(runId, failed, collections.length);
  const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));

  const manifests = done
    .map(({ document, ref }) => ({ document, ref }))
    .sort((a, b) => (a.document.collection < b.document.collection ? -1 : 1));
  const entries = manifests.map(({ document, ref }) => ({
    ...ref,
    name: document.collection,
    extractedAt: document.extractedAt,
  }));
  const manifest: ExtractManifest = {
    version: MANIFEST_VERSION,
    kind: "extract",
    runId,
    request,
    extractedAt: entries.map((entry) => entry.extractedAt).reduce((a, b) => (a < b ? a : b)),
    collections: entries,
  };
  const stored = await commitDocument(store, extractManifestKey(runId), extractManifestSchema, manifest, {
    ...context,
    metadata: { "run-id": runId },
  });
  await publish(context, stored, head);
  return {
    outcome: stored.created ? "committed" : "adopted",
    extract: { document: stored.document, ref: stored.ref },
    collections: stored.created
      ? manifests.map(({ document }) => document)
      : await readCollections(context, stored.document),
  };
}

async function publish(
  context: ExtractContext,
  { document, ref }: Stored<ExtractManifest>,
  known: Stored<Head> | undefined,
): Promise<void> {
  const entries = document.collections.map(({ name, extractedAt }) => [
    name,
    { runId: context.runId, extractedAt, manifest: ref },
  ]);
  await publishHead(
    context.store,
    { zone: "extracts", source: context.source, entries: Object.fromEntries(entries) },
    context,
    known,
  );
}

async function readCollections(
  context: ExtractContext,
  manifest: ExtractManifest,
): Promise<CollectionManifest[]> {
  const { store, signal } = context;
  return manyAtOnce(manifest.collections, (ref) => followRef(store, ref, collectionManifestSchema, signal), {
    signal,
  });
}

/** All jobs, at most `concurrency` at a time; one failure stops none of the others. */
async function settleAll<Job, Result>(
  jobs: readonly Job[],
  concurrency: number,
  work: (job: Job) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < jobs.length; index = next++) {
      const [result] = await Promise.allSettled([work(jobs[index] as Job)]);
      results[index] = result;
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, jobs.length) }, worker));
  return results;
}
