import type { ResponseCache } from "../cache/index.ts";
import {
  checkedHeaders,
  checkedTimeout,
  checkFunction,
  checkKeys,
  type ClientEvent,
  DEFAULT_RETRY,
  invalidOption,
  isServer,
  type RetryOptions,
  retryPolicy,
  type TransportOptions,
} from "../http/index.ts";

export type { CallOptions } from "../http/index.ts";

/** Where the public API lives. */
export const DEFAULT_BASE_URL = "https://api.spacexdata.com";

/** What `createSpaceXClient` takes; all of it may be left out. */
export interface SpaceXClientOptions {
  /**
   * Address of the API without `/v4`; a path in front of it is kept (`https://gateway.example.com/spacex`).
   * @default "https://api.spacexdata.com"
   */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Used instead of the global one, for this client only; gets a `Request` and must answer a `Response`. For large
   * collections on Node see `nodeFetch` of `@spacex-etl/spacex-client/node`.
   * @default globalThis.fetch
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** How failed requests are sent again: 429, 5xx, network errors, timeouts, and a 400 that is an outage. */
  readonly retry?: RetryOptions | undefined;
  /**
   * Longest wait for the headers of an answer, and for further bytes of a body, in milliseconds, from 1 to 2147483647.
   * @default 30000
   */
  readonly timeout?: number | undefined;
  /**
   * Sent with every request. In a browser the API lets no headers of one's own through: its CORS rules allow
   * `content-type` and `accept` only.
   */
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  /**
   * Keeps the answers of `list`, `get` and the other GETs, as `memoryCache()` does, or anything with `get` and `set`, such
   * as a `Map` or your own over files or Redis. An answer is served without a request for as long as its `max-age` says
   * (20 s to 1 day, by collection), and after that asked for with `If-None-Match`, so that an unchanged one is not sent
   * again. Queries and `recordSource` are not cached, nor are calls with headers of their own. Keys name the address
   * only: clients that send different `headers` to one gateway should not share a cache.
   *
   * In a browser the API's CORS rules hide the ETag and refuse `If-None-Match`: there the cache serves within `max-age`
   * only, and after that the browser's own HTTP cache revalidates. Equal requests at the same time are sent each.
   *
   * @default none
   */
  readonly cache?: ResponseCache | undefined;
  /**
   * Told of every request, answer, retry and failure, for logs and metrics. Called while the request runs: keep it
   * short. What it throws is ignored.
   */
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
  /**
   * Greatest size of one record in `recordSource`, in bytes.
   * @default 16 MiB
   */
  readonly maxRecordBytes?: number | undefined;
}

const KEYS: readonly (keyof SpaceXClientOptions)[] = [
  "baseUrl",
  "fetch",
  "retry",
  "timeout",
  "headers",
  "cache",
  "onEvent",
  "maxRecordBytes",
];

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Everything that requests need, checked and with its defaults.
 *
 * @throws EtlError of kind `usage`, code `CLIENT_OPTION`.
 */
export function transportOptions(options: SpaceXClientOptions): TransportOptions {
  checkKeys("client", options, KEYS);
  checkFunction("client", "fetch", options.fetch);
  checkFunction("client", "onEvent", options.onEvent);
  return {
    baseUrl: checkedBaseUrl(options.baseUrl),
    fetch: options.fetch,
    cache: checkedCache(options.cache),
    onEvent: options.onEvent,
    policy: {
      timeoutMs: checkedTimeout("client", options.timeout ?? DEFAULT_TIMEOUT_MS),
      retry: retryPolicy("client", options.retry ?? {}, DEFAULT_RETRY),
      headers: withDefaults(checkedHeaders("client", options.headers)),
      signal: undefined,
    },
  };
}

function checkedCache(cache: ResponseCache | undefined): ResponseCache | undefined {
  if (cache === undefined || (typeof cache?.get === "function" && typeof cache.set === "function"))
    return cache;
  throw invalidOption("client", "cache has no get and set", "Use for example memoryCache().");
}

function withDefaults(headers: Headers): Headers {
  if (!headers.has("accept")) headers.set("accept", "application/json");
  // A browser sends its own, and the API's CORS rules refuse a changed one.
  if (isServer() && !headers.has("user-agent")) headers.set("user-agent", "spacex-etl");
  return headers;
}

/** The address without a slash at the end. */
function checkedBaseUrl(baseUrl: string | URL | undefined): string {
  const text = String(baseUrl ?? DEFAULT_BASE_URL);
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalidOption(
      "client",
      // Without what may be a password.
      `baseUrl ${JSON.stringify(text.replace(/^.*@/s, "…@"))} is no http(s) address`,
      `Use for example ${DEFAULT_BASE_URL}.`,
    );
  if (url.username !== "" || url.password !== "")
    throw invalidOption(
      "client",
      `baseUrl of ${url.host} holds credentials`,
      "Send them as a header: { headers: { authorization } }.",
    );
  if (url.search !== "" || url.hash !== "")
    throw invalidOption(
      "client",
      `baseUrl ${url.origin}${url.pathname} has a query or fragment`,
      "Leave it out.",
    );
  const path = url.pathname.replace(/\/+$/, "");
  const version = /\/(v\d+|latest)(\/.*)?$/i.exec(path);
  if (version !== null) {
    throw invalidOption(
      "client",
      `baseUrl ${url.origin}${path} names a version of the API`,
      `Leave it out, the client adds it: ${url.origin}${path.slice(0, version.index)}.`,
    );
  }
  return `${url.origin}${path}`;
}

export function checkedRecordLimit(maxRecordBytes: number | undefined): number | undefined {
  if (maxRecordBytes === undefined || (Number.isSafeInteger(maxRecordBytes) && maxRecordBytes > 0))
    return maxRecordBytes;
  throw invalidOption(
    "client",
    `maxRecordBytes is ${maxRecordBytes}`,
    "It is a whole number of bytes from 1.",
  );
}
