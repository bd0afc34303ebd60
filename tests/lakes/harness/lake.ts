import {
  collectionManifestSchema,
  decodeDocument,
  extractManifestSchema,
  tablesManifestSchema,
} from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";

/** Keys of all objects below a prefix, in order. */
export async function keysOf(store: ObjectStore, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

export async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.get(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function textOf(store: ObjectStore, key: string): Promise<string> {
  return (await bytesOf(store, key)).toString("utf8");
}

/** What nobody may do: other bytes under the same key. */
export async function overwrite(store: ObjectStore, key: string, bytes: Uint8Array | string): Promise<void> {
  await store.delete(key);
  await store.createIfAbsent(key, typeof bytes === "string" ? Buffer.from(bytes) : bytes);
}

/** The one key that fits. */
export async function onlyKey(store: ObjectStore, pattern: RegExp): Promise<string> {
  const found = (await keysOf(store)).filter((key) => pattern.test(key));
  const [key] = found;
  if (key === undefined || found.length > 1) throw new Error(`${found.length} objects like ${pattern}`);
  return key;
}

interface CommittedPart {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

const partOf = ({ path, rows, bytes, sha256 }: CommittedPart): CommittedPart => ({
  path,
  rows,
  bytes,
  sha256,
});

/** What a run has committed: its parts, without the times at which it happened. */
export async function committedContent(
  store: ObjectStore,
  runId: string,
): Promise<Readonly<Record<string, readonly CommittedPart[]>>> {
  const read = async <T>(schema: Parameters<typeof decodeDocument<T>>[0], key: string): Promise<T> =>
    decodeDocument(schema, await bytesOf(store, key), key);
  const content: Record<string, readonly CommittedPart[]> = {};
  const { collections } = await read(extractManifestSchema, `runs/${runId}/extract.json`);
  for (const { name, path } of collections) {
    content[`raw ${name}`] = (await read(collectionManifestSchema, path)).parts.map(partOf);
  }
  const key = `runs/${runId}/tables.json`;
  if ((await store.head(key)) === undefined) return content;
  for (const { tables } of (await read(tablesManifestSchema, key)).collections) {
    for (const { spec, parts } of tables) content[`table ${spec.name}`] = parts.map(partOf);
  }
  return content;
}
