import { type CollectionManifest, type TablesManifest, tablesManifestSchema } from "@spacex-etl/contracts";
import {
  collectionManifestKey,
  extractManifestKey,
  followRef,
  NORMALIZER_VERSION,
  rawPrefix,
  readHead,
  tablesManifestKey,
} from "@spacex-etl/lake-writers";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { LoadPlan } from "@spacex-etl/warehouse-loaders";
import type { LakeLocation } from "../config/index.ts";
import type { Session } from "../session/session.ts";

/** An object of the lake, or a prefix (with a slash at its end), and what it is for. */
export interface LakeAccess {
  readonly key: string;
  /** The same as an absolute path or an address. */
  readonly location: string;
  readonly what: string;
  /** Only if the source says that something changed. */
  readonly conditional: boolean;
}

/** What a run reads from the lake and writes into it, beside looking whether objects are there. */
export interface PlannedLake {
  readonly reads: readonly LakeAccess[];
  readonly writes: readonly LakeAccess[];
}

/** What the lake holds before the run. */
export interface LakeBefore {
  readonly runId: string;
  readonly state: "none" | "extracted" | "normalized";
  /** Of this run. */
  readonly complete: readonly CollectionManifest[];
  /** Of the newest runs, by collection; empty where nothing is asked of the source. */
  readonly previous: ReadonlyMap<string, CollectionManifest>;
}

/** Where a key of the lake is, as an absolute path or an address. */
export function lakeLocation({ location, display }: LakeLocation, key: string): string {
  return `${location.kind === "file" ? location.directory : display}/${key}`;
}

/** @param load what the load is planned to be, where the run's tables are known */
export async function plannedLake(
  session: Session,
  before: LakeBefore,
  load: LoadPlan | undefined,
): Promise<PlannedLake> {
  const { lake } = session.config;
  const access = (key: string, what: string, conditional = false): LakeAccess => ({
    key,
    location: lakeLocation(lake, key),
    what,
    conditional,
  });
  const { runId, state } = before;
  const own = `runs/${runId}/`;
  if (state === "normalized") {
    return {
      reads: [
        access("heads/", "the newest head"),
        access(own, "manifests of the run"),
        ...stagedTables(load, access),
      ],
      writes: [],
    };
  }
  const complete = new Map(before.complete.map((manifest) => [manifest.collection, manifest]));
  const names = (
    state === "extracted" ? [...complete.keys()] : session.config.collections
  ) as readonly CollectionName[];
  const missing = state === "extracted" ? [] : names.filter((name) => !complete.has(name));
  const reusable = await reusableCollections(session);
  const earlier = new Set([...before.previous.values()].map((manifest) => manifest.runId));
  return {
    reads: [
      access("heads/", "the newest head"),
      access(own, "what is complete of the run"),
      ...[...earlier].sort().map((id) => access(`runs/${id}/`, `manifests of run ${id}`)),
      ...names.flatMap((name) =>
        prefixesOf(complete.get(name)?.parts).map((prefix) =>
          access(prefix, `raw parts of ${name}`, reusable.has(name)),
        ),
      ),
      ...tablePrefixes(names, runId).map(({ table, key, name }) =>
        access(key, `table ${table}, for the load`, reusable.has(name)),
      ),
    ],
    writes: [
      ...(state === "extracted" ? [] : [access(`${own}request.json`, "what was asked for")]),
      ...missing.flatMap((name) => [
        access(
          rawPrefix(session.config.source, name, runId),
          `raw parts of ${name}`,
          before.previous.has(name),
        ),
        access(collectionManifestKey(runId, name), "a manifest for each collection"),
      ]),
      ...(state === "extracted" ? [] : [access(extractManifestKey(runId), "commits the extraction")]),
      ...tablePrefixes(names, runId).map(({ table, key, name }) =>
        access(key, `table ${table}`, reusable.has(name)),
      ),
      access(tablesManifestKey(runId), "commits the tables"),
      access("heads/", "the next heads"),
    ],
  };
}

/**
 * The same for people: the tables of a collection share a line, and so do the collections' manifests. Not repeated are
 * where new raw parts go, which the requests above say, and that the load reads the tables that were just written.
 */
export function lakeLines({ reads, writes }: PlannedLake, { display }: LakeLocation): string[] {
  const linesOf = (verb: string, accesses: readonly LakeAccess[]): string[] => {
    const groups = new Map<string, string>();
    for (const { key, what, conditional } of accesses) {
      const together = key
        .replace(/^tables\/([a-z0-9_]+?)(__[a-z0-9_]+)?\//, "tables/$1*/")
        .replace(/^(runs\/[^/]+\/extract\/).*/, "$1");
      const purpose = together === key ? what : what.replace(/^table /, "tables of ");
      if (!groups.has(together)) groups.set(together, `${purpose}${conditional ? ", only if changed" : ""}`);
    }
    return [...groups].map(([key, what]) => `  ${verb} ${display}/${key}  (${what})`);
  };
  const written = new Set(writes.map(({ key }) => key));
  return [
    ...linesOf(
      "reads ",
      reads.filter(({ key }) => key === "heads/" || !written.has(key)),
    ),
    ...linesOf(
      "writes",
      writes.filter(({ key }) => !key.startsWith("raw/")),
    ),
  ];
}

/** Parts of earlier runs may stand among them. */
function prefixesOf(parts: readonly { readonly path: string }[] = []): string[] {
  return [...new Set(parts.map(({ path }) => path.slice(0, path.lastIndexOf("/") + 1)))];
}

function tablePrefixes(
  names: readonly CollectionName[],
  runId: string,
): { readonly name: string; readonly table: string; readonly key: string }[] {
  return names.flatMap((name) =>
    collections[name].tables.map((spec) => ({
      name,
      table: spec.name,
      key: `tables/${spec.name}/run=${runId}/`,
    })),
  );
}

function stagedTables(
  load: LoadPlan | undefined,
  access: (key: string, what: string) => LakeAccess,
): LakeAccess[] {
  if (load?.decision !== "load") return [];
  return load.collections
    .filter(({ outcome }) => outcome === "load")
    .flatMap(({ tables }) => tables)
    .flatMap(({ table, source }) =>
      prefixesOf(source.parts).map((prefix) => access(prefix, `table ${table}, for the load`)),
    );
}

/** Collections whose newest tables stand for new ones when the records are the same. */
async function reusableCollections({ config, store, signal }: Session): Promise<ReadonlySet<string>> {
  const head = await readHead(store, signal);
  const entries = Object.entries(head?.document.tables[config.source] ?? {});
  const manifests = new Map<string, Promise<TablesManifest | undefined>>();
  const reusable = new Set<string>();
  for (const [name, { manifest: ref }] of entries) {
    let reading = manifests.get(ref.path);
    // A run takes a manifest that it cannot read for none, with a warning.
    reading ??= followRef(store, ref, tablesManifestSchema, signal).catch(() => undefined);
    manifests.set(ref.path, reading);
    const manifest = await reading;
    signal?.throwIfAborted();
    const found = manifest?.collections.find((collection) => collection.name === name);
    const fingerprint = collections[name as CollectionName]?.fingerprint;
    if (manifest?.normalizerVersion === NORMALIZER_VERSION && found?.schemaFingerprint === fingerprint) {
      reusable.add(name);
    }
  }
  return reusable;
}
