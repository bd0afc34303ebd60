import { parseKey, RUNS } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Ids of all runs that have at least one document, in order. */
export async function listRuns(store: ObjectStore, signal: AbortSignal | undefined): Promise<string[]> {
  const runs = new Set<string>();
  for await (const { key } of store.list(RUNS, { signal })) {
    const parsed = parseKey(key);
    if (parsed?.is === "document") runs.add(parsed.runId);
  }
  return [...runs];
}

/** Whether the run has at least one document. */
export async function hasRun(
  store: ObjectStore,
  runId: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for await (const { key } of store.list(`${RUNS}${runId}/`, { signal }))
    if (parseKey(key)?.is === "document") return true;
  return false;
}
