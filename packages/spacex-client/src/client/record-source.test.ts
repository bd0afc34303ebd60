import { once } from "node:events";
import type { RecordBatch, SourceResponse } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { type Handler, sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { crewMembers } from "../../test/records.ts";
import { createSpaceXClient } from "../index.ts";

const retry = { sleep: async () => undefined };

function batchesOf(response: SourceResponse): AsyncIterable<RecordBatch> {
  if (response.status !== "ok") throw new Error("the source said not modified");
  return response.batches;
}

async function linesOf(batches: AsyncIterable<RecordBatch>, lines: string[] = []): Promise<string[]> {
  for await (const { bytes, offsets } of batches) {
    for (let index = 0; index < offsets.length; index += 2)
      lines.push(new TextDecoder().decode(bytes.subarray(offsets[index], offsets[index + 1])));
  }
  return lines;
}

const crew = crewMembers(2000);
const text = `[${crew.map((member) => JSON.stringify(member).replace("{", '{"big":12345678901234567890,')).join(",\n")}]`;

function inPieces(size: number): Handler {
  return async (response) => {
    response.writeHead(200, { "content-type": "application/json", etag: '"abc"' });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) {
      if (!response.write(bytes.subarray(at, at + size))) await once(response, "drain");
    }
    response.end();
  };
}

test("a collection arrives as the API's own bytes", async () => {
  await using api = await startApi(inPieces(1777));
  const source = createSpaceXClient({ baseUrl: api.url }).recordSource("crew");
  expect(source.description).toBe(`GET ${api.url}/v4/crew`);
  let requests = 0;
  const response = await source.open({ onRequest: () => requests++ });
  expect(response).toMatchObject({ status: "ok", etag: '"abc"' });
  const lines = await linesOf(batchesOf(response));
  expect(`[${lines.join(",\n")}]`).toBe(text);
  expect(requests).toBe(1);
  expect(api.requests[0]!.headers["if-none-match"]).toBeUndefined();
});

test("batches can be read once", async () => {
  await using api = await startApi(inPieces(65_536));
  const response = await createSpaceXClient({ baseUrl: api.url }).recordSource("crew").open({});
  await linesOf(batchesOf(response));
  await expect(linesOf(batchesOf(response))).rejects.toThrow(/second time/);
});

test("a known ETag makes the request conditional", async () => {
  await using api = await startApi((response, request) => {
    // As koa does: a client that wants no cached answer gets a whole one.
    const fresh = request.headers["cache-control"] !== "no-cache";
    if (fresh && request.headers["if-none-match"] === '"abc"')
      response.writeHead(304, { etag: '"abc"' }).end();
    else sendJson(response, [], { etag: '"abc"' });
  });
  const source = createSpaceXClient({ baseUrl: api.url }).recordSource("crew");
  expect(await source.open({ ifNoneMatch: '"abc"' })).toEqual({ status: "not-modified" });
  expect(await source.open({ ifNoneMatch: '"old"' })).toMatchObject({ status: "ok", etag: '"abc"' });
});

test("a 304 that nobody asked for is an error, not an empty collection", async () => {
  await using api = await startApi((response) => {
    response.writeHead(304).end();
  });
  const source = createSpaceXClient({ baseUrl: api.url, retry }).recordSource("crew");
  expect(await problemOf(source.open({}))).toMatchObject({
    kind: "source",
    code: "SOURCE_UNEXPECTED_STATUS",
  });
});

test("opening is tried again, and says so", async () => {
  await using api = await startApi((response, _, nth) =>
    nth < 3 ? sendText(response, 503, "down") : sendJson(response, []),
  );
  const retries: number[] = [];
  let requests = 0;
  const source = createSpaceXClient({ baseUrl: api.url, retry }).recordSource("crew");
  const response = await source.open({
    onRequest: () => requests++,
    onRetry: ({ attempt }) => retries.push(attempt),
  });
  expect(await linesOf(batchesOf(response))).toEqual([]);
  expect({ requests, retries }).toEqual({ requests: 3, retries: [1, 2] });
});

test.each<[string, Handler, string]>([
  [
    "a reset",
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(text.slice(0, 100_000), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    },
    "SOURCE_INTERRUPTED",
  ],
  [
    "a body shorter than its length",
    (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": String(text.length) });
      response.write(text.slice(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    },
    "SOURCE_INTERRUPTED",
  ],
  [
    "a text that ends too early",
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(text.slice(0, 100_000));
    },
    "SOURCE_TRUNCATED",
  ],
  [
    "a stall",
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(text.slice(0, 100_000));
    },
    "SOURCE_STALLED",
  ],
])("%s half-way is thrown by the batches as retryable, after whole records", async (_, handler, code) => {
  await using api = await startApi(handler);
  const source = createSpaceXClient({ baseUrl: api.url, timeout: 300 }).recordSource("crew");
  const lines: string[] = [];
  const problem = await problemOf(linesOf(batchesOf(await source.open({})), lines));
  expect(problem).toMatchObject({ kind: "source", retryable: true, code });
  expect(problem.message).toContain(`GET ${api.url}/v4/crew`);
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(api.requests).toHaveLength(1);
});

test("a slow reader is no stall", async () => {
  await using api = await startApi(inPieces(4000));
  const source = createSpaceXClient({ baseUrl: api.url, timeout: 40 }).recordSource("crew");
  let batches = 0;
  for await (const batch of batchesOf(await source.open({}))) {
    if (batches++ < 3) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(batch.offsets.length).toBeGreaterThan(0);
  }
  expect(batches).toBeGreaterThan(1);
});

test("leaving the batches early closes the connection", async () => {
  let closed: Promise<unknown> | undefined;
  await using api = await startApi((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(text.slice(0, 100_000));
    closed = once(response, "close");
  });
  const response = await createSpaceXClient({ baseUrl: api.url }).recordSource("crew").open({});
  for await (const batch of batchesOf(response)) {
    expect(batch.offsets.length).toBeGreaterThan(0);
    break;
  }
  await closed;
});

test("an abort half-way throws its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("stop now");
  await using api = await startApi((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(text.slice(0, 100_000));
  });
  const source = createSpaceXClient({ baseUrl: api.url }).recordSource("crew");
  const batches = batchesOf(await source.open({ signal: controller.signal }));
  const reading = (async () => {
    for await (const batch of batches) if (batch.offsets.length > 0) controller.abort(reason);
  })();
  await expect(reading).rejects.toBe(reason);
});

test("a single object is one record and has no count", async () => {
  await using api = await startApi((response) => sendText(response, 200, ' {"id":"1","name":"SpaceX"}\n'));
  const source = createSpaceXClient({ baseUrl: api.url }).recordSource("company");
  expect(await linesOf(batchesOf(await source.open({})))).toEqual(['{"id":"1","name":"SpaceX"}']);
  expect(source.count).toBeUndefined();
});

test("the count is the API's own total, without records", async () => {
  await using api = await startApi((response) => sendJson(response, { docs: [], totalDocs: 205, limit: 0 }));
  const source = createSpaceXClient({ baseUrl: api.url }).recordSource("launches");
  expect(await source.count?.({})).toBe(205);
  expect(api.requests[0]).toMatchObject({
    method: "POST",
    path: "/v5/launches/query",
    body: { query: {}, options: { limit: 0 } },
    headers: { "content-type": "application/json" },
  });
});

test("an unknown collection is named", () => {
  const client = createSpaceXClient();
  expect(() => client.recordSource("fairings" as "ships")).toThrow(/no collection "fairings"/);
  expect(() => client.recordSource("toString" as "ships")).toThrow(/no collection/);
});
