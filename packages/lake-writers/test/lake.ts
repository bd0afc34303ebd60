import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import { readObject } from "../src/store/read.ts";
import { compressionOf, decompress } from "../src/raw/compression.ts";
import { fileStore } from "../src/file/index.ts";
import type { ObjectStore } from "../src/index.ts";

/** Memory where the system has it as a folder: thousands of flushes to a busy disk take longer than all tests. */
const BASE = await access("/dev/shm", constants.W_OK).then(
  () => "/dev/shm",
  () => tmpdir(),
);

/** A new folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(BASE, "lake-writers-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function temporaryLake(): Promise<ObjectStore> {
  return fileStore({ root: await temporaryFolder() });
}

/** Keys under a prefix, in order. */
export async function allKeys(store: ObjectStore, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** A connection to a new in-memory DuckDB. */
export async function openDuckDB(
  settings: Record<string, string> = { threads: "1" },
): Promise<DuckDBConnectionLike> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", settings);
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return connection as DuckDBConnectionLike;
}

/** The same store as seen by somebody who cannot reach its files. */
export function withoutLocalPath(store: ObjectStore): ObjectStore {
  const { localPath: _, ...remote } = store;
  return remote;
}

/** The uncompressed text of a raw part. */
export async function textOf(store: ObjectStore, part: { readonly path: string }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompress(store.get(part.path), compressionOf(part.path))) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** Replaces an object, as only somebody outside the program does. */
export async function overwrite(
  store: ObjectStore,
  key: string,
  change: (before: Buffer) => Uint8Array | string,
): Promise<void> {
  const before = Buffer.from((await readObject(store, key)) ?? "");
  await store.delete(key);
  await store.createIfAbsent(key, Buffer.from(change(before)));
}

/** Edits a JSON document by hand. */
export async function editDocument<T>(
  store: ObjectStore,
  key: string,
  change: (document: T) => void,
): Promise<void> {
  await overwrite(store, key, (before) => {
    const document = JSON.parse(before.toString("utf8")) as T;
    change(document);
    return `${JSON.stringify(document, null, 2)}\n`;
  });
}
