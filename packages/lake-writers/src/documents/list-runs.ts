import { parseKey, RUNS } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Ids of all runs that have at least one document, in order. */
export async function listRuns(store: ObjectStore): Promise<string[]> {
  const runs = new Set<string>();
  for await (const { key } of store.list(RUNS)) {
    const parsed = parseKey(key);
    if (parsed?.is === "document") runs.add(parsed.runId);
  }
  return [...runs];
}
