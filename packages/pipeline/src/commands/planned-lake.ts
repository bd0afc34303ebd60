import type { CollectionManifest, Head } from "@spacex-etl/contracts";
import {
  collectionManifestKey,
  extractManifestKey,
  HEADS,
  isNewer,
  rawPrefix,
  readHead,
  requestKey,
  runPrefix,
  tablePrefix,
  tablesManifestKey,
} from "@spacex-etl/lake-writers";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { LoadPlan } from "@spacex-etl/warehouse-loaders";
import type { LakeLocation } from "../config/index.ts";
import type { Session } from "../session/session.ts";
import { type ReusableTables, reusableTables } from "./reusable-tables.ts";

/** An object of the lake, or a prefix (with a slash at its end), and what it is for. */
export interface LakeAccess {
  readonly key: string;
  /** The same as an absolute path or an address. */
  readonly location: string;
  readonly what: string;
  /** It depends on what the source answers or on what the warehouse has; `what` says on which. */
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
  const { config, store, signal } = session;
  const { source } = config;
  const access = (key: string, what: string, condition = ""): LakeAccess => ({
    key,
    location: lakeLocation(config.lake, key),
    what: condition === "" ? what : `${what}, ${condition}`,
    conditional: condition !== "",
  });
  const { runId, state } = before;
  const head = (await readHead(store, signal))?.document;
  const complete = new Map(before.complete.map((manifest) => [manifest.collection, manifest]));
  const names = (state === "none" ? config.collections : [...complete.keys()]) as readonly CollectionName[];
  const missing = state === "none" ? names.filter((name) => !complete.has(name)) : [];
  const publishes = missing.length > 0 || before.complete.some((manifest) => isNews(head, source, manifest));
  const nextHeads = publishes ? [access(HEADS, "the next heads")] : [];
  const own = runPrefix(runId);
  if (state === "normalized") {
    return {
      reads: [
        access(HEADS, "the newest head"),
        access(own, "manifests of the run"),
        ...stagedTables(load, access),
      ],
      writes: [...nextHeads, ...copyManifests(session, runId, load, access)],
    };
  }
  const entries = [head?.tables[source], state === "none" ? head?.extracts[source] : undefined];
  const earlier = new Set(entries.flatMap((zone) => names.flatMap((name) => zone?.[name]?.runId ?? [])));
  earlier.delete(runId);
  const reusable = await reusableTables(session, head, names);
  const ifChanged = (name: string): string => (reusable.has(name) ? IF_CHANGED : "");
  const ownTables = names.flatMap((name) =>
    collections[name].tables.map(({ name: table }) => ({ name, table, key: tablePrefix(table, runId) })),
  );
  const newRaw = missing.map((name) =>
    access(
      rawPrefix(source, name, runId),
      `raw parts of ${name}`,
      before.previous.has(name) ? IF_CHANGED : "",
    ),
  );
  return {
    reads: [
      access(HEADS, "the newest head"),
      access(own, "what is complete of the run"),
      ...[...earlier].sort().map((id) => access(runPrefix(id), `manifests of run ${id}`)),
      ...[...complete.values()].flatMap(({ collection, parts }) =>
        prefixesOf(parts).map((prefix) =>
          access(prefix, `raw parts of ${collection}`, ifChanged(collection)),
        ),
      ),
      ...newRaw,
      ...missing.flatMap((name) => {
        const previous = before.previous.get(name);
        if (previous === undefined || standsWhole(previous, reusable.get(name))) return [];
        return prefixesOf(previous.parts).map((prefix) =>
          access(prefix, `raw parts of ${name}`, "as far as they are unchanged"),
        );
      }),
      ...ownTables.map(({ name, table, key }) =>
        access(key, `table ${table}, for the load`, ifChanged(name)),
      ),
      ...[...reusable.values()].flatMap(({ tables }) =>
        tables.flatMap(({ spec, parts }) =>
          prefixesOf(parts).map((prefix) =>
            access(prefix, `table ${spec.name}, for the load`, "if unchanged and not yet in the warehouse"),
          ),
        ),
      ),
    ],
    writes: [
      ...(complete.size > 0 ? [] : [access(requestKey(runId), "what was asked for")]),
      ...newRaw,
      ...missing.map((name) => access(collectionManifestKey(runId, name), "a manifest for each collection")),
      ...(state === "extracted" ? [] : [access(extractManifestKey(runId), "commits the extraction")]),
      ...ownTables.map(({ name, table, key }) => access(key, `table ${table}`, ifChanged(name))),
      access(tablesManifestKey(runId), "commits the tables"),
      ...nextHeads,
      ...copyManifests(session, runId, load, access),
    ],
  };
}

const IF_CHANGED = "only if changed";

/** Whether the run has a newer extraction of the collection than a zone of the head, which is then published. */
function isNews(head: Head | undefined, source: string, manifest: CollectionManifest): boolean {
  return [head?.extracts, head?.tables].some((zone) => {
    const newest = zone?.[source]?.[manifest.collection];
    return newest === undefined || isNewer(manifest, newest);
  });
}

/**
 * Whether no raw part of the earlier extraction is read again: its tables are taken over if it is unchanged, and if it
 * changed, so did its only part.
 */
function standsWhole(previous: CollectionManifest, tables: ReusableTables | undefined): boolean {
  return previous.parts.length <= 1 && tables?.runId === previous.runId;
}

/** Parts of earlier runs may stand among them. */
function prefixesOf(parts: readonly { readonly path: string }[]): string[] {
  return [...new Set(parts.map(({ path }) => path.slice(0, path.lastIndexOf("/") + 1)))];
}

/** Redshift is told by an object in the lake what to read for each table. */
function copyManifests(
  { config }: Session,
  runId: string,
  load: LoadPlan | undefined,
  access: (key: string, what: string, condition?: string) => LakeAccess,
): LakeAccess[] {
  if (config.warehouse.kind !== "redshift") return [];
  if (load !== undefined && !load.statements.some(({ phase }) => phase === "stage")) return [];
  const condition = load === undefined ? "for tables that changed" : "";
  return [access(`copy/run=${runId}/`, "manifests for COPY", condition)];
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
