import {
  canonicalJson,
  type CollectionManifest,
  EtlError,
  type Head,
  type HeadEntry,
  type OnEvent,
  sha256Hex,
  tablesManifestSchema,
  type TablesOfCollection,
} from "@spacex-etl/contracts";
import { followOnce } from "../documents/documents.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { allThere } from "../store/objects.ts";

/** Raised whenever the same raw records would give other Parquet files: tables of a lower version are made anew. */
export const NORMALIZER_VERSION = 5;

/** Equal for equal records in the same order, whatever codec or run wrote them. */
export function inputHash(manifest: CollectionManifest): string {
  return sha256Hex(canonicalJson(manifest.parts.map(({ contentSha256, rows }) => [contentSha256, rows])));
}

export interface PreviousTables {
  readonly normalizerVersion: number;
  readonly collection: TablesOfCollection;
}

/**
 * Tables that the newest head holds. They only save work, so what cannot be read is a warning; a newer program's
 * documents stop the run.
 */
export async function previousTables(
  store: ObjectStore,
  head: Head | undefined,
  source: string,
  wanted: ReadonlySet<string>,
  onEvent: OnEvent,
  signal: AbortSignal | undefined,
): Promise<Map<string, PreviousTables>> {
  const previous = new Map<string, PreviousTables>();
  const follow = followOnce(store, tablesManifestSchema, signal);
  async function read(name: string, entry: HeadEntry): Promise<void> {
    try {
      const manifest = await follow(entry.manifest);
      const collection = manifest.collections.find((candidate) => candidate.name === name);
      if (collection !== undefined) {
        previous.set(name, { normalizerVersion: manifest.normalizerVersion, collection });
      }
    } catch (error) {
      if (!EtlError.isInstance(error) || error.kind !== "integrity") throw error;
      onEvent({
        type: "warning",
        code: "PREVIOUS_UNREADABLE",
        message: `The tables of ${name} are made anew: ${error.message}`,
      });
    }
  }
  await Promise.all(
    Object.entries(head?.tables[source] ?? {})
      .filter(([name]) => wanted.has(name))
      .map(([name, entry]) => read(name, entry)),
  );
  return previous;
}

/** The earlier tables of a collection, if the same would come out again and all their parts are still there. */
export async function reusableTables(
  store: ObjectStore,
  manifest: CollectionManifest,
  previous: PreviousTables | undefined,
  signal: AbortSignal | undefined,
): Promise<TablesOfCollection | undefined> {
  if (
    previous === undefined ||
    previous.normalizerVersion !== NORMALIZER_VERSION ||
    previous.collection.schemaFingerprint !== manifest.schemaFingerprint ||
    previous.collection.inputSha256 !== inputHash(manifest)
  ) {
    return undefined;
  }
  const parts = previous.collection.tables.flatMap(({ parts: tableParts }) => tableParts);
  return (await allThere(store, parts, signal)) ? previous.collection : undefined;
}
