import { link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { duckdbError } from "./duckdb-error.ts";

/** A file under construction that is older than this was left by a process that died. */
const ABANDONED_MS = 60_000;

/**
 * Makes an empty database file unless there is one. It is built under another name and then linked, because a process
 * that dies inside DuckDB's own creation leaves an empty file, which DuckDB never opens again.
 *
 * @param build Makes a database at the given path and closes it.
 */
export async function createFile(path: string, build: (path: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.new-`;
  try {
    await mkdir(folder, { recursive: true });
    await removeAbandoned(folder, prefix);
    const draft = join(folder, `${prefix}${randomBytes(6).toString("hex")}`);
    try {
      await build(draft);
      await publish(draft, path);
      await syncFolder(folder);
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    throw duckdbError(withPlainCode(error), path);
  }
}

async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    const code = codeOf(error);
    // Another process was faster: its database is as good.
    if (code === "EEXIST") return;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    // A file system without hard links.
    await rename(draft, path);
  }
}

async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const file = join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}

/** Without it the new name may be lost with the power, though the data is not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot sync a folder.
    if (codeOf(error) !== "EINVAL" && codeOf(error) !== "EPERM") throw error;
  } finally {
    await handle.close();
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/** Node's messages say "permission denied" where DuckDB says "Permission denied". */
function withPlainCode(error: unknown): unknown {
  const plain: Readonly<Record<string, string>> = {
    EACCES: "Permission denied",
    EPERM: "Operation not permitted",
    EROFS: "Read-only file system",
    ENOTDIR: "Not a directory",
    EEXIST: "Not a directory",
    ENOENT: "No such file or directory",
    ENAMETOOLONG: "File name too long",
    ENOSPC: "No space left on device",
  };
  const code = codeOf(error);
  const words = code === undefined ? undefined : plain[code];
  return words === undefined ? error : new Error(words, { cause: error });
}
