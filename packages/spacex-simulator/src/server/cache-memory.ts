const MOST = 1_000;

/** Which answers the API's Redis would hold: those of 200 whose time has not run out. Nothing is served from it. */
export interface CacheMemory {
  /** `HIT` if the same request was answered within its time, else `MISS`. */
  look(key: string): "HIT" | "MISS";
  keep(key: string, seconds: number): void;
  clear(): void;
}

export function createCacheMemory(now: () => number = Date.now): CacheMemory {
  const until = new Map<string, number>();
  return {
    look: (key) => ((until.get(key) ?? 0) > now() ? "HIT" : "MISS"),
    keep(key, seconds) {
      if ((until.get(key) ?? 0) > now()) return;
      if (until.size >= MOST) until.clear();
      until.set(key, now() + seconds * 1_000);
    },
    clear: () => until.clear(),
  };
}
