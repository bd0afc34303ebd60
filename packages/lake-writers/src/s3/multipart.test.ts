import { truncateSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { refusal } from "../../test/scripted-s3.ts";
import { cuts, digest, kindOf, LARGE, scriptedUpload as upload } from "../../test/scripted-upload.ts";
import { planParts } from "./multipart.ts";

const MIB = 1024 * 1024;

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "s3-multipart-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test("parts fit every object into the limits of S3, and memory", () => {
  const TIB = 1024 ** 4;
  for (const bytes of [17 * MIB, 80_000 * MIB, 80_001 * MIB, 500 * 1024 * MIB, 5 * TIB, 48 * TIB]) {
    const { partBytes, parallel } = planParts(bytes, 16 * MIB);
    expect(Math.ceil(bytes / partBytes)).toBeLessThanOrEqual(10_000);
    expect(partBytes).toBeGreaterThanOrEqual(5 * MIB);
    expect(partBytes).toBeLessThanOrEqual(5 * 1024 * MIB);
    expect(parallel === 1 || parallel * partBytes <= 32 * MIB).toBe(true);
  }
  expect(planParts(17 * MIB, 16 * MIB)).toEqual({ partBytes: 8 * MIB, parallel: 4 });
  // A single part would be no upload in parts.
  expect(planParts(5 * MIB + 1, 5 * MIB).partBytes).toBe(5 * MIB);
});

test("every part goes with its digest, and the completion is create-only and lists them", async () => {
  const { store, server, seen } = await upload(() => undefined);
  expect(await store.createIfAbsent("x", LARGE, { metadata: { "run-id": "r" } })).toBe("created");
  expect(seen.toSorted()).toEqual(["begin", "complete", "head", "part 1", "part 2", "part 3"]);
  for (const [index, bytes] of cuts.entries()) {
    const part = server.asked.find((asked) => kindOf(asked) === `part ${index + 1}`);
    expect(part?.body.equals(bytes)).toBe(true);
    expect(part?.headers["x-amz-checksum-sha256"]).toBe(digest(bytes).toString("base64"));
    expect(part?.headers["x-amz-content-sha256"]).toBe(digest(bytes).toString("hex"));
    expect(part?.headers).not.toHaveProperty("if-none-match");
  }
  const begin = server.asked.find((asked) => kindOf(asked) === "begin");
  expect(begin?.headers).toMatchObject({ "x-amz-checksum-algorithm": "SHA256", "x-amz-meta-run-id": "r" });
  const complete = server.asked.find((asked) => kindOf(asked) === "complete");
  expect(complete?.headers).toMatchObject({
    "if-none-match": "*",
    "x-amz-mp-object-size": String(LARGE.length),
  });
  const listed = [...String(complete?.body).matchAll(/<ChecksumSHA256>([^<]+)<.*?<PartNumber>(\d)</g)];
  expect(listed.map(([, sha256, number]) => [number, sha256])).toEqual(
    cuts.map((bytes, index) => [String(index + 1), digest(bytes).toString("base64")]),
  );
});

test("a part that fails is sent again alone", async () => {
  const { store, seen, retries } = await upload((kind, before) =>
    kind === "part 2" && before === 0 ? refusal(503, "SlowDown") : undefined,
  );
  expect(await store.createIfAbsent("x", LARGE)).toBe("created");
  expect(seen.toSorted()).toEqual(["begin", "complete", "head", "part 1", "part 2", "part 2", "part 3"]);
  expect(retries).toHaveLength(1);
});

test("a part that cannot be sent ends the upload, which is then gone at S3", async () => {
  const { store, seen } = await upload((kind) =>
    kind === "part 2" ? refusal(403, "AccessDenied") : undefined,
  );
  await expect(store.createIfAbsent("x", LARGE)).rejects.toMatchObject({ code: "LAKE_PERMISSION" });
  expect(seen.at(-1)).toBe("abort");
  expect(seen).not.toContain("complete");
});

test("an abort stops the parts and removes the upload before it is said", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  const { store, seen, server } = await upload((kind) => {
    if (kind !== "part 3") return undefined;
    controller.abort(reason);
    return "silence";
  });
  await expect(store.createIfAbsent("x", LARGE, { signal: controller.signal })).rejects.toBe(reason);
  expect(seen.at(-1)).toBe("abort");
  expect(server.asked.at(-1)?.query.get("uploadId")).toBe("id1");
});

test("an upload that a late part brings back is aborted until it is gone, for the bucket's owner and payer", async () => {
  for (const [gone, aborts] of [
    [1, 2],
    [99, 3],
  ] as const) {
    const controller = new AbortController();
    const { store, seen, server } = await upload(
      (kind, before) => {
        if (kind === "abort") return before < gone ? { status: 204 } : refusal(404, "NoSuchUpload");
        if (kind !== "part 3") return undefined;
        controller.abort(new Error("stopped by the test"));
        return "silence";
      },
      { requesterPays: true, expectedBucketOwner: "123456789012" },
    );
    const creating = store.createIfAbsent("x", LARGE, { signal: controller.signal });
    await expect(creating).rejects.toThrow("stopped by the test");
    expect(seen.filter((kind) => kind === "abort")).toHaveLength(aborts);
    for (const asked of server.asked)
      expect(asked.headers, kindOf(asked)).toMatchObject({
        "x-amz-request-payer": "requester",
        "x-amz-expected-bucket-owner": "123456789012",
      });
  }
});

test("an abort while the upload begins waits for its id, to remove it", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  const { store, seen } = await upload((kind) => {
    if (kind === "begin") controller.abort(reason);
    return undefined;
  });
  await expect(store.createIfAbsent("x", LARGE, { signal: controller.signal })).rejects.toBe(reason);
  expect(seen).toEqual(["head", "begin", "abort"]);
});

test("a name that is taken is seen before, or at the completion, and nothing is left", async () => {
  const before = await upload((kind) =>
    kind === "head" ? { headers: { "content-length": "1" } } : undefined,
  );
  expect(await before.store.createIfAbsent("x", LARGE)).toBe("exists");
  expect(before.seen).toEqual(["head"]);
  const after = await upload((kind) =>
    kind === "complete" ? refusal(412, "PreconditionFailed") : undefined,
  );
  expect(await after.store.createIfAbsent("x", LARGE)).toBe("exists");
  expect(after.seen.slice(-2)).toEqual(["complete", "abort"]);
});

test("bytes that have another SHA-256 than the caller says are no object", async () => {
  const file = join(await folder(), "part");
  await writeFile(file, LARGE);
  for (const body of [LARGE, { file }]) {
    const right = await upload(() => undefined);
    const sha256 = digest(LARGE).toString("hex");
    expect(await right.store.createIfAbsent("x", body, { sha256 })).toBe("created");
    const wrong = await upload(() => undefined);
    const other = digest(Buffer.of()).toString("hex");
    await expect(wrong.store.createIfAbsent("x", body, { sha256: other })).rejects.toMatchObject({
      kind: "integrity",
      code: "OBJECT_CHECKSUM",
      details: { path: "x" },
    });
    expect(wrong.seen.at(-1)).toBe("abort");
    expect(wrong.seen).not.toContain("complete");
  }
});

test("a file that shrinks while it is sent is an error, and nothing is left", async () => {
  const file = join(await folder(), "part");
  await writeFile(file, Buffer.alloc(50 * MIB));
  const { store, seen } = await upload((kind) => {
    if (kind === "begin") truncateSync(file, 6 * MIB);
    return undefined;
  });
  await expect(store.createIfAbsent("x", { file })).rejects.toMatchObject({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
  });
  expect(seen.at(-1)).toBe("abort");
  expect(seen).not.toContain("complete");
});

test("large objects are sent one after another, and who aborts does not wait for a turn", async () => {
  const state = { open: 0, most: 0 };
  const { store } = await upload((kind) => {
    if (kind === "begin") state.most = Math.max(state.most, ++state.open);
    if (kind === "complete") state.open--;
    return undefined;
  });
  const controller = new AbortController();
  const [first, second, aborted] = ["a", "b", "c"].map((key) =>
    store.createIfAbsent(key, LARGE, key === "c" ? { signal: controller.signal } : {}),
  );
  const reason = new Error("stopped by the test");
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  expect(await Promise.all([first, second])).toEqual(["created", "created"]);
  expect(state).toEqual({ open: 0, most: 1 });
});
