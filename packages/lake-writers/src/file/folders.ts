import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./errors.ts";

export interface Folders {
  /** Makes the folder and those above it, and flushes their entries. */
  ensure(folder: string): Promise<void>;
  /** Forgets what was made, because somebody may have removed it. */
  forget(): void;
}

/** Folders below a root that survive a power cut; each is made and flushed once in the life of a process. */
export function folders(root: string): Folders {
  const made = new Map<string, Promise<void>>();

  function ensure(folder: string): Promise<void> {
    const known = made.get(folder);
    if (known !== undefined) return known;
    const making = make(folder);
    made.set(folder, making);
    making.catch(() => made.delete(folder));
    return making;
  }

  async function make(folder: string): Promise<void> {
    if (folder === root) return makeRoot(root);
    await ensure(dirname(folder));
    await makeOne(folder);
    // Also where the folder was there: whoever made it may have died before its entry was flushed.
    await syncFolder(dirname(folder));
  }

  return { ensure, forget: () => made.clear() };
}

async function makeRoot(folder: string): Promise<void> {
  const made = await makeOne(folder).catch(async (error: unknown) => {
    if (codeOf(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    await makeRoot(dirname(folder));
    return makeOne(folder);
  });
  if (made) await syncFolder(dirname(folder));
}

/** False if the folder is there. Without the `recursive` of Node, which never returns for a path below /proc. */
async function makeOne(folder: string): Promise<boolean> {
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory() === true) return false;
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    // Made by somebody else just now; a file in its place is an error.
    if (codeOf(error) === "EEXIST" && (await stat(folder)).isDirectory()) return false;
    throw error;
  }
}

/** Flushes the entries of a folder. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; NTFS journals its entries.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
