import { collectionManifestSchema, extractManifestSchema, tablesManifestSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { extractManifestKey, type LakeKey } from "../layout/keys.ts";
import { manyAtOnce } from "../store/many.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Those of the runs whose extraction is committed, with its time. */
export async function committedRuns(
  store: ObjectStore,
  runIds: Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<{ readonly runId: string; readonly extractedAt: string }[]> {
  const found = await manyAtOnce(
    runIds,
    async (runId) => {
      const stored = await readDocument(store, extractManifestKey(runId), extractManifestSchema, signal);
      return stored === undefined ? [] : [{ runId, extractedAt: stored.document.extractedAt }];
    },
    { signal },
  );
  return found.flat();
}

/** Paths of the parts that a document of a run refers to, whichever run wrote them. */
export async function referencedBy(
  store: ObjectStore,
  key: string,
  document: Extract<LakeKey, { is: "document" }>["document"],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (document === "collection") {
    const manifest = (await readDocument(store, key, collectionManifestSchema, signal))?.document;
    const objects = [...(manifest?.parts ?? []), ...(manifest?.quarantine ? [manifest.quarantine] : [])];
    return objects.map(({ path }) => path);
  }
  if (document === "tables") {
    const manifest = (await readDocument(store, key, tablesManifestSchema, signal))?.document;
    return (manifest?.collections ?? []).flatMap(({ tables }) =>
      tables.flatMap(({ parts }) => parts.map(({ path }) => path)),
    );
  }
  return [];
}
