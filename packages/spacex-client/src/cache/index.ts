export { type CacheEntry, entryOf, isFresh, type ResponseCache, type UsableEntry } from "./entry.ts";
export { type CacheOperation, guardedCache, type GuardedCache } from "./guarded-cache.ts";
export { type MemoryCache, memoryCache, type MemoryCacheOptions } from "./memory-cache.ts";
