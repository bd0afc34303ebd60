import { createHash, randomBytes } from "node:crypto";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  described,
  type Double,
  fail,
  gcsDouble,
  json,
  md5,
  reset,
  silence,
  type Step,
} from "../../test/gcs-double.ts";
import { temporaryFolder } from "../../test/lake.ts";
import { gcsStore, type GcsStoreOptions } from "./index.ts";

const bytes = Buffer.from("123456789");
const taken = fail(412, "conditionNotMet");

function storeOf({ endpoint }: Double, options: Partial<GcsStoreOptions> = {}) {
  return gcsStore({ bucket: "my-bucket", prefix: "lake", endpoint, ...options });
}

/** The two parts of a simple upload. */
function partsOf(body: Buffer): readonly [description: Record<string, unknown>, content: string] {
  const [, description = "", content = ""] = body.toString().split(/--[0-9a-f-]{36}(?:--)?\r\n/);
  const rest = (part: string): string => part.slice(part.indexOf("\r\n\r\n") + 4).replace(/\r\n$/, "");
  return [JSON.parse(rest(description)) as Record<string, unknown>, rest(content)];
}

test("an object is created once, with its checksum, its description and all options", async () => {
  const double = await gcsDouble(described(bytes));
  const store = storeOf(double, {
    storageClass: "NEARLINE",
    kmsKey: "projects/p/locations/eu/keyRings/r/cryptoKeys/k",
    userProject: "payer",
    metadata: { team: "etl" },
  });
  const create = { contentType: "application/zstd", metadata: { "run-id": "r-1" } };
  expect(await store.createIfAbsent("raw/ä 1.zst", bytes, create)).toBe("created");
  const [request] = double.requests;
  expect(request).toMatchObject({ method: "POST", path: "/upload/storage/v1/b/my-bucket/o" });
  expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
    uploadType: "multipart",
    ifGenerationMatch: "0",
    kmsKeyName: "projects/p/locations/eu/keyRings/r/cryptoKeys/k",
    userProject: "payer",
  });
  expect(request?.headers).not.toHaveProperty("authorization");
  expect(partsOf(request?.body ?? Buffer.of())).toEqual([
    {
      name: "lake/raw/ä 1.zst",
      contentType: "application/zstd",
      cacheControl: "no-transform",
      metadata: { team: "etl", "run-id": "r-1" },
      storageClass: "NEARLINE",
      md5Hash: md5(bytes),
    },
    "123456789",
  ]);
});

test("an object that is there at the first answer is another's, and nothing more is asked", async () => {
  const double = await gcsDouble(taken);
  expect(await storeOf(double).createIfAbsent("a", bytes)).toBe("exists");
  expect(double.requests).toHaveLength(1);
});

test("a status 412 that is no precondition's is the refusal of a policy", async () => {
  const double = await gcsDouble(fail(412, "orgPolicyConstraintFailed", "Request violates a constraint."));
  await expect(storeOf(double).createIfAbsent("a", bytes)).rejects.toMatchObject({
    kind: "destination",
    code: "LAKE_REFUSED",
    retryable: false,
    hint: expect.stringContaining("policy of the organization"),
  });
  expect(double.requests).toHaveLength(1);
});

test("bytes that have another SHA-256 than the caller says are not sent", async () => {
  const file = join(await temporaryFolder(), "part");
  await writeFile(file, bytes);
  const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
  for (const body of [bytes, { file }]) {
    const double = await gcsDouble(described(bytes));
    const store = storeOf(double);
    await expect(store.createIfAbsent("a", body, { sha256: sha256(Buffer.of()) })).rejects.toMatchObject({
      kind: "integrity",
      code: "OBJECT_CHECKSUM",
      details: { path: "a" },
    });
    expect(double.requests).toEqual([]);
    expect(await store.createIfAbsent("a", body, { sha256: sha256(bytes) })).toBe("created");
  }
});

test("every attempt to send a body waits longer for the answer than the one before it", async () => {
  const waits: string[] = [];
  const wait = (double: Double, resumableBytes: number) =>
    storeOf(double, {
      stallMs: 200,
      resumableBytes,
      onRetry: ({ reason }) => waits.push(reason),
    }).createIfAbsent("a", large);
  expect(await wait(await gcsDouble(silence, silence, described(large)), 1_000_000)).toBe("created");
  expect(waits).toEqual(["not a byte for 200 ms", "not a byte for 400 ms"]);
  waits.length = 0;
  const further = [begun, silence, arrived(0), silence, arrived(262_144), silence] as const;
  const double = await gcsDouble(...further, arrived(262_144), described(large));
  expect(await wait(double, 100_000)).toBe("created");
  // What got further is a new beginning.
  expect(waits.map((reason) => /\d+/.exec(reason)?.[0])).toEqual(["200", "400", "200"]);
});

/** CRC32C of "123456789", as RFC 3720 and every catalogue of checksums have it. */
const crc = Buffer.from("e3069283", "hex").toString("base64");
const composed = { md5Hash: undefined };
test.each<readonly [string, readonly Step[], "created" | "exists"]>([
  ["ours, after a reset", [reset, taken, described(bytes)], "created"],
  ["ours, after 503", [fail(503), taken, described(bytes)], "created"],
  ["ours, by its CRC32C", [reset, taken, described(bytes, { ...composed, crc32c: crc })], "created"],
  ["another's of the same size", [reset, taken, described(Buffer.from("12345678?"))], "exists"],
  [
    "another's by its CRC32C",
    [reset, taken, described(bytes, { ...composed, crc32c: "AAAAAA==" })],
    "exists",
  ],
  ["another's, after 429 did nothing", [fail(429, "rateLimitExceeded"), taken], "exists"],
  ["gone again", [reset, taken, fail(404, "notFound", "No such object: b/a")], "exists"],
])("an object found after a lost answer is %s", async (_, script, outcome) => {
  const double = await gcsDouble(...script);
  expect(await storeOf(double).createIfAbsent("a", bytes)).toBe(outcome);
  expect(double.requests).toHaveLength(script.length);
});

test("a service that keeps other bytes than it was sent is found out", async () => {
  const double = await gcsDouble(described(Buffer.from("123456780")));
  await expect(storeOf(double).createIfAbsent("a", bytes)).rejects.toMatchObject({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
  });
});

const large = randomBytes(900_000);
const begun: Step = (answer, request) =>
  json(200, {}, { location: `http://${request.headers.host}/session?upload_id=1` })(answer, request);
const arrived = (count: number): Step => json(308, {}, count === 0 ? {} : { range: `bytes=0-${count - 1}` });

function inParts(double: Double, names: string[] = []) {
  return storeOf(double, { resumableBytes: 100_000, checkpoint: (name) => void names.push(name) });
}

test("an upload session goes on where the service left off, however often it breaks", async () => {
  const names: string[] = [];
  const double = await gcsDouble(
    begun,
    reset,
    arrived(262_144),
    fail(503),
    arrived(786_432),
    described(large),
  );
  expect(await inParts(double, names).createIfAbsent("a", large)).toBe("created");
  const puts = double.requests.filter(({ method }) => method === "PUT");
  expect(puts.map(({ headers }) => headers["content-range"])).toEqual([
    "bytes 0-899999/900000",
    "bytes */900000",
    "bytes 262144-899999/900000",
    "bytes */900000",
    "bytes 786432-899999/900000",
  ]);
  expect(puts[4]?.body.equals(large.subarray(786_432))).toBe(true);
  expect(names).toEqual(["sending a", "begun a", "half a", "half a", "created a"]);
});

test("a session that was complete, or is no more, is seen as such", async () => {
  const complete = await gcsDouble(begun, reset, described(large));
  expect(await inParts(complete).createIfAbsent("a", large)).toBe("created");
  for (const gone of [[fail(410)], [fail(503), fail(404)]]) {
    const double = await gcsDouble(begun, reset, ...gone, begun, described(large));
    expect(await inParts(double).createIfAbsent("a", large)).toBe("created");
  }
  const partly = await gcsDouble(begun, arrived(262_144), arrived(262_144), described(large));
  expect(await inParts(partly).createIfAbsent("a", large)).toBe("created");
  expect(partly.requests[3]?.headers["content-range"]).toBe("bytes 262144-899999/900000");
  const ended = await gcsDouble(begun, fail(410), begun, described(large));
  expect(await inParts(ended).createIfAbsent("a", large)).toBe("created");
  const lost = await gcsDouble(begun, reset, fail(404), begun, taken, described(large));
  expect(await inParts(lost).createIfAbsent("a", large)).toBe("created");
});

test("a session is never told a token when it is another server's", async () => {
  const other = await gcsDouble(described(large));
  const double = await gcsDouble(json(200, {}, { location: `${other.endpoint}/session?upload_id=1` }));
  expect(await inParts(double).createIfAbsent("a", large)).toBe("created");
  expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
});

test("a file that is missing or shrinks is named, and nothing is created", async () => {
  const file = join(await temporaryFolder(), "part");
  const double = await gcsDouble();
  await expect(storeOf(double).createIfAbsent("a", { file })).rejects.toMatchObject({
    kind: "destination",
    code: "WORK_FOLDER",
    message: expect.stringContaining("part"),
  });
  await writeFile(file, large);
  const store = storeOf(double, { checkpoint: () => truncate(file, 300_000) });
  await expect(store.createIfAbsent("a", { file })).rejects.toMatchObject({
    code: "OBJECT_CHECKSUM",
    message: expect.stringContaining("shorter"),
  });
  expect(double.requests).toEqual([]);
});

test("what a checkpoint throws ends the upload at once", async () => {
  const double = await gcsDouble();
  const died = new Error("killed here");
  const store = storeOf(double, {
    checkpoint: (name) => {
      if (name === "half a") throw died;
    },
  });
  await expect(store.createIfAbsent("a", large)).rejects.toBe(died);
});
