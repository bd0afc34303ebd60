import { afterEach, expect, test, vi } from "vitest";
import { type ApiServer, sendJson, sendText, startApi } from "../../test/api-server.ts";
import { crewMembers } from "../../test/records.ts";
import { problemOf } from "../../test/problem.ts";
import {
  type CacheEntry,
  type ClientEvent,
  createSpaceXClient,
  memoryCache,
  type ResponseCache,
} from "../index.ts";

afterEach(() => {
  vi.useRealTimers();
});

const sleep = async (): Promise<void> => undefined;

/** As the API: a max-age, a strong ETag, 304. The number of crew members is the version. */
async function crewApi(state: { version: number; maxAge: string }): Promise<ApiServer> {
  return startApi((response, { method, headers }) => {
    const etag = `"v${state.version}"`;
    const cacheHeaders = { etag, "cache-control": state.maxAge };
    if (method === "POST") sendJson(response, { docs: [], totalDocs: state.version }, cacheHeaders);
    else if (headers["if-none-match"] === etag && headers["cache-control"] !== "no-cache")
      response.writeHead(304, cacheHeaders).end();
    else sendJson(response, crewMembers(state.version), cacheHeaders);
  });
}

test("within max-age nothing is asked; after it, an unchanged answer is not sent again", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
  const state = { version: 2, maxAge: "max-age=300" };
  await using api = await crewApi(state);
  const events: ClientEvent[] = [];
  const client = createSpaceXClient({
    baseUrl: api.url,
    cache: memoryCache(),
    onEvent: (event) => events.push(event),
  });
  const first = await client.crew.list();
  state.version = 3;
  vi.setSystemTime(1_000_000 + 299_000);
  expect(await client.crew.list()).toEqual(first);
  expect(api.requests).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: "response", status: 200, fromCache: true });

  state.version = 2;
  vi.setSystemTime(1_000_000 + 300_000);
  expect(await client.crew.list()).toEqual(first);
  expect(api.requests).toHaveLength(2);
  expect(api.requests[1]!.headers["if-none-match"]).toBe('"v2"');
  expect(events.at(-1)).toMatchObject({ type: "response", status: 304, fromCache: true });
  // The 304 is as good as an answer: another max-age begins.
  vi.setSystemTime(1_000_000 + 599_000);
  expect(await client.crew.list()).toEqual(first);
  expect(api.requests).toHaveLength(2);

  state.version = 3;
  vi.setSystemTime(1_000_000 + 601_000);
  expect(await client.crew.list()).toHaveLength(3);
  expect(api.requests).toHaveLength(3);
});

test("what a caller does to a record does not reach the next reader", async () => {
  await using api = await crewApi({ version: 1, maxAge: "max-age=300" });
  const client = createSpaceXClient({ baseUrl: api.url, cache: memoryCache() });
  const [member] = await client.crew.list();
  Object.assign(member!, { name: "changed" });
  expect((await client.crew.list())[0]!.name).toBe("Person 1");
  expect(api.requests).toHaveLength(1);
});

test("queries, counts, calls that say so and calls with their own headers go to the API", async () => {
  await using api = await crewApi({ version: 1, maxAge: "max-age=300" });
  const cache = memoryCache();
  const client = createSpaceXClient({ baseUrl: api.url, cache });
  await client.crew.list({ cache: false });
  await client.crew.list({ headers: { "x-tenant": "7" } });
  expect(cache.bytes).toBe(0);
  await client.crew.list();
  const { bytes } = cache;
  expect(bytes).toBeGreaterThan(0);
  await client.crew.list({ cache: false });
  await client.crew.count();
  await client.crew.count();
  await client.recordSource("crew").open({});
  expect(cache.bytes).toBe(bytes);
  expect(api.requests).toHaveLength(7);
  expect(api.requests.every(({ headers }) => headers["if-none-match"] === undefined)).toBe(true);
});

test.each([["no-store, max-age=60"], ["max-age=60, no-store"]])("%s is not kept", async (maxAge) => {
  await using api = await crewApi({ version: 1, maxAge });
  const cache = memoryCache();
  await createSpaceXClient({ baseUrl: api.url, cache }).crew.list();
  expect(cache.bytes).toBe(0);
});

test("failures are not kept, although the API sends them with a max-age", async () => {
  await using api = await startApi((response, _, nth) =>
    nth === 1
      ? sendText(response, 404, "Not Found", { "cache-control": "max-age=300", etag: '"x"' })
      : sendJson(response, crewMembers(1), { "cache-control": "max-age=300" }),
  );
  const client = createSpaceXClient({ baseUrl: api.url, cache: memoryCache() });
  expect(await problemOf(client.crew.list())).toMatchObject({ code: "NOT_FOUND" });
  expect(await client.crew.list()).toHaveLength(1);
});

test("a stale copy is no answer while the API is down", async () => {
  await using api = await startApi((response, _, nth) =>
    nth === 1 ? sendJson(response, crewMembers(1), { etag: '"x"' }) : sendText(response, 503, "down"),
  );
  const client = createSpaceXClient({ baseUrl: api.url, cache: memoryCache(), retry: { limit: 1, sleep } });
  await client.crew.list();
  expect(await problemOf(client.crew.list())).toMatchObject({ code: "SOURCE_UNAVAILABLE", attempts: 2 });
});

test("entries survive JSON, so that a cache may be anywhere, and asynchronous", async () => {
  await using api = await crewApi({ version: 2, maxAge: "max-age=0" });
  const texts = new Map<string, string>();
  const cache: ResponseCache = {
    get: async (key) => {
      const text = texts.get(key);
      return text === undefined ? null : (JSON.parse(text) as CacheEntry);
    },
    set: async (key, entry) => void texts.set(key, JSON.stringify(entry)),
  };
  const read = async (): Promise<unknown> => createSpaceXClient({ baseUrl: api.url, cache }).crew.list();
  const first = await read();
  expect([...texts.keys()]).toEqual([`GET ${api.url}/v4/crew`]);
  expect(await read()).toEqual(first);
  expect(api.requests[1]!.headers["if-none-match"]).toBe('"v2"');
});

test("a Map is a cache", async () => {
  await using api = await crewApi({ version: 2, maxAge: "max-age=60" });
  const client = createSpaceXClient({ baseUrl: api.url, cache: new Map<string, CacheEntry>() });
  await client.crew.list();
  expect(await client.crew.list()).toHaveLength(2);
  expect(api.requests).toHaveLength(1);
});

const never = new Promise<never>(() => undefined);
const good = { body: JSON.stringify(crewMembers(9)), etag: '"v1"', storedAt: 0, expiresAt: 9e15 };

test.each<[string, () => unknown]>([
  [
    "throws",
    () => {
      throw new Error("redis down");
    },
  ],
  ["rejects", () => Promise.reject(new Error("redis down"))],
  ["never answers", () => never],
  ["gives a text", () => "garbage"],
  ["gives half an entry", () => ({ etag: '"v1"' })],
  ["gives a body that is cut off", () => ({ ...good, url: "URL", body: '[{"id":' })],
  ["gives the entry of another request", () => ({ ...good, url: "https://api.spacexdata.com/v4/ships" })],
  ["gives times that are none", () => ({ ...good, url: "URL", expiresAt: "never" })],
])("a cache that %s is passed over, and named", async (_, get) => {
  await using api = await crewApi({ version: 1, maxAge: "max-age=300" });
  const events: ClientEvent[] = [];
  const removed: string[] = [];
  const url = `${api.url}/v4/crew`;
  const cache = {
    get: () => {
      const given = get();
      return given !== null && typeof given === "object" && "url" in given && given.url === "URL"
        ? { ...given, url }
        : given;
    },
    set: () => Promise.reject(new Error("disk full")),
    delete: (key: string) => {
      removed.push(key);
      throw new Error("cannot delete");
    },
  } as unknown as ResponseCache;
  const client = createSpaceXClient({ baseUrl: api.url, cache, onEvent: (event) => events.push(event) });
  expect(await client.crew.list()).toEqual(crewMembers(1));
  expect(api.requests).toHaveLength(1);
  expect(api.requests[0]!.headers["if-none-match"]).toBeUndefined();
  const failures = events.flatMap((event) => (event.type === "cache-failure" ? [event.operation] : []));
  expect(failures).toEqual(removed.length === 0 ? ["get", "set"] : ["get", "delete", "set"]);
});

test("an abort while the cache is asked throws its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("stop now");
  const cache: ResponseCache = {
    get: () => {
      queueMicrotask(() => controller.abort(reason));
      return never;
    },
    set: () => undefined,
  };
  const client = createSpaceXClient({ baseUrl: "http://127.0.0.1:1", cache });
  await expect(client.crew.list({ signal: controller.signal })).rejects.toBe(reason);
});

test("what is no cache is refused by the client", () => {
  for (const cache of [true, {}, { get: () => undefined }, null])
    expect(() => createSpaceXClient({ cache: cache as unknown as ResponseCache })).toThrow(
      /cache has no get and set/,
    );
});
