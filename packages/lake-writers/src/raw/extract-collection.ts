import {
  type Checkpoint,
  type CollectionManifest,
  collectionManifestSchema,
  type CollectionSpec,
  EtlError,
  MANIFEST_VERSION,
  type OnEvent,
  type RawPart,
  type RecordSource,
} from "@spacex-etl/contracts";
import { setTimeout as sleep } from "node:timers/promises";
import { commitDocument, readDocument, type Stored } from "../documents/documents.ts";
import { collectionManifestKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Compression } from "./compression.ts";
import { countMismatch } from "./errors.ts";
import { inspector } from "./inspect.ts";
import { mayStandForReading } from "./may-stand-for-reading.ts";
import { readRecords, type ReadResult } from "./read-records.ts";
import type { Slots } from "./slots.ts";
import { vouchedParts } from "./vouched-parts.ts";

/** Reading a collection from its start again after a failure half-way. */
export interface RereadPolicy {
  /** @default 3 */
  readonly limit: number;
  /** Doubled with each attempt, with jitter. @default 500 */
  readonly baseDelayMs: number;
}

/** Hears what an extraction has in the store, at once. Must not throw. */
export interface ExtractObserver {
  /**
   * A part is stored, or is an earlier run's. They come in their order; `sequence` begins at 0 again when the collection
   * is read again, and only the manifest says which reading counts.
   */
  part(collection: string, sequence: number, part: RawPart): void;
  /** The collection is committed, now or by an earlier process of the run. */
  collection(manifest: CollectionManifest): void;
}

export interface ExtractContext {
  readonly store: ObjectStore;
  readonly runId: string;
  readonly source: string;
  readonly compression: Compression;
  readonly partBytes: number;
  readonly maxInvalid: number;
  readonly strict: boolean;
  readonly useEtags: boolean;
  readonly reread: RereadPolicy;
  readonly slots: Slots;
  readonly observer: ExtractObserver | undefined;
  readonly onEvent: OnEvent;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal | undefined;
  readonly now: () => Date;
}

/** One collection to read: what its records are, and where they come from. */
export interface CollectionJob {
  readonly spec: CollectionSpec;
  readonly source: RecordSource;
}

/** One collection from source to committed manifest. What an earlier process of this run committed is adopted. */
export async function extractCollection(
  context: ExtractContext,
  job: CollectionJob,
  previous: CollectionManifest | undefined,
): Promise<Stored<CollectionManifest> & { readonly adopted: boolean }> {
  const { store, runId, onEvent } = context;
  const collection = job.spec.name;
  const key = collectionManifestKey(runId, collection);
  const existing = await readDocument(store, key, collectionManifestSchema, context.signal);
  if (existing !== undefined) {
    finished(existing.document, "adopted");
    return { ...existing, adopted: true };
  }
  onEvent({ type: "collection.started", step: "extract", collection });
  try {
    const manifest = await readUntilRight(context, job, previous);
    const stored = await commitDocument(store, key, collectionManifestSchema, manifest, {
      ...context,
      metadata: { "run-id": runId, collection },
    });
    finished(
      stored.document,
      stored.created ? (manifest.reused === null ? "written" : "unchanged") : "adopted",
    );
    return { ...stored, adopted: !stored.created };
  } catch (error) {
    const nothing = { records: 0, bytes: 0, outcome: "failed" } as const;
    onEvent({ type: "collection.finished", step: "extract", collection, ...nothing });
    throw error;
  }

  function finished(document: CollectionManifest, outcome: "written" | "unchanged" | "adopted"): void {
    context.observer?.collection(document);
    for (const { path, records } of document.drift) {
      onEvent({
        type: "warning",
        code: "DRIFT",
        message: `${collection}: unknown field ${path} in ${records} records; it stays in the raw zone.`,
      });
    }
    const { records, contentBytes: bytes } = document;
    onEvent({ type: "collection.finished", step: "extract", collection, records, bytes, outcome });
  }
}

async function readUntilRight(
  context: ExtractContext,
  { spec, source }: CollectionJob,
  previous: CollectionManifest | undefined,
): Promise<CollectionManifest> {
  const { signal, onEvent, reread } = context;
  const collection = spec.name;
  const inspect = inspector(spec);
  const known =
    previous !== undefined && (await mayStandForReading(context, spec, previous)) ? previous : undefined;
  let etag = known !== undefined && context.useEtags ? known.sourceState.etag : null;
  let requests = 0;
  const request = {
    signal,
    onRequest: () => void requests++,
    onRetry: (retry: { attempt: number; delayMs: number; reason: string }) =>
      onEvent({ type: "retry", what: source.description, ...retry }),
  };
  let miscounted = false;
  for (let attempt = 1; ; attempt++) {
    const extractedAt = context.now().toISOString();
    // What the source itself gave up on is not tried again: its retries times ours would keep a dead source busy.
    let halfWay = false;
    try {
      const response = await source.open({ ...request, ...(etag === null ? {} : { ifNoneMatch: etag }) });
      if (response.status === "not-modified") {
        if (known === undefined) throw unexpectedNotModified(source);
        return {
          ...known,
          runId: context.runId,
          extractedAt,
          reused: "not-modified",
          sourceState: { ...known.sourceState, requests },
        };
      }
      halfWay = true;
      const result = await readRecords(response.batches, {
        store: context.store,
        at: { source: context.source, collection, runId: context.runId },
        compression: context.compression,
        partBytes: context.partBytes,
        previous: previous?.parts ?? [],
        vouched: vouchedParts(spec, previous),
        previousQuarantine: previous?.quarantine ?? null,
        slots: context.slots,
        onPart: (part, sequence) => context.observer?.part(collection, sequence, part),
        checkpoint: context.checkpoint,
        signal,
        spec,
        inspect,
        maxInvalid: context.maxInvalid,
        strict: context.strict,
        onEvent,
      });
      halfWay = false;
      const totalRecords = (await source.count?.(request)) ?? null;
      const read = result.records + result.invalid;
      if (totalRecords !== null && totalRecords !== read) {
        if (miscounted) throw countMismatch(collection, source.description, read, totalRecords);
        miscounted = true;
        etag = null;
        const reason = `${read} records were read, the source counts ${totalRecords}`;
        onEvent({ type: "retry", what: source.description, attempt, delayMs: 0, reason });
        continue;
      }
      return manifestOf(context, spec, previous, extractedAt, result, {
        etag: response.etag ?? null,
        totalRecords,
        requests,
      });
    } catch (error) {
      signal?.throwIfAborted();
      const again = halfWay && EtlError.isInstance(error) && error.kind === "source" && error.retryable;
      if (!again || attempt > reread.limit) throw error;
      const delayMs = Math.round(reread.baseDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
      onEvent({ type: "retry", what: source.description, attempt, delayMs, reason: error.message });
      await sleep(delayMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

function manifestOf(
  context: ExtractContext,
  spec: CollectionSpec,
  previous: CollectionManifest | undefined,
  extractedAt: string,
  result: ReadResult,
  sourceState: CollectionManifest["sourceState"],
): CollectionManifest {
  return {
    version: MANIFEST_VERSION,
    kind: "collection",
    runId: context.runId,
    source: context.source,
    collection: spec.name,
    key: spec.key,
    schemaFingerprint: spec.fingerprint,
    extractedAt,
    records: result.records,
    invalid: result.invalid,
    contentBytes: result.contentBytes,
    parts: [...result.parts],
    quarantine: result.quarantine,
    drift: [...result.drift],
    reused: previous !== undefined && isSame(result, previous) ? "same-content" : null,
    sourceState,
  };
}

/** The same objects as an earlier run's: nothing was written, and nothing is gone either. */
function isSame(result: ReadResult, previous: CollectionManifest): boolean {
  return (
    result.parts.length === previous.parts.length &&
    result.parts.every(({ path }, index) => path === previous.parts[index]?.path) &&
    result.quarantine?.path === previous.quarantine?.path
  );
}

function unexpectedNotModified(source: RecordSource): EtlError {
  return new EtlError({
    kind: "source",
    code: "UNEXPECTED_NOT_MODIFIED",
    message: `${source.description} answered "not modified" to a request without a condition.`,
    hint: "A cache between here and the source may be broken. Try --no-etag.",
    retryable: false,
  });
}
