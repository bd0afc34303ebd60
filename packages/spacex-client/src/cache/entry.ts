/**
 * One answer as a cache keeps it: plain data that survives `JSON.stringify`, so that it can live in a file or in Redis.
 */
export interface CacheEntry {
  /** Of the request, so that an entry under a wrong key is noticed. */
  readonly url: string;
  /** Undefined in a browser, where the API's CORS rules hide it. */
  readonly etag?: string | undefined;
  /** The answer's JSON text. */
  readonly body: string;
  /** When the API last sent or confirmed it, in milliseconds since 1970. */
  readonly storedAt: number;
  /** Until then it is served without a request: `storedAt` plus the `max-age` of the answer. */
  readonly expiresAt: number;
}

/**
 * What a client needs of a cache. Methods may be asynchronous; a `Map` will do, though it never forgets. Keys are
 * `GET <url>`. A cache that throws, hangs (2 s) or gives something else than an entry is passed over for that call.
 */
export interface ResponseCache {
  get(key: string): CacheEntry | null | undefined | Promise<CacheEntry | null | undefined>;
  /** May forget the entry at any time. */
  set(key: string, entry: CacheEntry): unknown;
  /** Called for an entry that cannot be used. */
  delete?(key: string): unknown;
}

/** An entry that was checked, with its parsed body. */
export interface UsableEntry {
  readonly entry: CacheEntry;
  readonly value: unknown;
}

/** What a cache gave for a request, checked; undefined where it has nothing. @throws Error that says what is wrong. */
export function usableEntry(given: unknown, url: string): UsableEntry | undefined {
  if (given === undefined || given === null) return undefined;
  const { etag, body, storedAt, expiresAt, url: of } = given as Partial<Record<keyof CacheEntry, unknown>>;
  if (
    typeof body !== "string" ||
    !Number.isFinite(storedAt) ||
    !Number.isFinite(expiresAt) ||
    !(etag === undefined || typeof etag === "string")
  )
    throw new Error("The cache gave something that is no entry.");
  if (of !== url) throw new Error("The cache gave the entry of another request.");
  return { entry: given as CacheEntry, value: JSON.parse(body) as unknown };
}

/** Whether an entry needs no request. A clock that was set back makes it stale and not eternal. */
export function isFresh({ storedAt, expiresAt }: CacheEntry, now: number): boolean {
  return storedAt <= now && now < expiresAt;
}

/**
 * The entry of an answer with this text, or of a 304 that confirms the kept entry; undefined where it may not be kept or could never be used: without an ETag that can be sent
 * back it serves until its `max-age` is over (RFC 9111 §5.2.2; `Age` counts).
 */
export function entryOf(
  url: string,
  headers: Headers,
  content: string | CacheEntry,
  now: number,
  etagUsable: boolean,
): CacheEntry | undefined {
  const kept = typeof content === "string" ? undefined : content;
  const control = headers.get("cache-control") ?? "";
  if (/\bno-store\b/i.test(control) || headers.get("vary")?.trim() === "*") return undefined;
  const etag = etagUsable ? (headers.get("etag") ?? kept?.etag) : undefined;
  const expiresAt = now + freshMs(control, headers.get("age"));
  if (etag === undefined && expiresAt <= now) return undefined;
  return { url, etag, body: kept?.body ?? (content as string), storedAt: now, expiresAt };
}

function freshMs(control: string, age: string | null): number {
  if (/\bno-cache\b/i.test(control)) return 0;
  const seconds = Number(/\bmax-age="?(\d{1,9})\b/i.exec(control)?.[1] ?? 0);
  return Math.max(0, seconds - (Number(age) || 0)) * 1000;
}
