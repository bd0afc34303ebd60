import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";
import { dataNames } from "../data/data-names.ts";
import { folderError } from "./errors.ts";
import { type RecordedFile, RECORDING_FILE, type Recording } from "./recording.ts";

const LOCK_FILE = "recording.lock";
const TEMPORARY = /^\.recording-[0-9a-f-]+\.tmp$/;

/** The folder of one recording, held by one process. */
export interface RecordingFolder extends AsyncDisposable {
  readonly path: string;
  /** A name beside the files, for one that is not whole yet. */
  temporary(): string;
  /** Gives a whole and synced temporary file its name, for good. */
  publish(temporary: string, file: string): Promise<void>;
  /** Replaces `recording.json` as a whole. */
  save(recording: Recording): Promise<void>;
  /** Whether a file still has the bytes that were recorded. */
  holds(entry: RecordedFile): Promise<boolean>;
}

/**
 * Makes the folder if need be and takes it for this process.
 *
 * @throws EtlError: `usage` where it holds files that no recording made, `busy` while another process records into it.
 */
export async function openFolder(path: string): Promise<RecordingFolder> {
  const wrapped = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw folderError(error, path);
    }
  };
  await wrapped(async () => {
    await mkdir(path, { recursive: true });
    assertOwn(path, await readdir(path));
    await lock(path);
    // What a killed process left half-written.
    for (const name of await readdir(path))
      if (TEMPORARY.test(name)) await rm(join(path, name), { force: true });
  });
  const temporary = (): string => join(path, `.recording-${randomUUID()}.tmp`);
  const publish = (from: string, file: string): Promise<void> =>
    wrapped(async () => {
      await rename(from, join(path, file));
      await syncFolder(path);
    });
  return {
    path,
    temporary,
    publish,
    async save(recording) {
      const name = temporary();
      await wrapped(async () => {
        const handle = await open(name, "wx");
        try {
          await handle.writeFile(`${JSON.stringify(recording, null, 2)}\n`);
          await handle.sync();
        } finally {
          await handle.close();
        }
      });
      await publish(name, RECORDING_FILE);
    },
    holds: (entry) => wrapped(() => hasBytes(join(path, entry.file), entry)),
    [Symbol.asyncDispose]: () => rm(join(path, LOCK_FILE), { force: true }),
  };
}

async function hasBytes(path: string, entry: RecordedFile): Promise<boolean> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  return bytes === entry.bytes && hash.digest("hex") === entry.sha256;
}

function assertOwn(path: string, names: readonly string[]): void {
  const recorded = names.includes(RECORDING_FILE);
  const foreign = names.filter((name) => {
    if (name === RECORDING_FILE || name === LOCK_FILE || TEMPORARY.test(name)) return false;
    return !recorded || !dataNames.some((known) => name === `${known}.json`);
  });
  if (foreign.length === 0) return;
  throw new EtlError({
    kind: "usage",
    code: "RECORD_FOLDER_FOREIGN",
    message: `The folder ${path} holds files that no recording made: ${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? " and more" : ""}.`,
    hint: "Record into a new or empty folder.",
  });
}

async function lock(path: string): Promise<void> {
  const file = join(path, LOCK_FILE);
  for (let tries = 0; tries < 3; tries++) {
    try {
      await writeFile(file, `${process.pid}\n`, { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(await readFile(file, "utf8").catch(() => ""));
    // In a new container the killed process had the number that this one has now.
    if (Number.isSafeInteger(owner) && owner > 0 && owner !== process.pid && isAlive(owner)) break;
    await rm(file, { force: true });
  }
  throw new EtlError({
    kind: "busy",
    code: "RECORD_FOLDER_LOCKED",
    message: `Another process records into ${path}.`,
    hint: `Wait until it has ended. If none does, remove ${file}.`,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Makes a rename outlive a power cut. Not every system can open a folder. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
