import { createHash, randomBytes } from "node:crypto";
import { EtlError } from "@spacex-etl/contracts";
import type { ObjectStore, OpenLakeOptions } from "@spacex-etl/lake-writers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultRule, ProxyFault } from "../harness/proxy-faults.ts";
import { type Bucket, openBucket, showLogOfFailures, STRICT_SERVERS } from "./harness/bucket.ts";
import { LARGE_BYTES } from "./harness/large-body.ts";
import { ENDLESS_FAULTS, FAULTS, nameOf } from "./harness/store-faults.ts";

const UPLOADS = /^(PUT|POST)$/;
/** A request that stalls is given up after so long, in ms. */
const QUICK: OpenLakeOptions = { s3: { stallMs: 400 }, gcs: { stallMs: 400 } };
/** Soon after its first failure a call gives up. */
const IMPATIENT: OpenLakeOptions = {
  s3: { stallMs: 400, deadlineMs: 1_000 },
  gcs: { stallMs: 400, deadlineMs: 1_000 },
};

const small = randomBytes(50_000);
const large = randomBytes(LARGE_BYTES);
const bodies = { "a small object": small, "a large object": large } as const;

describe.each(STRICT_SERVERS)("between a store and %s", (kind) => {
  let bucket: Bucket;
  let store: ObjectStore;
  let patient: ObjectStore;
  let number = 0;

  beforeAll(async () => {
    bucket = await openBucket(kind);
    store = await bucket.open("lake", QUICK);
    patient = await bucket.open("lake");
  });
  afterAll(async () => {
    await store?.[Symbol.asyncDispose]?.();
    await patient?.[Symbol.asyncDispose]?.();
    await bucket?.[Symbol.asyncDispose]();
  });
  showLogOfFailures(() => bucket);

  const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

  async function read(key: string, from = store): Promise<string> {
    const hash = createHash("sha256");
    for await (const chunk of from.get(key)) hash.update(chunk);
    return hash.digest("hex");
  }

  /** How many requests one undisturbed upload takes. */
  async function requestsOf(body: Uint8Array): Promise<number> {
    bucket.proxy.setRules([]);
    bucket.proxy.clear();
    expect(await patient.createIfAbsent(`undisturbed/${number++}`, body)).toBe("created");
    return bucket.proxy.requests.filter(({ method }) => UPLOADS.test(method)).length;
  }

  /** An upload during which the rule holds is created once, whole, and leaves nothing else. */
  async function expectCreated(body: Uint8Array, rule: FaultRule, where: string): Promise<void> {
    const key = `disturbed/${number++}`;
    bucket.proxy.setRules([rule]);
    bucket.proxy.clear();
    expect(await store.createIfAbsent(key, body, { sha256: sha256(body) }), where).toBe("created");
    expect(
      bucket.proxy.requests.some(({ fault }) => fault !== undefined),
      `${where}: the fault was there`,
    ).toBe(true);
    bucket.proxy.setRules([]);
    expect(await read(key), where).toBe(sha256(body));
    // An upload whose beginning nobody heard of is known to the server alone, until it is swept.
    const unknown = bucket.proxy.requests.some(
      ({ fault, path }) => fault === "reset-after" && /[?&]uploads\b/.test(path),
    );
    expect(await bucket.unfinishedUploads(), where).toEqual(unknown ? [`lake/${key}`] : []);
    if (unknown) expect(await store.sweep?.(new Date(Date.now() + 60_000))).toBe(1);
    expect(await bucket.unfinishedUploads(), where).toEqual([]);
  }

  describe.each(Object.entries(bodies))("%s", (_, body) => {
    test.each(FAULTS.map((fault) => ({ fault, what: nameOf(fault) })))(
      "is created once and whole with $what at any request",
      async ({ fault }) => {
        const requests = await requestsOf(body);
        for (let nth = 1; nth <= requests; nth++) {
          const rule = { fault, method: UPLOADS, when: { nth } };
          await expectCreated(body, rule, `${nameOf(fault)} at request ${nth} of ${requests}`);
        }
      },
    );

    test("changed on its way is refused by the server, and sent again", async () => {
      const fault: ProxyFault = { kind: "corrupt-upload" };
      const rule = { fault, method: body === large ? /^PUT$/ : UPLOADS, when: { nth: 1 } };
      await expectCreated(body, rule, "a changed byte");
      const refused = bucket.proxy.requests.find((request) => request.fault === "corrupt-upload");
      // GCS compares when the body is whole; a resumed session may begin again only then.
      expect(refused?.status).toBeGreaterThanOrEqual(400);
    });

    test.each(ENDLESS_FAULTS)(
      "always disturbed by $what ends with $code and leaves nothing",
      async (outage) => {
        const { fault } = outage;
        const { errorKind, code } = outage[bucket.server.service] ?? outage;
        await using impatient = await opened(IMPATIENT);
        const method = fault.kind === "corrupt-upload" && body === large ? /^PUT$/ : UPLOADS;
        bucket.proxy.setRules([{ fault, method, when: { probability: 1 } }]);
        const key = `never/${number++}`;
        const error: unknown = await impatient.store
          .createIfAbsent(key, body)
          .catch((thrown: unknown) => thrown);
        expect(EtlError.isInstance(error) && { kind: error.kind, code: error.code }).toEqual({
          kind: errorKind,
          code,
        });
        expect(error).toMatchObject({
          message: expect.stringContaining(key),
          hint: expect.stringMatching(/\w{3}/),
        });
        bucket.proxy.setRules([]);
        expect(await store.head(key)).toBeUndefined();
        expect(await bucket.unfinishedUploads()).toEqual([]);
      },
    );

    test("is read whole whatever happens to an answer", async () => {
      const key = `read/${number++}`;
      bucket.proxy.setRules([]);
      await store.createIfAbsent(key, body);
      const trickle: ProxyFault = { kind: "trickle", pieceBytes: Math.ceil(body.length / 20), everyMs: 5 };
      for (const fault of [...FAULTS, trickle, { kind: "truncate" } as const]) {
        if (fault.kind === "cut-upload") continue;
        bucket.proxy.setRules([{ fault, method: /^GET$/, when: { nth: 1, count: 2 } }]);
        expect(await read(key), fault.kind).toBe(sha256(body));
      }
    });

    test("stopped by its caller leaves nothing", async () => {
      const key = `stopped/${number++}`;
      const requests = await requestsOf(body);
      for (let nth = 1; nth <= requests; nth++) {
        bucket.proxy.setRules([{ fault: { kind: "stall" }, method: UPLOADS, when: { nth } }]);
        bucket.proxy.clear();
        const controller = new AbortController();
        const reason = new Error("stopped by the test");
        const creating = patient.createIfAbsent(key, body, { signal: controller.signal });
        const settled = creating.catch((thrown: unknown) => thrown);
        await expect.poll(() => bucket.proxy.requests.some(({ fault }) => fault === "stall")).toBe(true);
        controller.abort(reason);
        expect(await settled, `at request ${nth} of ${requests}`).toBe(reason);
        bucket.proxy.setRules([]);
        const begun = bucket.proxy.requests.some(
          ({ status, path }) => status === 200 && /[?&]uploads\b/.test(path),
        );
        const aborted = bucket.proxy.requests.filter(({ method }) => method === "DELETE");
        expect(aborted.length > 0, `at request ${nth} of ${requests}`).toBe(begun);
        // A part that was on its way may arrive after the abort and bring the upload back, see
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html: then it is swept.
        await expect
          .poll(async () => {
            await store.sweep?.(new Date(Date.now() + 60_000));
            return bucket.unfinishedUploads();
          })
          .toEqual([]);
        expect(await store.head(key)).toBeUndefined();
      }
    });
  });

  test("an answer that is lost does not turn another's object into ours", async () => {
    for (const body of [small, large]) {
      const key = `theirs/${number++}`;
      bucket.proxy.setRules([]);
      const theirs = Buffer.from(body).reverse();
      await store.createIfAbsent(key, theirs);
      bucket.proxy.setRules(
        [{ fault: { kind: "reset-after" }, method: UPLOADS, when: { probability: 0.5, limit: 2 } }],
        7,
      );
      expect(await store.createIfAbsent(key, body)).toBe("exists");
      bucket.proxy.setRules([]);
      expect(await read(key)).toBe(sha256(theirs));
    }
  });

  test("lists, looks and deletes through bursts and resets", async () => {
    bucket.proxy.setRules([]);
    const keys = ["few/a", "few/b", "few/c"];
    for (const key of keys) await store.createIfAbsent(key, small);
    for (const fault of FAULTS.filter(({ kind: fault }) => fault !== "cut-upload")) {
      bucket.proxy.setRules([{ fault, when: { nth: 1 } }]);
      const listed: string[] = [];
      for await (const { key } of store.list("few/")) listed.push(key);
      expect(listed, fault.kind).toEqual(keys);
      bucket.proxy.setRules([{ fault, when: { nth: 1 } }]);
      expect(await store.head("few/a"), fault.kind).toMatchObject({ bytes: small.length });
    }
    for (const key of keys) {
      bucket.proxy.setRules([{ fault: { kind: "reset-after" }, when: { nth: 1 } }]);
      await store.delete(key);
    }
    for (const key of keys) expect(await store.head(key)).toBeUndefined();
  });

  test("Retry-After is waited for", async () => {
    const key = `later/${number++}`;
    bucket.proxy.setRules([
      { fault: { kind: "busy", status: 429, retryAfterSeconds: 1 }, method: UPLOADS, when: { nth: 1 } },
    ]);
    const since = performance.now();
    await store.createIfAbsent(key, small);
    expect(performance.now() - since).toBeGreaterThanOrEqual(1_000);
  });

  async function opened(
    options: OpenLakeOptions,
  ): Promise<{ readonly store: ObjectStore; [Symbol.asyncDispose](): Promise<void> }> {
    const own = await bucket.open("lake", options);
    return { store: own, [Symbol.asyncDispose]: async () => own[Symbol.asyncDispose]?.() };
  }
});
