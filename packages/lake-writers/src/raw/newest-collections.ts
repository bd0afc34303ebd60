import {
  type CollectionManifest,
  collectionManifestSchema,
  EtlError,
  extractManifestSchema,
  type Head,
  type HeadEntry,
  type OnEvent,
} from "@spacex-etl/contracts";
import { followOnce, followRef } from "../documents/documents.ts";
import { readHead } from "../heads/heads.ts";
import type { ObjectStore } from "../store/object-store.ts";

/**
 * What the newest head holds of each collection. An earlier run only saves work, so one that cannot be read is a
 * warning and everything is read afresh; a newer program's documents stop the run.
 *
 * @param wanted only these collections; all by default
 */
export async function newestCollections(
  store: ObjectStore,
  source: string,
  signal?: AbortSignal,
  onEvent: OnEvent = () => undefined,
  wanted?: ReadonlySet<string>,
): Promise<Map<string, CollectionManifest>> {
  const head = await readHead(store, signal);
  return collectionsOf(store, head?.document, source, { signal, onEvent, wanted });
}

/** As {@link newestCollections}, of a head that was read. */
export async function collectionsOf(
  store: ObjectStore,
  head: Head | undefined,
  source: string,
  options: {
    readonly signal: AbortSignal | undefined;
    readonly onEvent: OnEvent;
    readonly wanted: ReadonlySet<string> | undefined;
  },
): Promise<Map<string, CollectionManifest>> {
  const { signal, onEvent, wanted } = options;
  const previous = new Map<string, CollectionManifest>();
  const follow = followOnce(store, extractManifestSchema, signal);
  async function read(collection: string, entry: HeadEntry): Promise<void> {
    try {
      const run = await follow(entry.manifest);
      const ref = run.collections.find(({ name }) => name === collection);
      if (ref !== undefined) {
        previous.set(collection, await followRef(store, ref, collectionManifestSchema, signal));
      }
    } catch (error) {
      if (!EtlError.isInstance(error) || error.kind !== "integrity") throw error;
      onEvent({
        type: "warning",
        code: "PREVIOUS_UNREADABLE",
        message: `${collection} is read afresh: ${error.message}`,
      });
    }
  }
  await Promise.all(
    Object.entries(head?.extracts[source] ?? {})
      .filter(([collection]) => wanted?.has(collection) ?? true)
      .map(([collection, entry]) => read(collection, entry)),
  );
  return previous;
}
