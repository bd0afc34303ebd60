import { EtlError, type Head, type TablesManifest, tablesManifestSchema } from "@spacex-etl/contracts";
import { followRef, NORMALIZER_VERSION } from "@spacex-etl/lake-writers";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { Session } from "../session/session.ts";

/** The newest tables of a collection, and the run that has them. */
export interface ReusableTables {
  readonly runId: string;
  readonly tables: TablesManifest["collections"][number]["tables"];
}

/** Those collections whose newest tables stand for new ones if the records are the same, as `normalize` decides it. */
export async function reusableTables(
  { config, store, signal }: Session,
  head: Head | undefined,
  names: readonly CollectionName[],
): Promise<ReadonlyMap<string, ReusableTables>> {
  const manifests = new Map<string, Promise<TablesManifest | undefined>>();
  const reusable = new Map<string, ReusableTables>();
  for (const name of names) {
    const ref = head?.tables[config.source]?.[name]?.manifest;
    if (ref === undefined) continue;
    const reading =
      manifests.get(ref.path) ?? followRef(store, ref, tablesManifestSchema, signal).catch(orNone);
    manifests.set(ref.path, reading);
    const manifest = await reading;
    const found = manifest?.collections.find((collection) => collection.name === name);
    if (manifest === undefined || found === undefined) continue;
    const asToday =
      manifest.normalizerVersion === NORMALIZER_VERSION &&
      found.schemaFingerprint === collections[name].fingerprint;
    const parts = found.tables.flatMap((table) => table.parts);
    if (!asToday || !(await areThere(parts))) continue;
    reusable.set(name, { runId: manifest.runId, tables: found.tables });
  }
  return reusable;

  async function areThere(
    parts: readonly { readonly path: string; readonly bytes: number }[],
  ): Promise<boolean> {
    const there = await Promise.all(
      parts.map(async ({ path, bytes }) => (await store.head(path, { signal }))?.bytes === bytes),
    );
    return there.every(Boolean);
  }
}

/** A run takes a damaged or missing manifest for none, with a warning. */
function orNone(error: unknown): undefined {
  if (EtlError.isInstance(error) && error.kind === "integrity") return undefined;
  throw error;
}
