import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Checkpoint,
  type CollectionManifest,
  collectionManifestSchema,
  type CollectionSpec,
  type DuckDBConnectionLike,
  EtlError,
  extractManifestSchema,
  MANIFEST_VERSION,
  type OnEvent,
  parseRunId,
  type TablesManifest,
  tablesManifestSchema,
  type TablesOfCollection,
} from "@spacex-etl/contracts";
import { commitDocument, followRef, readDocument, type Stored } from "../documents/documents.ts";
import { publishHead } from "../heads/heads.ts";
import { extractManifestKey, tablesManifestKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { workFolderError } from "../store/read.ts";
import { normalizeCollection, type NormalizeContext } from "./normalize-collection.ts";
import { allOrFirstFailure, pool } from "./pool.ts";
import {
  inputHash,
  NORMALIZER_VERSION,
  type PreviousTables,
  previousTables,
  reusableTables,
} from "./reuse.ts";

/** An extracted run to make tables of, and how. */
export interface NormalizeOptions {
  readonly store: ObjectStore;
  readonly runId: string;
  /** Schemas of at least the run's collections, the same as at its extraction. */
  readonly collections: readonly CollectionSpec[];
  /** An in-memory DuckDB. Its `TimeZone` is set to UTC, and a temporary table of ours comes and goes. */
  readonly connection: DuckDBConnectionLike;
  /**
   * Further connections to the same DuckDB: with each, one more batch is made at the same time. DuckDB's `threads` is 1
   * meanwhile. One connection per processor is best.
   *
   * @default none
   */
  readonly moreConnections?: readonly DuckDBConnectionLike[] | undefined;
  /** Where Parquet files are made before the lake has them. @default a folder in the system's temporary folder */
  readonly workFolder?: string | undefined;
  /**
   * Raw bytes that a connection turns into tables at once, give or take half a raw part; bounds memory and the size of a
   * Parquet file.
   *
   * @default 64 MiB
   */
  readonly batchBytes?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  readonly signal?: AbortSignal | undefined;
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
  const commit = { checkpoint, signal, now };

  const committed = await readDocument(store, tablesManifestKey(runId), tablesManifestSchema, signal);
  if (committed !== undefined) {
    await publish(store, committed, commit);
    return { outcome: "adopted", tables: committed };
  }
  const extracted = await readDocument(store, extractManifestKey(runId), extractManifestSchema, signal);
  if (extracted === undefined) throw notExtracted(store, runId);
  const manifests = await Promise.all(
    extracted.document.collections.map((ref) => followRef(store, ref, collectionManifestSchema, signal)),
  );
  const jobs = manifests.map((manifest) => ({ manifest, spec: specOf(options.collections, manifest) }));
  const { source } = extracted.document.request;
  const wanted = new Set(jobs.map(({ spec }) => spec.name));
  const previous = await previousTables(store, source, wanted, onEvent, signal);

  const connections = [options.connection, ...(options.moreConnections ?? [])];
  const workFolder = await makeWorkFolder(options.workFolder);
  const failure = new AbortController();
  const stopped = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const interrupt = (): void => connections.forEach((connection) => connection.interrupt?.());
  stopped.addEventListener("abort", interrupt, { once: true });
  let restoreThreads = async (): Promise<void> => undefined;
  try {
    for (const connection of connections) await connection.run("SET TimeZone = 'UTC'");
    if (connections.length > 1) restoreThreads = await useOneThreadEach(options.connection);
    const stop = (reason: unknown): void => failure.abort(reason);
    const context: NormalizeContext = {
      store,
      runId,
      connections: pool(connections),
      transfers: pool([1, 2]),
      workFolder,
      batchBytes: options.batchBytes ?? 64 * 1024 * 1024,
      checkpoint,
      signal: stopped,
      stop,
    };
    const collections = await allOrFirstFailure(
      jobs.map(({ manifest, spec }) =>
        tablesOf(context, manifest, spec, { previous: previous.get(spec.name), onEvent }),
      ),
      stop,
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
    await publish(store, stored, commit);
    const { created, document, ref } = stored;
    return { outcome: created ? "committed" : "adopted", tables: { document, ref } };
  } finally {
    stopped.removeEventListener("abort", interrupt);
    await restoreThreads();
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** The tables of one collection: taken over, or made. */
async function tablesOf(
  context: NormalizeContext,
  manifest: CollectionManifest,
  spec: CollectionSpec,
  { previous, onEvent }: { readonly previous: PreviousTables | undefined; readonly onEvent: OnEvent },
): Promise<TablesOfCollection> {
  const started = (): void =>
    onEvent({ type: "collection.started", step: "normalize", collection: spec.name });
  const reused = await reusableTables(context.store, manifest, previous);
  if (reused !== undefined) started();
  const tables = reused?.tables ?? (await normalizeCollection(context, spec, manifest, started));
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

/**
 * Lets every connection work on the thread that asks it, and on no other: DuckDB's own threads would take the work over,
 * and the asking thread would wait for them in a loop that keeps a processor busy. Returns what undoes it.
 */
async function useOneThreadEach(connection: DuckDBConnectionLike): Promise<() => Promise<void>> {
  const result = await connection.runAndReadAll("SELECT current_setting('threads') AS threads");
  const before = Number(result.getRowObjectsJson()[0]?.["threads"]);
  await connection.run("SET threads = 1");
  return async () => void (await connection.run(`SET threads = ${before}`).catch(() => undefined));
}

async function makeWorkFolder(parent: string | undefined): Promise<string> {
  const base = parent ?? tmpdir();
  try {
    await mkdir(base, { recursive: true });
    return await mkdtemp(join(base, "normalize-"));
  } catch (error) {
    throw workFolderError(error);
  }
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
): Promise<void> {
  const entries = document.collections.map(({ name, extractedAt }) => [
    name,
    { runId: document.runId, extractedAt, manifest: ref },
  ]);
  await publishHead(
    store,
    { zone: "tables", source: document.source, entries: Object.fromEntries(entries) },
    commit,
  );
}

function notExtracted(store: ObjectStore, runId: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "RUN_NOT_EXTRACTED",
    message: `The run ${runId} has no complete extraction in ${store.url}.`,
    hint: `Extract it first: extract --run-id ${runId}`,
  });
}
