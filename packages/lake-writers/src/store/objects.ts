import type { Checkpoint } from "@spacex-etl/contracts";
import { manyAtOnce } from "./many.ts";
import type { ObjectStore } from "./object-store.ts";
import { verifyObject } from "./read.ts";

/** An object as manifests list it. */
export interface NamedObject {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  // Not as a content encoding: a server or client that undoes one would give other bytes than were stored.
  zst: "application/zstd",
  gz: "application/gzip",
  parquet: "application/vnd.apache.parquet",
  json: "application/json",
  ndjson: "application/x-ndjson",
};

export function contentTypeOf(path: string): string {
  return CONTENT_TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}

/** Creates an object that is named by its content; one that is there already is verified and used. */
export async function storeObject(
  store: ObjectStore,
  object: NamedObject,
  body: Uint8Array | { readonly file: string },
  options: {
    /** For people: which run wrote it, and of what. */
    readonly metadata: Readonly<Record<string, string>>;
    readonly checkpoint: Checkpoint;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { metadata, checkpoint, signal } = options;
  await checkpoint(`before ${object.path}`);
  const outcome = await store.createIfAbsent(object.path, body, {
    contentType: contentTypeOf(object.path),
    sha256: object.sha256,
    metadata,
    signal,
  });
  await checkpoint(`after ${object.path}`);
  if (outcome === "exists") await verifyObject(store, object, signal);
}

/** Whether an object of the right size is there; its hash is checked by whoever reads it. */
export async function isThere(
  store: ObjectStore,
  object: { readonly path: string; readonly bytes: number },
  signal?: AbortSignal,
): Promise<boolean> {
  return (await store.head(object.path, { signal }))?.bytes === object.bytes;
}

/** As {@link isThere}, for many: one request for each folder that they lie in (of a thousand objects, if it has more). */
export async function allThere(
  store: ObjectStore,
  objects: readonly { readonly path: string; readonly bytes: number }[],
  signal?: AbortSignal,
): Promise<boolean> {
  const folders = Map.groupBy(objects, ({ path }) => path.slice(0, path.lastIndexOf("/") + 1));
  const there = await manyAtOnce(
    folders,
    async ([folder, wanted]) => {
      const [only] = wanted;
      if (wanted.length === 1 && only !== undefined) return isThere(store, only, signal);
      const sizes = new Map<string, number>();
      for await (const { key, bytes } of store.list(folder, { signal })) sizes.set(key, bytes);
      return wanted.every(({ path, bytes }) => sizes.get(path) === bytes);
    },
    { signal },
  );
  return there.every(Boolean);
}
