import {
  decodeDocument,
  type DocumentRef,
  encodeDocument,
  EtlError,
  sha256Hex,
  type Checkpoint,
} from "@spacex-etl/contracts";
import type { z } from "zod";
import type { ObjectStore } from "../store/object-store.ts";
import { contentTypeOf } from "../store/objects.ts";
import { readObject } from "../store/read.ts";

/** A document of the lake, with its key and the hash of its bytes. */
export interface Stored<T> {
  readonly document: T;
  readonly ref: DocumentRef;
}

/** The document at the key with the hash of its bytes, or undefined if there is none. */
export async function readDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<Stored<T> | undefined> {
  const bytes = await readObject(store, key, signal);
  if (bytes === undefined) return undefined;
  return {
    document: decodeDocument(schema, bytes, `${key} in ${store.url}`),
    ref: { path: key, sha256: sha256Hex(bytes) },
  };
}

/**
 * The document that a reference points to.
 *
 * @throws EtlError of kind `integrity` if it is missing or has other bytes than the reference says.
 */
export async function followRef<T>(
  store: ObjectStore,
  ref: DocumentRef,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const stored = await readDocument(store, ref.path, schema, signal);
  if (stored === undefined) {
    throw new EtlError({
      kind: "integrity",
      code: "DOCUMENT_MISSING",
      message: `${ref.path} is missing in ${store.url}, though another document refers to it.`,
      hint: "Restore it, or run again under a new run id.",
      details: { path: ref.path },
    });
  }
  if (stored.ref.sha256 !== ref.sha256) {
    throw new EtlError({
      kind: "integrity",
      code: "DOCUMENT_CHECKSUM",
      message: `${ref.path} in ${store.url} has sha256 ${stored.ref.sha256}, its referrer says ${ref.sha256}.`,
      hint: "It was changed after it had been committed. Restore it, or run again under a new run id.",
      details: { path: ref.path },
    });
  }
  return stored.document;
}

/** As {@link followRef}, with one request for all references to the same document. */
export function followOnce<T>(
  store: ObjectStore,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): (ref: DocumentRef) => Promise<T> {
  const followed = new Map<string, Promise<T>>();
  return (ref) => {
    const key = `${ref.sha256} ${ref.path}`;
    let document = followed.get(key);
    if (document === undefined) followed.set(key, (document = followRef(store, ref, schema, signal)));
    return document;
  };
}

/**
 * Creates the document, or adopts the one that is already there: whoever is first has committed.
 *
 * @returns what the lake now holds, and whether this call created it.
 */
export async function commitDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  document: T,
  options: {
    readonly checkpoint: Checkpoint;
    readonly signal?: AbortSignal | undefined;
    /** Facts about the object for people who look into a bucket. */
    readonly metadata?: Readonly<Record<string, string>> | undefined;
  },
): Promise<Stored<T> & { readonly created: boolean }> {
  // `jitless`: some twenty documents of a small run are checked in less time than zod takes to make functions for it.
  const bytes = encodeDocument(schema.parse(document, { jitless: true }));
  const sha256 = sha256Hex(bytes);
  const { checkpoint, signal, metadata } = options;
  await checkpoint(`before ${key}`);
  const outcome = await store.createIfAbsent(key, bytes, {
    contentType: contentTypeOf(key),
    sha256,
    metadata,
    signal,
  });
  await checkpoint(`after ${key}`);
  if (outcome === "created") return { document, ref: { path: key, sha256 }, created: true };
  const stored = await readDocument(store, key, schema, signal);
  if (stored === undefined) {
    throw new EtlError({
      kind: "destination",
      code: "DOCUMENT_VANISHED",
      message: `${key} exists in ${store.url} and cannot be read; was it deleted just now?`,
      hint: "Run the same command again.",
    });
  }
  return { ...stored, created: false };
}
