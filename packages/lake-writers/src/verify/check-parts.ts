import type { CollectionManifest, Quarantine, RawPart, TablePart } from "@spacex-etl/contracts";
import { rawPrefix, tablePrefix } from "../layout/keys.ts";
import { readPartContent } from "../raw/read-parts.ts";
import { verifyObject } from "../store/read.ts";
import { pool } from "../tables/pool.ts";
import type { Proof } from "./proof.ts";

type AnyPart = RawPart | TablePart | Quarantine;

export interface PartChecks {
  /** Distinct objects that were met, and their bytes. */
  readonly total: { readonly objects: number; readonly bytes: number };
  raw(proof: Proof, part: RawPart, manifest: CollectionManifest): Promise<void>;
  quarantine(proof: Proof, part: Quarantine, manifest: CollectionManifest): Promise<void>;
  table(proof: Proof, part: TablePart, table: string): Promise<void>;
}

/** What was read of an object, by the names of an entry's fields. */
type Content = Partial<Record<keyof RawPart, number | string | undefined>>;

/** Objects that are read at the same time, over all runs. */
const READ_AT_ONCE = 8;

/**
 * Every object is read once; every entry that refers to it is compared with what was read.
 *
 * @param countRows of a Parquet file in the store
 */
export function partChecks(countRows: ((part: TablePart) => Promise<number>) | undefined): PartChecks {
  const met = new Map<string, { readonly part: AnyPart; readonly content: Promise<Content | undefined> }>();
  const readers = pool(Array.from({ length: READ_AT_ONCE }, () => 0));
  let bytes = 0;

  async function compare(
    proof: Proof,
    part: AnyPart,
    prefix: string,
    read: () => Promise<Content>,
  ): Promise<void> {
    if (!part.path.startsWith(prefix) || !part.path.slice(prefix.length).includes(part.sha256.slice(0, 16))) {
      const problem = `its path does not fit its origin ${prefix} and its hash ${part.sha256}`;
      proof.found(part.path, "ENTRY_ORIGIN", problem);
    }
    let known = met.get(part.path);
    if (known === undefined) {
      known = { part, content: proof.check(part.path, () => readers.use(read)) };
      met.set(part.path, known);
      bytes += part.bytes;
    } else if (known.part.sha256 !== part.sha256 || known.part.bytes !== part.bytes) {
      proof.found(part.path, "ENTRY_CONFLICT", "two manifests give it different hashes or sizes");
    }
    for (const [field, actual] of Object.entries((await known.content) ?? {})) {
      const stated = (part as unknown as Record<string, unknown>)[field];
      if (actual === stated) continue;
      const problem = `${field} is ${actual ?? "unreadable"}, its manifest says ${String(stated)}`;
      proof.found(part.path, "PART_CONTENT", problem);
    }
  }

  return {
    get total() {
      return { objects: met.size, bytes };
    },
    raw: (proof, part, manifest) =>
      compare(proof, part, rawPrefix(manifest.source, manifest.collection, part.runId), async () => ({
        ...(await readPartContent(proof.store, part, manifest.key, proof.signal)),
      })),
    quarantine: (proof, part, manifest) =>
      compare(proof, part, rawPrefix(manifest.source, manifest.collection, part.runId), async () => {
        await verifyObject(proof.store, part, proof.signal);
        return { rows: await countLines(proof.store.get(part.path, { signal: proof.signal })) };
      }),
    table: (proof, part, table) =>
      compare(proof, part, tablePrefix(table, part.runId), async () => {
        if (countRows !== undefined) return { rows: await countRows(part) };
        await verifyObject(proof.store, part, proof.signal);
        return {};
      }),
  };
}

async function countLines(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0;
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  }
  return lines;
}
