import {
  type DocumentRef,
  encodeDocument,
  type ExtractManifest,
  type Head,
  sha256Hex,
  type TablesManifest,
} from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { bytesOf, keysOf, overwrite, textOf } from "./lake.ts";

/** For hands that change what nobody may. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

/** Edits a document of the lake where it lies. */
export async function editDocument<T>(
  store: ObjectStore,
  key: string,
  edit: (document: Mutable<T>) => void,
): Promise<void> {
  const document = JSON.parse(await textOf(store, key)) as Mutable<T>;
  edit(document);
  await overwrite(store, key, encodeDocument(document));
}

/**
 * Makes every hash of a document fit again, from the runs' manifests up to the newest head, as a forger would: only what
 * is recomputed from the parts themselves can then find what was changed.
 */
export async function fitHashes(store: ObjectStore): Promise<void> {
  const fit = async (ref: Mutable<DocumentRef>): Promise<void> => {
    ref.sha256 = sha256Hex(await bytesOf(store, ref.path));
  };
  const edit = async <T>(key: string, work: (document: Mutable<T>) => Promise<void>): Promise<void> => {
    const document = JSON.parse(await textOf(store, key)) as Mutable<T>;
    await work(document);
    await overwrite(store, key, encodeDocument(document));
  };
  const documents = await keysOf(store, "runs/");
  for (const key of documents.filter((name) => /^runs\/[^/]+\/extract\.json$/.test(name))) {
    await edit<ExtractManifest>(key, async ({ collections }) => {
      for (const ref of collections) await fit(ref);
    });
  }
  for (const key of documents.filter((name) => name.endsWith("/tables.json"))) {
    await edit<TablesManifest>(key, ({ extract }) => fit(extract));
  }
  for (const key of await keysOf(store, "heads/")) {
    await edit<Head>(key, async ({ extracts, tables, previous }) => {
      if (previous !== null) await fit(previous);
      for (const entries of [...Object.values(extracts), ...Object.values(tables)]) {
        for (const { manifest } of Object.values(entries)) await fit(manifest);
      }
    });
  }
}
