import { EtlError } from "@spacex-etl/contracts/errors";
import type { CacheEntry, ResponseCache } from "./entry.ts";

/** How much a cache in memory may hold. */
export interface MemoryCacheOptions {
  /**
   * Greatest size of all entries together, in bytes. Text counts two bytes per character, which is the most that it can
   * take. All collections of the API are about 16 MB by that measure; an answer that is larger than this is not kept.
   * @default 33554432 (32 MiB)
   */
  readonly maxBytes?: number | undefined;
}

/** A cache in this process, which forgets what was not used for longest. Several clients may share one. */
export interface MemoryCache extends ResponseCache {
  get(key: string): CacheEntry | undefined;
  set(key: string, entry: CacheEntry): void;
  delete(key: string): void;
  clear(): void;
  /** Size of all entries together, in bytes. */
  readonly bytes: number;
}

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/** About what an entry takes beside its texts. */
const ENTRY_BYTES = 200;

/**
 * A cache for `createSpaceXClient({ cache: memoryCache() })`.
 *
 * @throws EtlError of kind `usage`, code `CLIENT_OPTION`, for a size that makes no sense.
 */
export function memoryCache({ maxBytes = DEFAULT_MAX_BYTES }: MemoryCacheOptions = {}): MemoryCache {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new EtlError({
      kind: "usage",
      code: "CLIENT_OPTION",
      message: `maxBytes of memoryCache is ${String(maxBytes)}.`,
      hint: "It is a whole number of bytes from 1.",
    });
  }
  // A Map keeps the order in which keys were added: the first is the one that was not used for longest.
  const entries = new Map<string, CacheEntry>();
  let bytes = 0;
  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    bytes -= sizeOf(key, entry);
    entries.delete(key);
  };
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined) {
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry;
    },
    set: (key, entry) => {
      remove(key);
      const size = sizeOf(key, entry);
      if (size > maxBytes) return;
      for (const oldest of entries.keys()) {
        if (bytes + size <= maxBytes) break;
        remove(oldest);
      }
      entries.set(key, entry);
      bytes += size;
    },
    delete: remove,
    clear: () => {
      entries.clear();
      bytes = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}

function sizeOf(key: string, { url, etag, body }: CacheEntry): number {
  return 2 * (key.length + url.length + (etag?.length ?? 0) + body.length) + ENTRY_BYTES;
}
