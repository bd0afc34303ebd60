import { once } from "node:events";
import { gzipSync } from "node:zlib";
import type { RecordBatch } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { type Handler, sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { crewMembers } from "../../test/records.ts";
import { createSpaceXClient, memoryCache, SpaceXRequestError } from "../index.ts";
import { nodeFetch } from "./index.ts";

const crew = crewMembers(2000);
const text = JSON.stringify(crew);
const sleep = async (): Promise<void> => undefined;

const fetches: [string, typeof globalThis.fetch | undefined][] = [
  ["the built-in fetch", undefined],
  ["nodeFetch", nodeFetch()],
];

async function linesOf(batches: AsyncIterable<RecordBatch>, lines: string[]): Promise<void> {
  for await (const { bytes, offsets } of batches)
    for (let index = 0; index < offsets.length; index += 2)
      lines.push(new TextDecoder().decode(bytes.subarray(offsets[index], offsets[index + 1])));
}

const faults: [string, Handler, string, string[]][] = [
  [
    "a reset",
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(text.slice(0, 100_000), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    },
    "SOURCE_INTERRUPTED",
    [],
  ],
  [
    "a body shorter than its length",
    (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": String(text.length) });
      response.write(text.slice(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    },
    "SOURCE_INTERRUPTED",
    [],
  ],
  [
    "a compressed body that ends too early",
    (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync(text).subarray(0, -100));
    },
    // The built-in fetch takes what is there, so that the missing end is found in the text.
    "SOURCE_INTERRUPTED",
    ["SOURCE_TRUNCATED"],
  ],
  [
    "a stall",
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(text.slice(0, 100_000));
    },
    "SOURCE_STALLED",
    [],
  ],
];

test.each(fetches.flatMap(([name, fetch]) => faults.map((fault) => [fault[0], name, fetch, fault] as const)))(
  "%s with %s is thrown by the batches",
  async (_, __, fetch, [, handler, code, others]) => {
    await using api = await startApi(handler);
    const source = createSpaceXClient({ baseUrl: api.url, timeout: 300, fetch }).recordSource("crew");
    const opened = await source.open({});
    if (opened.status !== "ok") throw new Error("not modified");
    const problem = await problemOf(linesOf(opened.batches, []));
    expect(problem).toMatchObject({ kind: "source", retryable: true });
    expect([code, ...others]).toContain(problem.code);
  },
);

test.each(fetches)("a collection arrives as the API's own bytes through %s", async (_, fetch) => {
  await using api = await startApi(async (response, { headers }) => {
    const zipped = /gzip/.test(String(headers["accept-encoding"]));
    response.writeHead(200, {
      "content-type": "application/json",
      etag: '"abc"',
      ...(zipped ? { "content-encoding": "gzip" } : {}),
    });
    const bytes = zipped ? gzipSync(text) : Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 777)
      if (!response.write(bytes.subarray(at, at + 777))) await once(response, "drain");
    response.end();
  });
  const opened = await createSpaceXClient({ baseUrl: api.url, fetch }).recordSource("crew").open({});
  if (opened.status !== "ok") throw new Error("not modified");
  const lines: string[] = [];
  await linesOf(opened.batches, lines);
  expect(`[${lines.join(",")}]` === text).toBe(true);
  expect(opened.etag).toBe('"abc"');
});

test.each(fetches)("typed reads, retries, timeouts and conditions work through %s", async (_, fetch) => {
  const closed: Promise<unknown>[] = [];
  await using api = await startApi((response, { headers, path }, nth) => {
    if (path === "/v4/ships") {
      closed.push(once(response, "close"));
      return;
    }
    // A reset of a connection that was used before would be repaired below the client.
    if (nth === 1) sendText(response, 503, "down", { connection: "close" });
    else if (nth === 2) response.socket?.resetAndDestroy();
    else if (headers["if-none-match"] === '"v"') response.writeHead(304).end();
    else sendJson(response, crew.slice(0, 3), { etag: '"v"' });
  });
  const reasons: string[] = [];
  const client = createSpaceXClient({ baseUrl: api.url, fetch, cache: memoryCache(), retry: { sleep } });
  const options = { onRetry: ({ reason }: { readonly reason: string }) => void reasons.push(reason) };
  expect(await client.crew.list(options)).toHaveLength(3);
  expect(reasons).toEqual(["HTTP 503", expect.stringMatching(/ECONNRESET|other side closed|hang up/)]);
  expect(await client.crew.list()).toHaveLength(3);
  expect(api.requests).toHaveLength(4);
  const late = await problemOf(client.ships.list({ timeout: 50, retry: { limit: 0 } }));
  expect(SpaceXRequestError.isInstance(late) && late.code).toBe("SOURCE_TIMEOUT");
  const reason = new Error("stop now");
  const controller = new AbortController();
  const reading = client.ships.list({ signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  await expect(reading).rejects.toBe(reason);
  // Neither leaves its connection open.
  expect(closed).toHaveLength(2);
  await Promise.all(closed);
});

test.each(fetches)("leaving the batches early closes the connection of %s", async (_, fetch) => {
  let closed: Promise<unknown> | undefined;
  await using api = await startApi((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(text.slice(0, 100_000));
    closed = once(response, "close");
  });
  const opened = await createSpaceXClient({ baseUrl: api.url, fetch }).recordSource("crew").open({});
  if (opened.status !== "ok") throw new Error("not modified");
  for await (const batch of opened.batches) {
    expect(batch.offsets.length).toBeGreaterThan(0);
    break;
  }
  await closed;
});

test("the client reads past the stream that others get", async () => {
  await using api = await startApi((response) => sendJson(response, crew));
  const fetch = nodeFetch();
  const responses: Response[] = [];
  const client = createSpaceXClient({
    baseUrl: api.url,
    fetch: async (...given) => {
      const response = await fetch(...given);
      responses.push(response);
      return response;
    },
  });
  expect(await client.crew.list()).toHaveLength(2000);
  expect(responses.map(({ bodyUsed }) => bodyUsed)).toEqual([false]);
});

test("an option that does not exist is refused", () => {
  expect(() => nodeFetch({ agents: () => undefined } as object)).toThrow(/nodeFetch\.agents does not exist/);
});
