import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { type Answer, type Asked, refusal } from "../../test/scripted-s3.ts";
import { scriptedStore } from "../../test/scripted-store.ts";
import type { ObjectStore } from "../index.ts";

const BYTES = randomBytes(300_000);
const ETAG = '"e1"';

async function read(store: ObjectStore, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.get("x", { signal })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The object from the byte that is asked for, as far as the script lets it come. */
function content(asked: Asked, more: { stopsAfter?: number; ends?: "reset" | "silence" } = {}) {
  const from = Number(/^bytes=(\d+)-$/.exec(asked.headers.range ?? "bytes=0-")?.[1]);
  const range = from === 0 ? {} : { "content-range": `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` };
  return {
    status: from === 0 ? 200 : 206,
    headers: { etag: ETAG, ...range },
    body: BYTES.subarray(from),
    ...more,
  };
}

for (const ends of ["reset", "silence"] as const) {
  test(`goes on from the byte it had when the answer ends in ${ends}`, async () => {
    const { store, server, retries } = await scriptedStore(
      (asked, before) => content(asked, before < 2 ? { stopsAfter: 100_000, ends } : {}),
      { stallMs: 150 },
    );
    expect((await read(store)).equals(BYTES)).toBe(true);
    expect(server.asked.map(({ headers }) => [headers.range, headers["if-match"]])).toEqual([
      [undefined, undefined],
      ["bytes=100000-", ETAG],
      ["bytes=200000-", ETAG],
    ]);
    expect(retries.map(({ what }) => what)).toEqual([
      "read x in s3://bucket/lake from byte 100000",
      "read x in s3://bucket/lake from byte 200000",
    ]);
  });
}

test("a server that knows no ranges is read again up to the byte it had", async () => {
  const { store } = await scriptedStore((_, before) => ({
    headers: { etag: ETAG },
    body: BYTES,
    ...(before === 0 ? { stopsAfter: 123_457 } : {}),
  }));
  expect((await read(store)).equals(BYTES)).toBe(true);
});

test("an object that changed while it was read is an error, not a mixture", async () => {
  const { store } = await scriptedStore((asked, before) =>
    before === 0 ? content(asked, { stopsAfter: 1000 }) : refusal(412, "PreconditionFailed"),
  );
  await expect(read(store)).rejects.toMatchObject({ kind: "integrity", code: "OBJECT_CHANGED" });
});

test("answers that bring nothing end the reading", async () => {
  const { store, retries } = await scriptedStore((asked) => content(asked, { stopsAfter: 0 }), {
    deadlineMs: 1000,
  });
  await expect(read(store)).rejects.toMatchObject({ kind: "destination", code: "LAKE_UNREACHABLE" });
  expect(retries.length).toBeGreaterThan(0);
});

test("what is not there is an error with a name; a missing bucket is another", async () => {
  const { store } = await scriptedStore(() => refusal(404, "NoSuchKey"));
  await expect(read(store)).rejects.toMatchObject({ kind: "integrity", code: "OBJECT_NOT_FOUND" });
  const other = await scriptedStore(() => refusal(404, "NoSuchBucket"));
  await expect(read(other.store)).rejects.toMatchObject({ code: "LAKE_BUCKET_MISSING", retryable: false });
});

test("a consumer that takes its time is no stall", async () => {
  const { store, retries } = await scriptedStore((asked) => content(asked), { stallMs: 100 });
  let bytes = 0;
  for await (const chunk of store.get("x")) {
    bytes += chunk.byteLength;
    if (bytes === chunk.byteLength) await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(bytes).toBe(BYTES.length);
  expect(retries).toEqual([]);
});

test("whoever stops early or aborts leaves no connection behind", async () => {
  const { store, server } = await scriptedStore((asked) =>
    content(asked, { stopsAfter: 200_000, ends: "silence" }),
  );
  for await (const _ of store.get("x")) break;
  await expect.poll(() => server.openSockets()).toBe(0);
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  let bytes = 0;
  const reading = async (): Promise<void> => {
    for await (const chunk of store.get("x", { signal: controller.signal })) {
      bytes += chunk.byteLength;
      // The answer then says nothing more; the abort comes while it is waited for.
      if (bytes === 200_000) setTimeout(() => controller.abort(reason), 20);
    }
  };
  await expect(reading()).rejects.toBe(reason);
  await expect.poll(() => server.openSockets()).toBe(0);
});

test("an answer without a length that breaks off behind its last byte was whole", async () => {
  const beyond = (size: number): Answer =>
    refusal(416, "InvalidRange", "m", { "content-range": `bytes */${size}` });
  for (const [size, whole] of [
    [BYTES.length, true],
    [BYTES.length + 1, false],
  ] as const) {
    const { store } = await scriptedStore((asked, before) =>
      before === 0 ? { ...content(asked), chunked: true, stopsAfter: BYTES.length } : beyond(size),
    );
    if (whole) expect((await read(store)).equals(BYTES)).toBe(true);
    else await expect(read(store)).rejects.toMatchObject({ code: "OBJECT_CHANGED" });
  }
});

test("a checksum that a client finds wrong is an error", async () => {
  const sha256 = createHash("sha256").update("other bytes").digest("base64");
  const { server } = await scriptedStore((asked) => ({
    ...content(asked),
    headers: { etag: ETAG, "x-amz-checksum-sha256": sha256 },
  }));
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { s3Store } = await import("./index.ts");
  const client = new S3Client({
    region: "us-east-1",
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  await expect(read(s3Store({ client, bucket: "bucket" }))).rejects.toMatchObject({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
  });
  expect(server.asked).toHaveLength(1);
});

test("a client that validates checksums reads the same", async () => {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { s3Store } = await import("./index.ts");
  const { server } = await scriptedStore((asked, before) =>
    content(asked, before === 0 ? { stopsAfter: 100_000 } : {}),
  );
  const client = new S3Client({
    region: "us-east-1",
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const store = s3Store({ client, bucket: "bucket", prefix: "lake" });
  expect((await read(store)).equals(BYTES)).toBe(true);
  expect(server.asked[0]?.headers["x-amz-checksum-mode"]).toBe("ENABLED");
  await store[Symbol.asyncDispose]?.();
  // The caller's own is never destroyed.
  expect((await read(store)).equals(BYTES)).toBe(true);
});
