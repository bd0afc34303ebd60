import {
  canonicalJson,
  type CollectionManifest,
  collectionManifestSchema,
  type ExtractManifest,
  extractManifestSchema,
  isChild,
  requestDocumentSchema,
  sha256Hex,
  type TablesManifest,
  tablesManifestSchema,
  type TablesOfCollection,
} from "@spacex-etl/contracts";
import type { Stored } from "../documents/documents.ts";
import {
  collectionManifestKey,
  collectionManifestPrefix,
  extractManifestKey,
  requestKey,
  tablesManifestKey,
} from "../layout/keys.ts";
import { inputHash } from "../tables/reuse.ts";
import type { PartChecks } from "./check-parts.ts";
import type { Proof } from "./proof.ts";

/** Checks all documents of a run and every object that they refer to. */
export async function checkRun(proof: Proof, parts: PartChecks, runId: string): Promise<void> {
  const extracted = await proof.document(extractManifestKey(runId), extractManifestSchema, false);
  const committed = extracted !== undefined;
  const request = await proof.document(requestKey(runId), requestDocumentSchema, committed);
  const tables = await proof.document(tablesManifestKey(runId), tablesManifestSchema, false);
  if (extracted === undefined) {
    if (tables !== undefined)
      proof.found(extractManifestKey(runId), "DOCUMENT_MISSING", `${tables.ref.path} was made from it`);
    // Not committed yet: what is complete so far must still be right, or the rerun would build on it.
    const keys: string[] = [];
    const listing = proof.store.list(collectionManifestPrefix(runId), { signal: proof.signal });
    for await (const { key } of listing) keys.push(key);
    await proof.each(keys, async (key, own) => {
      const stored = await own.document(key, collectionManifestSchema, true);
      if (stored !== undefined) await checkCollection(own, parts, stored, runId);
    });
    return;
  }
  const { document } = extracted;
  origin(proof, extracted.ref.path, [[document.runId, runId]]);
  if (request !== undefined && canonicalJson(request.document.request) !== canonicalJson(document.request)) {
    proof.found(extracted.ref.path, "MANIFEST_TOTALS", `it answers another request than ${request.ref.path}`);
  }
  const asked = document.request.collections.map(({ name }) => name).join(", ");
  const held = document.collections.map(({ name }) => name).join(", ");
  if (asked !== held)
    proof.found(extracted.ref.path, "MANIFEST_TOTALS", `it holds ${held}; asked for were ${asked}`);
  const manifests = new Map<string, CollectionManifest>();
  await proof.each(document.collections, async (ref, own) => {
    origin(own, ref.path, [[ref.path, collectionManifestKey(runId, ref.name)]]);
    const stored = await own.document(ref.path, collectionManifestSchema, true);
    if (stored === undefined) return;
    if (stored.ref.sha256 !== ref.sha256)
      own.found(ref.path, "DOCUMENT_CHECKSUM", `its sha256 is ${stored.ref.sha256}, not ${ref.sha256}`);
    origin(own, ref.path, [
      [stored.document.collection, ref.name],
      [stored.document.source, document.request.source],
    ]);
    await checkCollection(own, parts, stored, runId);
    manifests.set(ref.name, stored.document);
  });
  if (tables !== undefined) await checkTables(proof, parts, tables, extracted, manifests);
}

async function checkCollection(
  proof: Proof,
  parts: PartChecks,
  { document: manifest, ref }: Stored<CollectionManifest>,
  runId: string,
): Promise<void> {
  origin(proof, ref.path, [[manifest.runId, runId]]);
  const rows = manifest.parts.reduce((sum, part) => sum + part.rows, 0);
  const bytes = manifest.parts.reduce((sum, part) => sum + part.contentBytes, 0);
  total(proof, ref.path, "its parts hold", rows, manifest.records, "records");
  total(proof, ref.path, "its parts hold", bytes, manifest.contentBytes, "bytes");
  total(proof, ref.path, "its quarantine holds", manifest.quarantine?.rows ?? 0, manifest.invalid, "records");
  await proof.each(manifest.parts, (part, own) => parts.raw(own, part, manifest));
  if (manifest.quarantine !== null) await parts.quarantine(proof, manifest.quarantine, manifest);
}

async function checkTables(
  proof: Proof,
  parts: PartChecks,
  { document, ref }: Stored<TablesManifest>,
  extracted: Stored<ExtractManifest>,
  manifests: ReadonlyMap<string, CollectionManifest>,
): Promise<void> {
  origin(proof, ref.path, [
    [document.runId, extracted.document.runId],
    [document.source, extracted.document.request.source],
  ]);
  if (document.extract.sha256 !== extracted.ref.sha256)
    proof.found(
      ref.path,
      "DOCUMENT_CHECKSUM",
      `it was not made from the ${extracted.ref.path} that is there`,
    );
  const had = document.collections.map(({ name }) => name).join(", ");
  const has = extracted.document.collections.map(({ name }) => name).join(", ");
  if (had !== has) proof.found(ref.path, "MANIFEST_TOTALS", `it has tables of ${had}; extracted were ${has}`);
  for (const collection of document.collections) {
    const manifest = manifests.get(collection.name);
    if (manifest !== undefined) checkInput(proof, ref.path, collection, manifest);
    for (const entry of collection.tables) {
      const rows = entry.parts.reduce((sum, part) => sum + part.rows, 0);
      total(proof, ref.path, `the parts of ${entry.spec.name} hold`, rows, entry.rows, "rows");
      const hash = sha256Hex(entry.parts.map(({ sha256 }) => sha256).join("\n"));
      if (hash !== entry.contentSha256)
        proof.found(
          ref.path,
          "MANIFEST_TOTALS",
          `contentSha256 of ${entry.spec.name} is not that of its parts`,
        );
    }
  }
  const entries = document.collections.flatMap(({ tables }) => tables);
  const listed = entries.flatMap(({ spec, parts: its }) => its.map((part) => ({ part, table: spec.name })));
  await proof.each(listed, ({ part, table }, own) => parts.table(own, part, table));
}

function checkInput(
  proof: Proof,
  path: string,
  collection: TablesOfCollection,
  manifest: CollectionManifest,
): void {
  const parent = collection.tables.find(({ spec }) => !isChild(spec));
  total(proof, path, `${collection.name} has`, parent?.rows ?? 0, manifest.records, "records");
  if (
    collection.inputSha256 !== inputHash(manifest) ||
    collection.schemaFingerprint !== manifest.schemaFingerprint
  )
    proof.found(path, "MANIFEST_TOTALS", `${collection.name} was made from other records or another schema`);
}

function total(
  proof: Proof,
  path: string,
  what: string,
  actual: number,
  stated: number,
  unit: "records" | "rows" | "bytes",
): void {
  if (actual !== stated) proof.found(path, "MANIFEST_TOTALS", `${what} ${actual} ${unit}, not ${stated}`);
}

function origin(proof: Proof, path: string, pairs: readonly (readonly [string, string])[]): void {
  for (const [stated, expected] of pairs) {
    if (stated !== expected) proof.found(path, "ENTRY_ORIGIN", `it belongs to ${stated}, not to ${expected}`);
  }
}
