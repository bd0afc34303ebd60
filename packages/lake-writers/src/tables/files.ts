import {
  EtlError,
  type TableEntry,
  type TablePart,
  tablesManifestSchema,
  type TablesManifest,
} from "@spacex-etl/contracts";
import { followOnce, readDocument, type Stored } from "../documents/documents.ts";
import { newestRun, readHead } from "../heads/heads.ts";
import { extractManifestKey, tablesManifestKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";

/**
 * The tables manifest of a run.
 *
 * @throws EtlError of kind `usage` if the run has none.
 */
export async function readTables(
  store: ObjectStore,
  runId: string,
  signal?: AbortSignal,
): Promise<Stored<TablesManifest>> {
  const stored = await readDocument(store, tablesManifestKey(runId), tablesManifestSchema, signal);
  if (stored !== undefined) return stored;
  throw new EtlError({
    kind: "usage",
    code: "RUN_NOT_NORMALIZED",
    message: `The run ${runId} has no tables in ${store.url}.`,
    hint: `Make them first: normalize --run-id ${runId}`,
  });
}

/** The newest run of a source that has been extracted or normalized, or undefined. */
export async function findNewestRun(
  store: ObjectStore,
  zone: "extracts" | "tables",
  source: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const head = await readHead(store, signal);
  return head === undefined ? undefined : newestRun(head.document, zone, source)?.runId;
}

/** The Parquet files of a table in one run; `location` is where the store has them. */
export interface TableFiles {
  readonly table: string;
  readonly runId: string;
  readonly rows: number;
  readonly parts: readonly (TablePart & { readonly location: string })[];
}

/**
 * What to read for a table: exactly the parts of one committed run.
 *
 * @param options.runId by default the newest run that has the table's collection
 * @throws EtlError of kind `usage` for an unknown table, with the names that there are.
 */
export async function tableFiles(
  store: ObjectStore,
  table: string,
  options: {
    readonly source: string;
    readonly runId?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<TableFiles> {
  const manifests = await manifestsFor(store, options);
  for (const manifest of manifests) {
    const entry = entriesOf(manifest).find(({ spec }) => spec.name === table);
    if (entry === undefined) continue;
    const parts = entry.parts.map((part) => ({
      ...part,
      location: store.localPath?.(part.path) ?? `${store.url}/${part.path}`,
    }));
    return { table, runId: manifest.runId, rows: entry.rows, parts };
  }
  const names = manifests.flatMap((manifest) => entriesOf(manifest).map(({ spec }) => spec.name));
  throw new EtlError({
    kind: "usage",
    code: "TABLE_UNKNOWN",
    message: `There is no table ${table} of source ${options.source} in ${store.url}.`,
    hint:
      names.length === 0
        ? "The lake has no tables yet: run the pipeline first."
        : `Tables: ${[...new Set(names)].sort().join(", ")}.`,
  });
}

function entriesOf(manifest: TablesManifest): TableEntry[] {
  return manifest.collections.flatMap(({ tables }) => tables);
}

/** The run's manifest, or those that the newest head names, each with only the collections it is newest for. */
async function manifestsFor(
  store: ObjectStore,
  options: {
    readonly source: string;
    readonly runId?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<TablesManifest[]> {
  if (options.runId !== undefined) return [(await readTables(store, options.runId, options.signal)).document];
  const head = await readHead(store, options.signal);
  const follow = followOnce(store, tablesManifestSchema, options.signal);
  return Promise.all(
    Object.entries(head?.document.tables[options.source] ?? {}).map(async ([name, entry]) => {
      const manifest = await follow(entry.manifest);
      return {
        ...manifest,
        collections: manifest.collections.filter((collection) => collection.name === name),
      };
    }),
  );
}

/** Whether the run is committed up to a step. */
export async function runState(
  store: ObjectStore,
  runId: string,
  signal?: AbortSignal,
): Promise<"none" | "extracted" | "normalized"> {
  const [tables, extracted] = await Promise.all([
    store.head(tablesManifestKey(runId), { signal }),
    store.head(extractManifestKey(runId), { signal }),
  ]);
  if (tables !== undefined) return "normalized";
  return extracted === undefined ? "none" : "extracted";
}
