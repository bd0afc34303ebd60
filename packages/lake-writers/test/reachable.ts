import type { CollectionManifest, ExtractManifest, Head, TablesManifest } from "@spacex-etl/contracts";
import type { ObjectStore } from "../src/index.ts";
import { readObject } from "../src/store/read.ts";
import { allKeys } from "./lake.ts";

async function json<T>(store: ObjectStore, key: string): Promise<T | undefined> {
  const bytes = await readObject(store, key);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString("utf8")) as T);
}

/** Keys of all that the runs and the newest head reach, found in another way than the package does. */
export async function reachable(store: ObjectStore, runIds: readonly string[]): Promise<string[]> {
  const heads = await allKeys(store, "heads/");
  const live = new Set<string>(heads.slice(-1));
  const head = await json<Head>(store, heads.at(-1) ?? "none");
  const inHead = [head?.extracts, head?.tables]
    .flatMap((zone) => Object.values(zone ?? {}))
    .flatMap((entries) => Object.values(entries).map(({ runId }) => runId));
  for (const runId of new Set([...runIds, ...inHead])) {
    const base = `runs/${runId}`;
    live.add(`${base}/request.json`).add(`${base}/extract.json`);
    const extracted = await json<ExtractManifest>(store, `${base}/extract.json`);
    for (const { path } of extracted?.collections ?? []) {
      live.add(path);
      const manifest = await json<CollectionManifest>(store, path);
      for (const part of manifest?.parts ?? []) live.add(part.path);
      if (manifest?.quarantine) live.add(manifest.quarantine.path);
    }
    const tables = await json<TablesManifest>(store, `${base}/tables.json`);
    if (tables !== undefined) live.add(`${base}/tables.json`);
    for (const { parts } of tables?.collections.flatMap((collection) => collection.tables) ?? [])
      for (const part of parts) live.add(part.path);
  }
  return [...live].toSorted();
}
