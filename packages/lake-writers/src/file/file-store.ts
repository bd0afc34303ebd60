import { randomBytes } from "node:crypto";
import { constants, createReadStream, type Dirent } from "node:fs";
import { copyFile, link, open, readdir, rm, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Checkpoint } from "@spacex-etl/contracts";
import { EtlError } from "@spacex-etl/contracts/errors";
import type {
  CreateOptions,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  StoreCallOptions,
} from "../store/object-store.ts";
import { objectNotFound } from "../store/object-not-found.ts";
import { codeOf, storeError } from "./errors.ts";
import { folders, syncFolder } from "./folders.ts";

/** Unfinished writes wait here; never listed. On the lake's own file system, because links cannot leave it. */
const TEMPORARY = ".tmp";

/** Where the lake is. */
export interface FileStoreOptions {
  /** Root folder; created with the first object. */
  readonly root: string;
  /** Called between the effects of one write. */
  readonly checkpoint?: Checkpoint | undefined;
}

/**
 * A lake in a folder. An object is written to a temporary file, flushed, and linked to its name: the link either
 * appears whole or, if the name exists, not at all.
 */
export function fileStore(options: FileStoreOptions): ObjectStore {
  const root = resolve(options.root);
  const checkpoint = options.checkpoint ?? (() => undefined);
  const url = pathToFileURL(root).href;
  const made = folders(root);

  /** Undefined where nothing is: no such file, or a file in place of a folder. A root that is a file is an error. */
  async function absent(error: unknown): Promise<undefined> {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ENOTDIR" && (await stat(root)).isDirectory()) return undefined;
    throw error;
  }

  async function createIfAbsent(
    key: string,
    body: ObjectBody,
    create?: CreateOptions,
  ): Promise<"created" | "exists"> {
    const target = pathOf(root, key);
    const signal = create?.signal;
    signal?.throwIfAborted();
    try {
      const outcome =
        (await stat(target).catch(absent)) === undefined
          ? await writeAndLink(key, target, body, signal).catch((error: unknown) => {
              if (codeOf(error) !== "ENOENT") throw error;
              // Somebody removed the lake's folders since this process made them.
              made.forget();
              return writeAndLink(key, target, body, signal);
            })
          : "exists";
      // Also an object of another process: it may have died before its name was flushed.
      await syncFolder(dirname(target));
      return outcome;
    } catch (error) {
      signal?.throwIfAborted();
      throw storeError(error, "write", key, url);
    }
  }

  async function writeAndLink(
    key: string,
    target: string,
    body: ObjectBody,
    signal: AbortSignal | undefined,
  ): Promise<"created" | "exists"> {
    const folder = join(root, TEMPORARY);
    await made.ensure(folder);
    const temporary = join(folder, `${process.pid}-${randomBytes(8).toString("hex")}`);
    try {
      await writeDurable(temporary, body, signal);
      await checkpoint(`written ${key}`);
      signal?.throwIfAborted();
      await made.ensure(dirname(target));
      const first = await link(temporary, target).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === "EEXIST") return false;
          throw codeOf(error) === "ENOENT" ? error : storeError(error, "link", key, url);
        },
      );
      if (!first) return "exists";
      await checkpoint(`linked ${key}`);
      return "created";
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async function* list(prefix: string, { signal }: StoreCallOptions = {}): AsyncGenerator<ObjectInfo> {
    signal?.throwIfAborted();
    if (prefix.startsWith(`${TEMPORARY}/`)) return;
    const folder = prefix.includes("/") ? prefix.slice(0, prefix.lastIndexOf("/")) : "";
    for await (const key of walk(folder, prefix)) {
      const info = await head(key, { signal });
      if (info !== undefined) yield info;
    }
  }

  async function* walk(folder: string, prefix: string): AsyncGenerator<string> {
    let entries: Dirent[] | undefined;
    try {
      entries = await readdir(join(root, folder), { withFileTypes: true }).catch(absent);
    } catch (error) {
      throw storeError(error, "list", prefix, url);
    }
    for (const { entry, name } of inKeyOrder(entries ?? [])) {
      const key = folder === "" ? name : `${folder}/${name}`;
      if (key === `${TEMPORARY}/`) continue;
      if (entry.isDirectory()) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(key.slice(0, -1), prefix);
      } else if (entry.isFile() && key.startsWith(prefix)) {
        yield key;
      }
    }
  }

  async function head(key: string, { signal }: StoreCallOptions = {}): Promise<ObjectInfo | undefined> {
    const path = pathOf(root, key);
    signal?.throwIfAborted();
    try {
      const info = await stat(path).catch(absent);
      return info?.isFile() === true ? { key, bytes: info.size, createdAt: info.mtime } : undefined;
    } catch (error) {
      throw storeError(error, "read", key, url);
    }
  }

  return {
    url,
    createIfAbsent,
    async *get(key, get) {
      const path = pathOf(root, key);
      get?.signal?.throwIfAborted();
      try {
        yield* createReadStream(path, {
          highWaterMark: 1 << 20,
          ...(get?.signal === undefined ? {} : { signal: get.signal }),
        }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        get?.signal?.throwIfAborted();
        const missing = await absent(error).then(
          () => true,
          () => false,
        );
        throw missing ? objectNotFound(key, url, error) : storeError(error, "read", key, url);
      }
    },
    list,
    head,
    async delete(key, { signal } = {}) {
      const path = pathOf(root, key);
      signal?.throwIfAborted();
      try {
        await unlink(path);
        // Flushed, so that of two deletions a power cut never undoes the first alone.
        await syncFolder(dirname(path));
      } catch (error) {
        await absent(error).catch(() => {
          throw storeError(error, "delete", key, url);
        });
      }
    },
    localPath: (key) => pathOf(root, key),
    async sweep(olderThan, { signal } = {}) {
      const folder = join(root, TEMPORARY);
      let swept = 0;
      for (const name of await readdir(folder).catch((): string[] => [])) {
        signal?.throwIfAborted();
        const path = join(folder, name);
        const info = await stat(path).catch(absent);
        if (info === undefined || info.mtime >= olderThan) continue;
        await rm(path, { force: true });
        swept++;
      }
      return swept;
    },
  };
}

function pathOf(root: string, key: string): string {
  const segments = key.split("/");
  if (
    segments.some((segment) => segment === "" || segment === "." || segment === "..") ||
    segments[0] === TEMPORARY ||
    key.includes("\0")
  ) {
    throw new EtlError({
      kind: "bug",
      code: "OBJECT_KEY",
      message: `${JSON.stringify(key)} is no key of an object.`,
    });
  }
  return join(root, ...segments);
}

async function writeDurable(path: string, body: ObjectBody, signal: AbortSignal | undefined): Promise<void> {
  const isBytes = body instanceof Uint8Array;
  if (!isBytes) await copyFile(body.file, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  // A copy keeps its source's mode, which may forbid writing; Linux and macOS flush what is open for reading, too.
  const handle = await open(path, isBytes ? "wx" : process.platform === "win32" ? "r+" : "r");
  try {
    if (isBytes) await handle.writeFile(body, signal === undefined ? {} : { signal });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** In the order in which an object store lists keys: by UTF-8 bytes, a folder by its name and a slash. */
function inKeyOrder(entries: readonly Dirent[]): { readonly entry: Dirent; readonly name: string }[] {
  return entries
    .map((entry) => {
      const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
      return { entry, name, bytes: Buffer.from(name) };
    })
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
}
