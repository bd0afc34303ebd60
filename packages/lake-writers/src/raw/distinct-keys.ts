import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workFolderError } from "../store/read.ts";
import { keySet, SHARDS, WORDS } from "./key-set.ts";

/** Keys that are in memory at once, with at most 25 MB. */
const MOST_IN_MEMORY = 1 << 20;

export interface Repeated {
  readonly count: number;
  /** Some of them. */
  readonly named: readonly string[];
}

export interface DistinctKeys {
  /** False if the key was there already. True may be wrong for one that was set aside: see `repeatedLate`. */
  add(key: string): boolean;
  /** As `add` of the ASCII text between `start` and `end`. */
  addBytes(bytes: Uint8Array, start: number, end: number): boolean;
  /** Keys that came again after they had been set aside. Call it once, after the last key. */
  repeatedLate(most: number): Repeated;
  close(): void;
}

/**
 * Finds keys that come twice in memory that does not grow: each million of keys is set aside in a temporary file, and
 * what is there is compared at the end, one shard after the other. Fewer keys touch no disk.
 *
 * @throws EtlError `WORK_FOLDER` if the temporary file cannot be written.
 */
export function distinctKeys(mostInMemory = MOST_IN_MEMORY): DistinctKeys {
  const keys = keySet();
  const segments = Array.from({ length: SHARDS }, (): { at: number; bytes: number }[] => []);
  let file: TemporaryFile | undefined;
  let size = 0;
  let room = new Uint32Array(0);

  /** Always the same memory: what is dropped often does not go back to the system. */
  function roomFor(length: number): Uint32Array<ArrayBuffer> {
    if (room.length < length) room = new Uint32Array(Math.ceil(length * 1.25));
    return room.subarray(0, length);
  }

  function setAside(): void {
    file ??= temporaryFile();
    for (const [shard, places] of segments.entries()) {
      const words = roomFor(keys.sizeOf(shard) * WORDS);
      keys.takeShard(shard, words);
      file.write(words, size);
      places.push({ at: size, bytes: words.byteLength });
      size += words.byteLength;
    }
  }

  return {
    add(key) {
      if (keys.size >= mostInMemory) setAside();
      return keys.add(key);
    },
    addBytes(bytes, start, end) {
      if (keys.size >= mostInMemory) setAside();
      return keys.addBytes(bytes, start, end);
    },
    repeatedLate(most) {
      const named: string[] = [];
      let count = 0;
      if (file === undefined) return { count, named };
      setAside();
      for (const [shard, places] of segments.entries()) {
        for (const { at, bytes } of places) {
          const words = roomFor(bytes / Uint32Array.BYTES_PER_ELEMENT);
          file.read(words, at);
          for (let word = 0; word < words.length; word += WORDS) {
            const a = words[word] as number;
            const b = words[word + 1] as number;
            const c = words[word + 2] as number;
            if (keys.addWords(a, b, c)) continue;
            count++;
            if (named.length < most) named.push(nameOf(a, b, c));
          }
        }
        keys.dropShard(shard);
      }
      return { count, named };
    },
    close: () => file?.close(),
  };
}

/** What is left of a key: a Mongo ObjectId is all there, of another key only the beginning of its hash. */
function nameOf(...words: readonly number[]): string {
  const hex = words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  return `${hex} (or the key whose sha256 begins so)`;
}

interface TemporaryFile {
  write(words: Uint32Array, at: number): void;
  read(words: Uint32Array, at: number): void;
  close(): void;
}

function temporaryFile(): TemporaryFile {
  const path = join(tmpdir(), `spacex-etl-keys-${randomUUID()}`);
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw workFolderError(error);
    }
  };
  const descriptor = guarded(() => openSync(path, "wx+", 0o600));
  const remove = (): void => rmSync(path, { force: true });
  // An open file needs no name, and without one nothing is left behind by a kill; Windows keeps it until it is closed.
  if (process.platform !== "win32") remove();
  return {
    write(words, at) {
      const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
      for (let done = 0; done < bytes.length;)
        done += guarded(() => writeSync(descriptor, bytes, done, bytes.length - done, at + done));
    },
    read(words, at) {
      const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
      for (let done = 0; done < bytes.length;) {
        const got = guarded(() => readSync(descriptor, bytes, done, bytes.length - done, at + done));
        if (got === 0) throw new Error("The temporary file of keys is shorter than it was written.");
        done += got;
      }
    },
    close() {
      closeSync(descriptor);
      remove();
    },
  };
}
