import { type CacheEntry, type ResponseCache, usableEntry, type UsableEntry } from "./entry.ts";

/** A user's cache behind a wall: nothing that it does makes a read fail. */
export interface GuardedCache {
  /** @throws the signal's reason where it is aborted meanwhile, and nothing else. */
  get(url: string, signal: AbortSignal | undefined): Promise<UsableEntry | undefined>;
  set(url: string, entry: CacheEntry): Promise<void>;
}

export type CacheOperation = "get" | "set" | "delete";

/** Longest wait for a cache, in milliseconds: one that is slower than the API has no use. */
export const CACHE_WAIT_MS = 2000;

/** @param onFailure is told what the cache threw, or what was wrong with what it gave. */
export function guardedCache(
  cache: ResponseCache,
  onFailure: (url: string, operation: CacheOperation, error: unknown) => void,
): GuardedCache {
  async function guarded(
    url: string,
    operation: CacheOperation,
    signal: AbortSignal | undefined,
    run: () => unknown,
  ): Promise<unknown> {
    try {
      return await bounded(run(), signal);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      onFailure(url, operation, error);
      return undefined;
    }
  }

  return {
    get: async (url, signal) => {
      const given = await guarded(url, "get", signal, () => cache.get(keyOf(url)));
      try {
        return usableEntry(given, url);
      } catch (error) {
        onFailure(url, "get", error);
        await guarded(url, "delete", signal, () => cache.delete?.(keyOf(url)));
        return undefined;
      }
    },
    set: async (url, entry) => {
      await guarded(url, "set", undefined, () => cache.set(keyOf(url), entry));
    },
  };
}

function keyOf(url: string): string {
  return `GET ${url}`;
}

function bounded(result: unknown, signal: AbortSignal | undefined): unknown {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== "function") return result;
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(signal?.reason));
    const timer = setTimeout(
      () => settle(() => reject(new Error(`The cache did not answer within ${CACHE_WAIT_MS} ms.`))),
      CACHE_WAIT_MS,
    );
    signal?.addEventListener("abort", onAbort);
    Promise.resolve(result).then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
