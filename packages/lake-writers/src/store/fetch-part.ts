import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ObjectStore } from "./object-store.ts";
import { copyObject, hashBody, verifyObject, workFolderError } from "./read.ts";

/**
 * Brings a part to this machine, for programs that read files only, and says where it is. It is named by its content, so
 * that one which is there already is used after its hash was computed; any other file of that name is replaced. Where
 * the store itself is on this machine, the object is verified in its place and nothing is copied.
 *
 * @param folder is created if need be; removing the files is the caller's part
 * @throws EtlError of kind `integrity` if the object is missing or is not what its manifest says, `WORK_FOLDER` if the
 *   folder cannot be written
 */
export async function fetchPart(
  store: ObjectStore,
  part: { readonly path: string; readonly bytes: number; readonly sha256: string },
  folder: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (store.localPath !== undefined) {
    await verifyObject(store, part, signal);
    return store.localPath(part.path);
  }
  const file = join(folder, `${part.sha256}${endingOf(part.path)}`);
  if (await isRight(file, part)) return file;
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await copyObject(store, part, unfinished, signal);
    await rename(unfinished, file);
    return file;
  } catch (error) {
    throw workFolderError(error);
  } finally {
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
}

/** `.parquet`, or `.ndjson.zst`: readers tell the format by it. */
function endingOf(path: string): string {
  const name = basename(path);
  const dot = name.indexOf(".");
  return dot === -1 ? "" : name.slice(dot);
}

async function isRight(
  file: string,
  part: { readonly bytes: number; readonly sha256: string },
): Promise<boolean> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isFile() !== true || there.size !== part.bytes) return false;
  return (await hashBody({ file }).catch(() => undefined))?.sha256 === part.sha256;
}
