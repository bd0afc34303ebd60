import { createHash, randomBytes } from "node:crypto";
import { truncateSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, type Asked, refusal, xml } from "../../test/scripted-s3.ts";
import { scriptedStore } from "../../test/scripted-store.ts";
import { planParts } from "./multipart.ts";

const MIB = 1024 * 1024;
const OPTIONS = { multipartBytes: 5 * MIB };
/** Three parts, the last of them short. */
const LARGE = randomBytes(11 * MIB);
const completed = xml(
  "<CompleteMultipartUploadResult><ETag>&quot;e-3&quot;</ETag></CompleteMultipartUploadResult>",
);

/** What a request is about. */
function kindOf({ method, query }: Asked): string {
  if (method === "POST") return query.has("uploads") ? "begin" : "complete";
  if (method === "PUT") return `part ${query.get("partNumber")}`;
  return method === "DELETE" ? "abort" : method.toLowerCase();
}

/** Answers as S3 does where the script says nothing; `before` counts requests of the same kind. */
async function upload(script: (kind: string, before: number, asked: Asked) => Answer | undefined) {
  const seen: string[] = [];
  const scripted = await scriptedStore((asked) => {
    const kind = kindOf(asked);
    const before = seen.filter((other) => other === kind).length;
    seen.push(kind);
    const answer = script(kind, before, asked);
    if (answer !== undefined) return answer;
    if (kind === "head") return { status: 404 };
    if (kind === "begin")
      return xml(
        `<InitiateMultipartUploadResult><UploadId>id${before + 1}</UploadId></InitiateMultipartUploadResult>`,
      );
    if (kind === "complete") return completed;
    if (kind === "abort") return { status: 204 };
    return { headers: { etag: `"${kind}"` } };
  }, OPTIONS);
  return { ...scripted, seen };
}

const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const cuts = [LARGE.subarray(0, 5 * MIB), LARGE.subarray(5 * MIB, 10 * MIB), LARGE.subarray(10 * MIB)];
const composite = `${digest(Buffer.concat(cuts.map(digest))).toString("base64")}-3`;

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

test("a conflict at the completion begins a new upload", async () => {
  const { store, seen, server } = await upload((kind, before) =>
    kind === "complete" && before === 0 ? refusal(409, "ConditionalRequestConflict") : undefined,
  );
  expect(await store.createIfAbsent("x", LARGE)).toBe("created");
  expect(seen.filter((kind) => kind === "begin")).toHaveLength(2);
  expect(seen.filter((kind) => kind === "abort")).toHaveLength(1);
  expect(server.asked.at(-1)?.query.get("uploadId")).toBe("id2");
});

for (const [answer, second] of [
  ["gone", refusal(404, "NoSuchUpload")],
  ["taken", refusal(412, "PreconditionFailed")],
] as const) {
  test(`a completion whose answer was lost is found by the checksum of the parts: ${answer}`, async () => {
    const { store, seen } = await upload((kind, before) => {
      if (kind === "complete") return before === 0 ? "reset" : second;
      if (kind === "head" && before > 0)
        return { headers: { "content-length": String(LARGE.length), "x-amz-checksum-sha256": composite } };
      return undefined;
    });
    expect(await store.createIfAbsent("x", LARGE)).toBe("created");
    expect(seen.filter((kind) => kind === "begin")).toHaveLength(1);
    expect(seen).not.toContain("get");
  });
}

test("an error within a completion that began well is an error", async () => {
  const inside = xml(
    "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>",
  );
  const { store, seen } = await upload((kind, before) =>
    kind === "complete" && before === 0 ? inside : undefined,
  );
  expect(await store.createIfAbsent("x", LARGE)).toBe("created");
  expect(seen.filter((kind) => kind === "complete")).toHaveLength(2);
});

test("a file that shrinks while it is sent is an error, and nothing is left", async () => {
  const folder = await mkdtemp(join(tmpdir(), "s3-multipart-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "part");
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
