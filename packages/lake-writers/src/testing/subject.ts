import { createHash } from "node:crypto";
import type { ObjectStore } from "../store/object-store.ts";
import { readObject } from "../store/read.ts";

/** What the cases of the suite share. */
export interface Subject {
  /** The store under test; there once the tests run. */
  readonly store: ObjectStore;
  /** A folder for files of the tests. */
  readonly folder: string;
  readonly largeBytes: number;
  readonly manyObjects: number;
}

/** Creators of the same key at the same time. */
export const CREATORS = 16;

export function text(content: string): Uint8Array {
  return Buffer.from(content);
}

export async function read(store: ObjectStore, key: string): Promise<string | undefined> {
  const bytes = await readObject(store, key);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function sha256Of(store: ObjectStore, key: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of store.get(key)) hash.update(chunk);
  return hash.digest("hex");
}

/** Bytes that another number makes others. */
export function largeBody(size: number, number: number): Buffer {
  const body = Buffer.alloc(size, `creator ${number} `);
  body.writeUInt8(number, 0);
  return body;
}
