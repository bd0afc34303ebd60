import { collectionManifestSchema, extractManifestSchema, tablesManifestSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { listRuns } from "../documents/list-runs.ts";
import { extractManifestKey, type LakeKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Every run whose extraction is committed, with its time. */
export async function committedRuns(
  store: ObjectStore,
  signal: AbortSignal | undefined,
): Promise<{ readonly runId: string; readonly extractedAt: string }[]> {
  const runs: { runId: string; extractedAt: string }[] = [];
  for (const runId of await listRuns(store)) {
    const stored = await readDocument(store, extractManifestKey(runId), extractManifestSchema, signal);
    if (stored !== undefined) runs.push({ runId, extractedAt: stored.document.extractedAt });
  }
  return runs;
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
