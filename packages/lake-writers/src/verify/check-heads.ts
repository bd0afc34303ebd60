import { EtlError, extractManifestSchema, headSchema, tablesManifestSchema } from "@spacex-etl/contracts";
import { readDocument } from "../documents/documents.ts";
import { extractManifestKey, headKey, headNumber, HEADS, tablesManifestKey } from "../layout/keys.ts";
import type { Proof } from "./proof.ts";

/** Checks that heads form a chain and that what they point to is there, unchanged. Says how many there are. */
export async function checkHeads(proof: Proof): Promise<number> {
  const { store, signal } = proof;
  const hashes = new Map<string, Promise<string | undefined>>();

  /** Hash of a run's manifest; undefined if it is missing or damaged. Heads repeat most of their entries. */
  function hashOf(zone: "extracts" | "tables", path: string): Promise<string | undefined> {
    let known = hashes.get(path);
    if (known === undefined) {
      const schema = zone === "extracts" ? extractManifestSchema : tablesManifestSchema;
      known = readDocument<unknown>(store, path, schema, signal).then(
        (stored) => stored?.ref.sha256,
        (error: unknown) => {
          // A lake that cannot be reached is no damaged lake.
          if (EtlError.isInstance(error) && (error.kind === "integrity" || error.kind === "schema"))
            return undefined;
          throw error;
        },
      );
      hashes.set(path, known);
    }
    return known;
  }

  const keys: string[] = [];
  for await (const { key } of store.list(HEADS, { signal }))
    if (headNumber(key) !== undefined) keys.push(key);
  const links = await proof.each(keys, async (key, own) => {
    const stored = await own.document(key, headSchema, true);
    if (stored === undefined) return undefined;
    if (headKey(stored.document.number) !== key)
      own.found(key, "ENTRY_ORIGIN", `its number is ${stored.document.number}`);
    for (const zone of ["extracts", "tables"] as const) {
      const keyOf = zone === "extracts" ? extractManifestKey : tablesManifestKey;
      for (const [source, entries] of Object.entries(stored.document[zone])) {
        for (const [collection, { runId, manifest }] of Object.entries(entries)) {
          const where = `${zone}.${source}.${collection}`;
          if (manifest.path !== keyOf(runId))
            own.found(key, "ENTRY_ORIGIN", `${where} points to ${manifest.path}, not to its run ${runId}`);
          const sha256 = await hashOf(zone, manifest.path);
          signal?.throwIfAborted();
          if (sha256 === undefined)
            own.found(key, "DOCUMENT_MISSING", `${where}: ${manifest.path} is missing or damaged`);
          else if (sha256 !== manifest.sha256)
            own.found(key, "DOCUMENT_CHECKSUM", `${where}: ${manifest.path} has another sha256`);
        }
      }
    }
    return { ref: stored.ref, previous: stored.document.previous };
  });
  for (const [index, link] of links.entries()) {
    const before = links[index - 1]?.ref;
    // Old heads are collected, so that only one which is there is compared.
    if (link === undefined || before === undefined || before.path !== link.previous?.path) continue;
    if (before.sha256 !== link.previous.sha256)
      proof.found(link.ref.path, "HEAD_CHAIN", `it follows ${before.path}, which has changed since`);
  }
  return keys.length;
}
