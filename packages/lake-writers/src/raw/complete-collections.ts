import { type CollectionManifest, collectionManifestSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { collectionManifestPrefix } from "../layout/keys.ts";
import { manyAtOnce } from "../store/many.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** The collections of a run that are complete, whether or not the run is committed, in the order of their names. */
export async function completeCollections(
  store: ObjectStore,
  runId: string,
  signal?: AbortSignal,
): Promise<CollectionManifest[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(collectionManifestPrefix(runId), { signal })) keys.push(key);
  const stored = await manyAtOnce(keys, (key) => readDocument(store, key, collectionManifestSchema, signal), {
    signal,
  });
  return stored.flatMap((found) => (found === undefined ? [] : [found.document]));
}
