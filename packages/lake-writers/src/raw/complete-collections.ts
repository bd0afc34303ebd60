import { type CollectionManifest, collectionManifestSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { collectionManifestPrefix } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** The collections of a run that are complete, whether or not the run is committed, in the order of their names. */
export async function completeCollections(
  store: ObjectStore,
  runId: string,
  signal?: AbortSignal,
): Promise<CollectionManifest[]> {
  const manifests: CollectionManifest[] = [];
  for await (const { key } of store.list(collectionManifestPrefix(runId))) {
    const stored = await readDocument(store, key, collectionManifestSchema, signal);
    if (stored !== undefined) manifests.push(stored.document);
  }
  return manifests;
}
