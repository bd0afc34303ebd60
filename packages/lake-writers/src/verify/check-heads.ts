import { extractManifestSchema, headSchema, tablesManifestSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { extractManifestKey, headKey, headNumber, HEADS, tablesManifestKey } from "../layout/keys.ts";
import type { Proof } from "./proof.ts";

/** Checks that heads form a chain and that what they point to is there, unchanged. Says how many there are. */
export async function checkHeads(proof: Proof): Promise<number> {
  const { store, signal } = proof;
  const hashes = new Map<string, Promise<string | undefined>>();
  let heads = 0;
  let before: { readonly path: string; readonly sha256: string } | undefined;

  /** Hash of a run's manifest; undefined if it is missing or damaged. Heads repeat most of their entries. */
  function hashOf(zone: "extracts" | "tables", path: string): Promise<string | undefined> {
    let known = hashes.get(path);
    if (known === undefined) {
      const schema = zone === "extracts" ? extractManifestSchema : tablesManifestSchema;
      known = readDocument<unknown>(store, path, schema, signal).then(
        (stored) => stored?.ref.sha256,
        () => undefined,
      );
      hashes.set(path, known);
    }
    return known;
  }

  for await (const { key } of store.list(HEADS)) {
    const number = headNumber(key);
    if (number === undefined) continue;
    heads++;
    const stored = await proof.document(key, headSchema, true);
    if (stored === undefined) continue;
    if (headKey(stored.document.number) !== key)
      proof.found(key, "ENTRY_ORIGIN", `its number is ${stored.document.number}`);
    // Old heads are collected, so that only one which is there is compared.
    const { previous } = stored.document;
    if (before !== undefined && before.path === previous?.path && before.sha256 !== previous.sha256)
      proof.found(key, "HEAD_CHAIN", `it follows ${previous.path}, which has changed since`);
    before = stored.ref;
    for (const zone of ["extracts", "tables"] as const) {
      const keyOf = zone === "extracts" ? extractManifestKey : tablesManifestKey;
      for (const [source, entries] of Object.entries(stored.document[zone])) {
        for (const [collection, { runId, manifest }] of Object.entries(entries)) {
          const where = `${zone}.${source}.${collection}`;
          if (manifest.path !== keyOf(runId))
            proof.found(key, "ENTRY_ORIGIN", `${where} points to ${manifest.path}, not to its run ${runId}`);
          const sha256 = await hashOf(zone, manifest.path);
          signal?.throwIfAborted();
          if (sha256 === undefined)
            proof.found(key, "DOCUMENT_MISSING", `${where}: ${manifest.path} is missing or damaged`);
          else if (sha256 !== manifest.sha256)
            proof.found(key, "DOCUMENT_CHECKSUM", `${where}: ${manifest.path} has another sha256`);
        }
      }
    }
  }
  return heads;
}
