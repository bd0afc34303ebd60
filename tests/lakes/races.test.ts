import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { MANIFEST_VERSION, type RequestDocument, requestDocumentSchema } from "@spacex-etl/contracts";
import { commitDocument, type ObjectStore, verify } from "@spacex-etl/lake-writers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../harness/random.ts";
import { openSite } from "../harness/site.ts";
import {
  type Bucket,
  openBucket,
  type ServerKind,
  showLogOfFailures,
  STRICT_SERVERS,
} from "./harness/bucket.ts";
import { LARGE_BYTES } from "./harness/large-body.ts";
import { bytesOf, committedContent, keysOf } from "./harness/lake.ts";

/** Same seed, same delays; another one with RACE_SEED, more of them with RACE_ROUNDS. */
const SEED = Number(process.env["RACE_SEED"] ?? 20261122);
const ROUNDS = Number(process.env["RACE_ROUNDS"] ?? 4);

const WRITERS = 16;
/** Each holds its whole body. */
const LARGE_WRITERS = 4;

/** moto's preconditions hold under a race as those of S3; it takes no part where processes run. */
const ALL_SERVERS: readonly ServerKind[] = ["moto", ...STRICT_SERVERS];

describe.each(ALL_SERVERS)("%s", (kind) => {
  let bucket: Bucket;
  beforeAll(async () => {
    bucket = await openBucket(kind);
  });
  afterAll(() => bucket?.[Symbol.asyncDispose]());
  showLogOfFailures(() => bucket);

  /** moto's and fake-gcs-server's simple creations are atomic by themselves. */
  const opened = (prefix: string): Promise<ObjectStore> =>
    kind === "versitygw" ? bucket.open(prefix) : bucket.openDirectly(prefix);

  /** Stores with connections of their own, as processes have them. */
  async function writers<T>(
    count: number,
    work: (store: ObjectStore, n: number) => Promise<T>,
    open = opened,
  ): Promise<T[]> {
    const stores = await Promise.all(Array.from({ length: count }, () => open("races")));
    try {
      // The first request opens the connection; the race is about the second.
      await Promise.all(stores.map((store) => store.head("nothing")));
      return await Promise.all(stores.map(work));
    } finally {
      await Promise.all(stores.map((store) => store[Symbol.asyncDispose]?.()));
    }
  }

  test(`of ${WRITERS} writers of one object exactly one wins, and all see its content`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const key = `object-${round}`;
      const seen = await writers(WRITERS, async (store, n) => {
        const outcome = await store.createIfAbsent(key, Buffer.from(`writer ${n}`.padEnd(2_000, ".")));
        return { n, outcome, content: (await bytesOf(store, key)).toString() };
      });
      const winners = seen.filter(({ outcome }) => outcome === "created");
      expect(winners).toHaveLength(1);
      expect(new Set(seen.map(({ content }) => content.replace(/\.+$/, "")))).toEqual(
        new Set([`writer ${winners[0]?.n}`]),
      );
    }
  });

  test(`of ${WRITERS} writers of one manifest exactly one commits, and all adopt it`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const runId = `run-${round}`;
      const committed = await writers(WRITERS, async (store, n) => {
        const document: RequestDocument = {
          version: MANIFEST_VERSION,
          kind: "request",
          runId,
          request: { source: `writer-${n}`, collections: [] },
        };
        const key = `runs/${runId}/request.json`;
        return commitDocument(store, key, requestDocumentSchema, document, { checkpoint: () => undefined });
      });
      expect(committed.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(committed.map(({ ref }) => ref.sha256)).size).toBe(1);
      expect(new Set(committed.map(({ document }) => document.request.source)).size).toBe(1);
    }
  });

  test(`of ${LARGE_WRITERS} writers of one large object exactly one wins, and nothing is left of the others`, async () => {
    const bodies = Array.from({ length: LARGE_WRITERS }, () => randomBytes(LARGE_BYTES));
    const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    const outcomes = await writers(
      LARGE_WRITERS,
      (store, n) => store.createIfAbsent("large", bodies[n] ?? Buffer.alloc(0)),
      bucket.open,
    );
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    const store = await bucket.openDirectly("races");
    const winner = bodies[outcomes.indexOf("created")] ?? Buffer.alloc(0);
    expect(hash(await bytesOf(store, "large"))).toBe(hash(winner));
    expect(await bucket.unfinishedUploads()).toEqual([]);
    await store[Symbol.asyncDispose]?.();
  });
});

describe.each(STRICT_SERVERS)("whole processes on %s", (kind) => {
  let bucket: Bucket;
  beforeAll(async () => {
    bucket = await openBucket(kind);
  });
  afterAll(() => bucket?.[Symbol.asyncDispose]());
  showLogOfFailures(() => bucket);

  test(`two of one run id end with one committed run and exit code 0 (seed ${SEED})`, async () => {
    const next = random(SEED);
    const collections = "company,crew,landpads,launches";
    await using alone = await openSite({ collections, env: { LAKE_URL: bucket.directUrl("alone") } });
    for (const step of ["extract", "normalize"]) {
      const { code, output } = await alone.step(`${step} --run-id r1`);
      expect(code, output).toBe(0);
    }
    const undisturbed = await bucket.openDirectly("alone");
    const expected = await committedContent(undisturbed, "r1");
    for (let round = 0; round < ROUNDS; round++) {
      const prefix = `together-${round}`;
      await using site = await openSite({
        collections,
        env: { LAKE_URL: bucket.url(prefix) },
        processes: true,
      });
      const delayMs = round === 0 ? 0 : Math.round(next() * 400);
      const where = `round ${round}, the second ${delayMs} ms after the first`;
      for (const step of ["extract", "normalize"]) {
        const both = await Promise.all([
          site.step(`${step} --run-id r1`),
          sleep(delayMs).then(() => site.step(`${step} --run-id r1`)),
        ]);
        for (const { code, output } of both) expect(code, `${where}: ${output}`).toBe(0);
      }
      const store = await bucket.openDirectly(prefix);
      expect((await verify({ store })).findings, where).toEqual([]);
      expect(await committedContent(store, "r1"), where).toEqual(expected);
      const keys = async (from: ObjectStore): Promise<string[]> =>
        (await keysOf(from)).filter((key) => !key.startsWith("heads/"));
      expect(await keys(store), `${where}: nothing but the run`).toEqual(await keys(undisturbed));
      await store[Symbol.asyncDispose]?.();
    }
    await undisturbed[Symbol.asyncDispose]?.();
  });
});
