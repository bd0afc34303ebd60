import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  type Double,
  fail,
  gcsDouble,
  json,
  media,
  ranged,
  reset,
  silence,
  type Step,
} from "../../test/gcs-double.ts";
import { allKeys } from "../../test/lake.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { gcsStore, type GcsStoreOptions } from "./index.ts";

const bytes = randomBytes(300_000);

function storeOf({ endpoint }: Double, options: Partial<GcsStoreOptions> = {}): ObjectStore {
  return gcsStore({ bucket: "my-bucket", prefix: "lake", endpoint, ...options });
}

async function read(store: ObjectStore, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.get("a/b", { signal })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const stalled: Step = (answer) => {
  answer.writeHead(200, { "content-length": String(bytes.length), "x-goog-generation": "42" });
  answer.write(bytes.subarray(0, 100_000));
};

test.each<readonly [string, Step]>([
  ["is reset", media(bytes, 100_000)],
  ["stalls", stalled],
])("an answer that %s half-way is followed by one for the rest of the same generation", async (_, half) => {
  const double = await gcsDouble(half, reset, ranged(bytes));
  expect((await read(storeOf(double, { stallMs: 300 }))).equals(bytes)).toBe(true);
  const last = double.requests.at(-1);
  expect(last?.query.get("generation")).toBe("42");
  const from = Number(/^bytes=(\d+)-$/.exec(last?.headers.range ?? "")?.[1]);
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThanOrEqual(100_000);
});

test("an answer without a length that breaks off behind its last byte was whole", async () => {
  const unmeasured: Step = (answer) => {
    answer.writeHead(200, { "x-goog-generation": "42" });
    answer.write(bytes, () => setTimeout(() => answer.socket?.resetAndDestroy(), 20));
  };
  const beyond = (size: number): Step =>
    json(416, { error: { message: "beyond" } }, { "content-range": `bytes */${size}` });
  const double = await gcsDouble(unmeasured, beyond(bytes.length));
  expect((await read(storeOf(double))).equals(bytes)).toBe(true);
  const changed = await gcsDouble(unmeasured, beyond(bytes.length - 1));
  await expect(read(storeOf(changed))).rejects.toMatchObject({ code: "LAKE_REFUSED" });
});

test("a server that ignores ranges is read from the beginning, and nothing comes twice", async () => {
  const double = await gcsDouble(media(bytes, 100_000), media(bytes));
  expect((await read(storeOf(double))).equals(bytes)).toBe(true);
});

test("bytes come as they are stored, whatever the object says of its encoding", async () => {
  const stored = gzipSync(bytes);
  const double = await gcsDouble(media(stored, stored.length, { "content-encoding": "gzip" }));
  expect((await read(storeOf(double))).equals(stored)).toBe(true);
  expect(double.requests[0]?.headers["accept-encoding"]).toBe("identity");
});

test("an object that is missing, also half-way, and a bucket that is missing are told apart", async () => {
  const missing = fail(404, "notFound", "No such object: my-bucket/lake/a/b");
  for (const script of [[missing], [media(bytes, 100_000), missing]]) {
    await expect(read(storeOf(await gcsDouble(...script)))).rejects.toMatchObject({
      kind: "integrity",
      code: "OBJECT_NOT_FOUND",
      message: "a/b is missing in gs://my-bucket/lake.",
    });
  }
  const noBucket = fail(404, "notFound", "The specified bucket does not exist.");
  const store = storeOf(await gcsDouble(noBucket, noBucket, noBucket, noBucket));
  const error = { kind: "destination", code: "LAKE_BUCKET_MISSING", retryable: false };
  await expect(read(store)).rejects.toMatchObject(error);
  await expect(store.head("a")).rejects.toMatchObject(error);
  await expect(store.delete("a")).rejects.toMatchObject(error);
  await expect(allKeys(store)).rejects.toMatchObject(error);
});

test("an abort ends a request that waits, and frees its connection", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  const closed = Promise.withResolvers<void>();
  const double = await gcsDouble((answer) => {
    answer.socket?.once("close", () => closed.resolve());
    controller.abort(reason);
  });
  await expect(read(storeOf(double), controller.signal)).rejects.toBe(reason);
  await closed.promise;
});

test("a reader that stops frees its connection, also of an answer that never ends", async () => {
  const closed = Promise.withResolvers<void>();
  const double = await gcsDouble((answer, request) => {
    answer.socket?.once("close", () => closed.resolve());
    stalled(answer, request);
  });
  for await (const _ of storeOf(double).get("a/b")) break;
  await closed.promise;
});

test("a reader that takes its time is no stall", async () => {
  const double = await gcsDouble(media(bytes));
  let total = 0;
  for await (const chunk of storeOf(double, { stallMs: 60, deadlineMs: 0 }).get("a/b")) {
    if (total === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    total += chunk.byteLength;
  }
  expect(total).toBe(bytes.length);
  expect(double.requests).toHaveLength(1);
});

test("a listing asks page by page for what it needs, and leaves out names that no key has", async () => {
  const item = (name: string) => ({ name, size: "5", timeCreated: "2026-01-02T03:04:05.678Z" });
  const double = await gcsDouble(
    json(200, { items: [item("lake/"), item("lake/a/1"), item("lake/a/")], nextPageToken: "t&1" }),
    reset,
    json(200, { nextPageToken: "t2" }),
    json(200, { items: [item("lake/a//2"), item("lake/b")] }),
  );
  const store = storeOf(double, { userProject: "payer" });
  const found = [];
  for await (const info of store.list("")) found.push(info);
  const createdAt = new Date("2026-01-02T03:04:05.678Z");
  expect(found).toEqual([
    { key: "a/1", bytes: 5, createdAt },
    { key: "b", bytes: 5, createdAt },
  ]);
  expect(double.requests.map(({ query }) => query.get("pageToken"))).toEqual([null, "t&1", "t&1", "t2"]);
  expect(Object.fromEntries(double.requests[3]?.query ?? [])).toEqual({
    prefix: "lake/",
    maxResults: "1000",
    fields: "items(name,size,timeCreated),nextPageToken",
    pageToken: "t2",
    userProject: "payer",
  });
});

test("silence is given up after stallMs, and the call after deadlineMs", async () => {
  const retries: string[] = [];
  const double = await gcsDouble(silence, silence, silence, silence, silence, silence);
  const store = storeOf(double, {
    stallMs: 50,
    deadlineMs: 300,
    onRetry: ({ what, reason }) => retries.push(`${what}: ${reason}`),
  });
  await expect(store.head("a")).rejects.toMatchObject({ kind: "destination", code: "LAKE_UNREACHABLE" });
  expect(retries[0]).toBe("read a in gs://my-bucket/lake: not a byte for 50 ms");
});
