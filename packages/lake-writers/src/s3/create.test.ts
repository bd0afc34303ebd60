import { createHash } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { refusal } from "../../test/scripted-s3.ts";
import { scriptedStore } from "../../test/scripted-store.ts";

const BODY = Buffer.from("the object");
const SHA256 = createHash("sha256").update(BODY).digest();
const taken = refusal(412, "PreconditionFailed");

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "s3-create-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test("says all that is to be known of a new object, and never an encoding", async () => {
  const { store, server } = await scriptedStore(() => ({}), {
    kmsKey: "alias/lake",
    storageClass: "STANDARD_IA",
    tags: { team: "a b", "cost/center": "7=8" },
    metadata: { owner: "data", "run-id": "of the store" },
    expectedBucketOwner: "123456789012",
    requesterPays: true,
  });
  const create = { contentType: "application/zstd", metadata: { "run-id": "r1" } };
  expect(await store.createIfAbsent("a b/ü.zst", BODY, create)).toBe("created");
  expect(server.asked).toHaveLength(1);
  const [{ method, key, headers, body } = expect.fail("no request")] = server.asked;
  expect([method, key, body.toString()]).toEqual(["PUT", "lake/a b/ü.zst", "the object"]);
  expect(headers).toMatchObject({
    "if-none-match": "*",
    "content-type": "application/zstd",
    "content-length": "10",
    "x-amz-checksum-sha256": SHA256.toString("base64"),
    "x-amz-content-sha256": SHA256.toString("hex"),
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "alias/lake",
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-tagging": "team=a%20b&cost%2Fcenter=7%3D8",
    "x-amz-meta-owner": "data",
    "x-amz-meta-run-id": "r1",
    "x-amz-expected-bucket-owner": "123456789012",
    "x-amz-request-payer": "requester",
  });
  expect(headers).not.toHaveProperty("content-encoding");
  expect(headers).not.toHaveProperty("expect");
  expect(headers).not.toHaveProperty("transfer-encoding");
});

test("a file is streamed with the digest that the caller knows", async () => {
  const file = join(await folder(), "part");
  const bytes = Buffer.alloc(1_000_001, "0123456789");
  await writeFile(file, bytes);
  const { store, server } = await scriptedStore(() => ({}));
  // Not that of the file, to show that it is taken as it is: the server is the judge.
  const sha256 = SHA256.toString("hex");
  expect(await store.createIfAbsent("part", { file }, { sha256 })).toBe("created");
  expect(server.asked[0]?.body.equals(bytes)).toBe(true);
  expect(server.asked[0]?.headers["content-length"]).toBe("1000001");
  expect(server.asked[0]?.headers["x-amz-content-sha256"]).toBe(sha256);
  await expect(store.createIfAbsent("part", { file: `${file}.gone` }, { sha256 })).rejects.toMatchObject({
    kind: "destination",
    code: "WORK_FOLDER",
  });
});

test("a name that is taken is known by one request, whatever it holds", async () => {
  const { store, server } = await scriptedStore(() => taken);
  expect(await store.createIfAbsent("x", BODY)).toBe("exists");
  expect(server.asked).toHaveLength(1);
});

const objects = {
  "by its checksum": { ours: SHA256.toString("base64"), length: BODY.length, bytes: undefined },
  "by its bytes, where no checksum is kept": { ours: undefined, length: BODY.length, bytes: BODY },
};
for (const [how, { ours, length, bytes }] of Object.entries(objects)) {
  test(`after a lost answer an object of ours is found ${how}`, async () => {
    const { store, server, retries } = await scriptedStore(({ method }, before) => {
      if (method === "PUT") return before === 0 ? "reset" : taken;
      const headers = {
        "content-length": String(length),
        ...(ours === undefined ? {} : { "x-amz-checksum-sha256": ours }),
      };
      return { headers, body: method === "GET" ? (bytes ?? "") : "" };
    });
    expect(await store.createIfAbsent("x", BODY)).toBe("created");
    expect(retries).toHaveLength(1);
    const methods = server.asked.map(({ method }) => method);
    expect(methods).toEqual(bytes === undefined ? ["PUT", "PUT", "HEAD"] : ["PUT", "PUT", "HEAD", "GET"]);
    expect(server.asked[2]?.headers["x-amz-checksum-mode"]).toBe("ENABLED");
  });
}

const others = {
  "of another size": { "content-length": "9" },
  "of the same size": {
    "content-length": "10",
    "x-amz-checksum-sha256": createHash("sha256").update("the other.").digest("base64"),
  },
};
for (const [what, headers] of Object.entries(others)) {
  test(`after a lost answer another's object ${what} is no object of ours`, async () => {
    const { store } = await scriptedStore(({ method }, before) => {
      if (method === "HEAD") return { headers };
      return before === 0 ? refusal(500, "InternalError") : taken;
    });
    expect(await store.createIfAbsent("x", BODY)).toBe("exists");
  });
}

test("an object that was deleted again is created anew", async () => {
  const { store, server } = await scriptedStore(({ method }, before) => {
    if (method === "HEAD") return { status: 404 };
    return before === 0 ? "reset" : before === 1 ? taken : {};
  });
  expect(await store.createIfAbsent("x", BODY)).toBe("created");
  expect(server.asked.map(({ method }) => method)).toEqual(["PUT", "PUT", "HEAD", "PUT"]);
});

test("a conflict is tried again, and the name may by then be ours", async () => {
  const { store, server } = await scriptedStore(({ method }, before) => {
    if (method === "HEAD")
      return { headers: { "content-length": "10", "x-amz-checksum-sha256": SHA256.toString("base64") } };
    return before < 2 ? refusal(409, "ConditionalRequestConflict") : taken;
  });
  expect(await store.createIfAbsent("x", BODY)).toBe("created");
  expect(server.asked.filter(({ method }) => method === "PUT")).toHaveLength(3);
});

test("a conflict that stays ends as busy", async () => {
  const { store } = await scriptedStore(() => refusal(409, "ConditionalRequestConflict"), {
    deadlineMs: 300,
  });
  await expect(store.createIfAbsent("x", BODY)).rejects.toMatchObject({ kind: "busy", code: "LAKE_BUSY" });
});

test("bytes that arrive damaged are sent again, and refused in the end", async () => {
  const damaged = refusal(400, "BadDigest");
  const once = await scriptedStore((_, before) => (before === 0 ? damaged : {}));
  expect(await once.store.createIfAbsent("x", BODY)).toBe("created");
  const always = await scriptedStore(() => damaged);
  await expect(always.store.createIfAbsent("x", BODY)).rejects.toMatchObject({
    kind: "integrity",
    exitCode: 10,
    code: "OBJECT_CHECKSUM",
    message: expect.stringContaining("x in s3://bucket/lake"),
  });
  expect(always.server.asked).toHaveLength(3);
});

test("a server that stays silent is given up, and an abort does not wait for it", async () => {
  const { store, server, retries } = await scriptedStore(
    (_, before) => (before === 0 ? "silence" : before === 1 ? {} : "silence"),
    { stallMs: 100 },
  );
  expect(await store.createIfAbsent("x", BODY)).toBe("created");
  expect(retries).toMatchObject([{ attempt: 1, reason: expect.stringContaining("100 ms") }]);
  const reason = new Error("stopped by the test");
  const controller = new AbortController();
  const creating = store.createIfAbsent("y", BODY, { signal: controller.signal });
  await expect.poll(() => server.asked.length).toBeGreaterThan(2);
  controller.abort(reason);
  await expect(creating).rejects.toBe(reason);
});

test("a conflict after an upload that took longer than the deadline is tried again", async () => {
  const { store, server } = await scriptedStore(
    async (_, before) => {
      if (before > 0) return {};
      await sleep(400);
      return refusal(409, "ConditionalRequestConflict");
    },
    { deadlineMs: 300 },
  );
  expect(await store.createIfAbsent("x", BODY)).toBe("created");
  expect(server.asked).toHaveLength(2);
});

test("an empty file is an empty object", async () => {
  const file = join(await folder(), "empty");
  await writeFile(file, "");
  const { store, server } = await scriptedStore(() => ({}));
  expect(await store.createIfAbsent("x", { file })).toBe("created");
  expect(server.asked[0]?.headers["content-length"]).toBe("0");
});

test("a file that shrinks while it is sent is an error at once", async () => {
  const file = join(await folder(), "part");
  await writeFile(file, Buffer.alloc(3_000_000));
  const { store, server, retries } = await scriptedStore(() => ({}), {
    checkpoint: (name) => (name === "sending x" ? truncate(file, 1_000_000) : undefined),
  });
  await expect(store.createIfAbsent("x", { file })).rejects.toMatchObject({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
    message: expect.stringContaining("shorter"),
  });
  expect(retries).toEqual([]);
  expect(server.asked).toEqual([]);
});
