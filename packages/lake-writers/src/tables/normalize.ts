import {
  type Checkpoint,
  type CollectionManifest,
  collectionManifestSchema,
  type CollectionSpec,
  EtlError,
  extractManifestSchema,
  type Head,
  MANIFEST_VERSION,
  type OnEvent,
  parseRunId,
  type TablesManifest,
  tablesManifestSchema,
  type TablesOfCollection,
} from "@spacex-etl/contracts";
import { commitDocument, followRef, readDocument, type Stored } from "../documents/documents.ts";
import { publishHead, readHead } from "../heads/heads.ts";
import { extractManifestKey, tablesManifestKey } from "../layout/keys.ts";
import { manyAtOnce } from "../store/many.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { TablesAhead } from "./ahead.ts";
import { type Lanes, type LanesOptions, openLanes } from "./lanes.ts";
import { type EarlierBatch, normalizeCollection, type NormalizeContext } from "./normalize-collection.ts";
import { allOrFirstFailure } from "./pool.ts";
import {
  inputHash,
  NORMALIZER_VERSION,
  type PreviousTables,
  previousTables,
  reusableTables,
} from "./reuse.ts";

/** An extracted run to make tables of, and how. */
export interface NormalizeOptions extends LanesOptions {
  /** Schemas of at least the run's collections, the same as at its extraction. */
  readonly collections: readonly CollectionSpec[];
  /**
   * What was begun while the run was extracted: it is taken over where it is of the committed parts. Connections, folder
   * and `batchBytes` are then its own. The caller disposes of it afterwards.
   */
  readonly ahead?: TablesAhead | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly now?: (() => Date) | undefined;
}

/** Committed tables. `adopted`: they had been committed before this call. */
export interface NormalizeResult {
  readonly outcome: "committed" | "adopted";
  readonly tables: Stored<TablesManifest>;
}

/**
 * Makes the typed tables of an extracted run and commits them. Tables of a collection are taken over from the newest
 * run that has them when records, schema and normalizer are the same.
 *
 * @throws EtlError of kind `usage` if the run was not extracted, `schema` if its schema is another than today's,
 *   `integrity` if a part is damaged or missing.
 */
export async function normalize(options: NormalizeOptions): Promise<NormalizeResult> {
  const { store, signal } = options;
  const runId = parseRunId(options.runId);
  const onEvent = options.onEvent ?? (() => undefined);
  const checkpoint = options.checkpoint ?? (() => undefined);
  const now = options.now ?? (() => new Date());
  const commit = { checkpoint, signal, now, metadata: { "run-id": runId } };

  const [committed, extracted, head] = await Promise.all([
    readDocument(store, tablesManifestKey(runId), tablesManifestSchema, signal),
    readDocument(store, extractManifestKey(runId), extractManifestSchema, signal),
    readHead(store, signal),
  ]);
  if (committed !== undefined) {
    await publish(store, committed, commit, head);
    return { outcome: "adopted", tables: committed };
  }
  if (extracted === undefined) throw notExtracted(store, runId);
  const manifests = await manyAtOnce(
    extracted.document.collections,
    (ref) => followRef(store, ref, collectionManifestSchema, signal),
    { signal },
  );
  const jobs = manifests.map((manifest) => ({ manifest, spec: specOf(options.collections, manifest) }));
  const { source } = extracted.document.request;
  const wanted = new Set(jobs.map(({ spec }) => spec.name));
  const previous = await previousTables(store, head?.document, source, wanted, onEvent, signal);

  const { ahead } = options;
  // What was begun ahead is its owner's to end.
  await using opened = ahead === undefined ? await openLanes({ ...options, runId }) : undefined;
  const { context } = opened ?? (await takeOver(ahead, runId));
  const earlier = ahead?.taken;
  const collections = await allOrFirstFailure(
    jobs.map(({ manifest, spec }) =>
      tablesOf(context, manifest, spec, { previous: previous.get(spec.name), onEvent, earlier }),
    ),
    context.stop,
  );
  const manifest: TablesManifest = {
    version: MANIFEST_VERSION,
    kind: "tables",
    runId,
    source,
    extract: extracted.ref,
    extractedAt: extracted.document.extractedAt,
    normalizerVersion: NORMALIZER_VERSION,
    collections,
  };
  const stored = await commitDocument(
    store,
    tablesManifestKey(runId),
    tablesManifestSchema,
    manifest,
    commit,
  );
  await publish(store, stored, commit, head);
  const { created, document, ref } = stored;
  return { outcome: created ? "committed" : "adopted", tables: { document, ref } };
}

/** The tables of one collection: taken over, or made. */
async function tablesOf(
  context: NormalizeContext,
  manifest: CollectionManifest,
  spec: CollectionSpec,
  {
    previous,
    onEvent,
    earlier,
  }: {
    readonly previous: PreviousTables | undefined;
    readonly onEvent: OnEvent;
    readonly earlier: EarlierBatch | undefined;
  },
): Promise<TablesOfCollection> {
  const started = (): void =>
    onEvent({ type: "collection.started", step: "normalize", collection: spec.name });
  const reused = await reusableTables(context.store, manifest, previous, context.signal);
  if (reused !== undefined) started();
  const tables = reused?.tables ?? (await normalizeCollection(context, spec, manifest, started, earlier));
  onEvent({
    type: "collection.finished",
    step: "normalize",
    collection: spec.name,
    records: manifest.records,
    bytes: manifest.contentBytes,
    outcome: reused === undefined ? "written" : "unchanged",
  });
  return {
    name: spec.name,
    extractedAt: manifest.extractedAt,
    schemaFingerprint: manifest.schemaFingerprint,
    inputSha256: inputHash(manifest),
    quarantinedKeys: manifest.quarantine === null ? [] : manifest.quarantine.keys,
    reused: reused !== undefined,
    tables,
  };
}

function specOf(specs: readonly CollectionSpec[], manifest: CollectionManifest): CollectionSpec {
  const spec = specs.find(({ name }) => name === manifest.collection);
  if (spec?.fingerprint === manifest.schemaFingerprint) return spec;
  throw new EtlError({
    kind: "schema",
    code: "SCHEMA_CHANGED",
    message:
      spec === undefined
        ? `The run ${manifest.runId} has the collection ${manifest.collection}, for which there is no schema.`
        : `The run ${manifest.runId} was extracted with another schema of ${manifest.collection} than today's.`,
    hint: "Extract again under a new run id, or finish this run with the version that began it.",
  });
}

async function publish(
  store: ObjectStore,
  { document, ref }: Stored<TablesManifest>,
  commit: {
    readonly checkpoint: Checkpoint;
    readonly signal: AbortSignal | undefined;
    readonly now: () => Date;
  },
  known: Stored<Head> | undefined,
): Promise<void> {
  const entries = document.collections.map(({ name, extractedAt }) => [
    name,
    { runId: document.runId, extractedAt, manifest: ref },
  ]);
  await publishHead(
    store,
    { zone: "tables", source: document.source, entries: Object.fromEntries(entries) },
    commit,
    known,
  );
}

async function takeOver(ahead: TablesAhead | undefined, runId: string): Promise<Lanes> {
  if (ahead?.runId === runId) return ahead.takeOver();
  throw new EtlError({
    kind: "usage",
    code: "AHEAD_OF_ANOTHER_RUN",
    message: `The tables of the run ${ahead?.runId ?? "?"} were begun ahead, those of ${runId} are to be made.`,
    hint: "Give tablesAhead and normalize the same run id.",
  });
}

function notExtracted(store: ObjectStore, runId: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "RUN_NOT_EXTRACTED",
    message: `The run ${runId} has no complete extraction in ${store.url}.`,
    hint: `Extract it first: extract --run-id ${runId}`,
  });
}
