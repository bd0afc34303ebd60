import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { readObject } from "../store/read.ts";

/** The store under test. */
export interface ObjectStoreSuiteOptions {
  /** Stands in the names of the tests. */
  readonly name: string;
  /** An empty store; called once. */
  readonly open: () => Promise<{ readonly store: ObjectStore; cleanup(): Promise<void> }>;
  /** Size of the large object in bytes. @default 20 MiB */
  readonly largeBytes?: number | undefined;
  /** Objects under one prefix, so that a listing has more than one page. @default 2000 */
  readonly manyObjects?: number | undefined;
}

const CREATORS = 16;
/** Legal in every store: no control characters, no empty segment. By UTF-8 bytes, in this order. */
const ODD_KEYS = [
  "odd/.hidden",
  "odd/a b/c+d=e&f.json",
  "odd/a-b",
  "odd/a.b..c",
  "odd/a/b",
  "odd/a0",
  "odd/percent%20%2F",
  "odd/quote'\"(1)[x]{y}#?*",
  "odd/run=20261122t043501z-9f3a1c/00000-0123456789abcdef.ndjson.zst",
  "odd/tilde~",
  "odd/zoë/日本語.json",
  "odd/～.txt",
  "odd/🚀.txt",
];

/** What a lake relies on, as tests: every driver of {@link ObjectStore} passes them against its real service. */
export function testObjectStore(options: ObjectStoreSuiteOptions): void {
  const largeBytes = options.largeBytes ?? 20 * 1024 * 1024;
  const manyObjects = options.manyObjects ?? 2000;

  describe(`object store: ${options.name}`, () => {
    let store: ObjectStore;
    let cleanup: () => Promise<void>;
    let folder: string;

    beforeAll(async () => {
      ({ store, cleanup } = await options.open());
      folder = await mkdtemp(join(tmpdir(), "object-store-"));
    });
    afterAll(async () => {
      await cleanup?.();
      await rm(folder, { recursive: true, force: true });
    });

    const text = (content: string): Uint8Array => Buffer.from(content);
    const read = async (key: string): Promise<string | undefined> => {
      const bytes = await readObject(store, key);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
    };
    const keys = async (prefix: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const { key } of store.list(prefix)) found.push(key);
      return found;
    };

    test("an empty store has nothing", async () => {
      expect(store.url).toMatch(/^[a-z0-9]+:\/\//);
      expect(await keys("")).toEqual([]);
      expect(await store.head("nothing/here")).toBeUndefined();
      await store.delete("nothing/here");
    });

    test("whoever creates a key first wins, and the object never changes", async () => {
      expect(await store.createIfAbsent("first/a.json", text("one"))).toBe("created");
      expect(
        await store.createIfAbsent("first/a.json", text("two"), { contentType: "application/json" }),
      ).toBe("exists");
      expect(await read("first/a.json")).toBe("one");
    });

    test("bytes come back exactly, also none and all values", async () => {
      const all = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
      expect(await store.createIfAbsent("exact/all", all)).toBe("created");
      expect(Buffer.from((await readObject(store, "exact/all")) ?? []).equals(all)).toBe(true);
      expect(await store.createIfAbsent("exact/empty", new Uint8Array())).toBe("created");
      expect(await read("exact/empty")).toBe("");
      expect(await store.head("exact/empty")).toMatchObject({ bytes: 0 });
      expect(await store.createIfAbsent("exact/empty", text("more"))).toBe("exists");
      const view = all.subarray(10, 20);
      await store.createIfAbsent("exact/view", view);
      expect(Buffer.from((await readObject(store, "exact/view")) ?? []).equals(view)).toBe(true);
    });

    test("a large object, from memory and from a file", async () => {
      const large = randomBytes(largeBytes);
      const file = join(folder, "large");
      await writeFile(file, large);
      const expected = createHash("sha256").update(large).digest("hex");
      await store.createIfAbsent("large/memory", large);
      await store.createIfAbsent("large/file", { file });
      for (const key of ["large/memory", "large/file"]) {
        const hash = createHash("sha256");
        for await (const chunk of store.get(key)) hash.update(chunk);
        expect(hash.digest("hex")).toBe(expected);
        expect(await store.head(key)).toMatchObject({ key, bytes: largeBytes });
      }
      await writeFile(join(folder, "other"), "other");
      expect(await store.createIfAbsent("large/file", { file: join(folder, "other") })).toBe("exists");
      expect(await store.head("large/file")).toMatchObject({ bytes: largeBytes });
    });

    test("head and list tell size and time", async () => {
      await store.createIfAbsent("info/a", text("12345"));
      const listed: ObjectInfo[] = [];
      for await (const info of store.list("info/")) listed.push(info);
      expect(listed).toMatchObject([{ key: "info/a", bytes: 5 }]);
      const head = await store.head("info/a");
      expect(head).toMatchObject({ key: "info/a", bytes: 5 });
      // Clocks of services differ from ours, by far less than an hour.
      expect(Math.abs(Date.now() - (head?.createdAt.getTime() ?? 0))).toBeLessThan(3_600_000);
    });

    test("lists by prefix, also one that ends inside a name, in key order", async () => {
      const all = ["list/a/1", "list/a/10", "list/a/2", "list/ab", "list/a-b", "list/b/c/d"];
      for (const key of all) await store.createIfAbsent(key, text(key));
      const sorted = ["list/a-b", "list/a/1", "list/a/10", "list/a/2", "list/ab", "list/b/c/d"];
      expect(await keys("list/")).toEqual(sorted);
      expect(await keys("list/a")).toEqual(sorted.slice(0, 5));
      expect(await keys("list/a/")).toEqual(sorted.slice(1, 4));
      expect(await keys("list/a/1")).toEqual(sorted.slice(1, 3));
      expect(await keys("list/b/c/d")).toEqual(["list/b/c/d"]);
      expect(await keys("list/b/c/d/")).toEqual([]);
      expect(await keys("list/c")).toEqual([]);
      expect(await keys("lis")).toEqual(sorted);
    });

    test(`lists ${manyObjects} objects completely and in order`, async () => {
      const expected = Array.from({ length: manyObjects }, (_, n) => `many/${String(n).padStart(8, "0")}`);
      const left = expected.toReversed();
      const worker = async (): Promise<void> => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) {
          await store.createIfAbsent(key, text(key));
        }
      };
      await Promise.all(Array.from({ length: 32 }, worker));
      expect(await keys("many/")).toEqual(expected);
    });

    test("odd keys are keys like any other", async () => {
      for (const key of ODD_KEYS.toReversed()) {
        expect(await store.createIfAbsent(key, text(key))).toBe("created");
      }
      expect(await keys("odd/")).toEqual(ODD_KEYS);
      for (const key of ODD_KEYS) {
        expect(await read(key)).toBe(key);
        expect(await store.head(key)).toMatchObject({ key });
        expect(await keys(key)).toContain(key);
      }
      for (const key of ODD_KEYS) await store.delete(key);
      expect(await keys("odd/")).toEqual([]);
    });

    test("a deleted object is gone, and its key is free again", async () => {
      await store.createIfAbsent("gone/a", text("1"));
      await store.createIfAbsent("gone/ab", text("2"));
      await store.delete("gone/a");
      await store.delete("gone/a");
      expect(await store.head("gone/a")).toBeUndefined();
      expect(await keys("gone/")).toEqual(["gone/ab"]);
      expect(await store.createIfAbsent("gone/a", text("3"))).toBe("created");
      expect(await read("gone/a")).toBe("3");
    });

    test("reading what is not there is an error with a code", async () => {
      const drain = async (): Promise<void> => {
        for await (const _ of store.get("missing/object")) break;
      };
      await expect(drain()).rejects.toMatchObject({
        name: "EtlError",
        kind: "integrity",
        code: "OBJECT_NOT_FOUND",
        message: expect.stringContaining("missing/object"),
      });
    });

    test(`of ${CREATORS} creators at once one wins, and all read the same`, async () => {
      const outcomes = await Promise.all(
        Array.from({ length: CREATORS }, async (_, n) => {
          const outcome = await store.createIfAbsent("race/key", text(`creator ${n}`.padEnd(10_000, ".")));
          return { n, outcome, content: await read("race/key") };
        }),
      );
      const winners = outcomes.filter(({ outcome }) => outcome === "created");
      expect(winners).toHaveLength(1);
      expect(new Set(outcomes.map(({ content }) => content))).toEqual(
        new Set([`creator ${winners[0]?.n}`.padEnd(10_000, ".")]),
      );
    });

    test("an object is not there or whole, never half", async () => {
      const body = randomBytes(largeBytes);
      const state = { done: false };
      const creating = store.createIfAbsent("whole/object", body).finally(() => (state.done = true));
      const sizes = new Set<number | undefined>();
      while (!state.done) {
        sizes.add((await store.head("whole/object"))?.bytes);
        for await (const { bytes } of store.list("whole/")) sizes.add(bytes);
      }
      expect(await creating).toBe("created");
      sizes.delete(undefined);
      sizes.delete(body.length);
      expect([...sizes]).toEqual([]);
      expect(await keys("whole/")).toEqual(["whole/object"]);
    });

    test("an abort stops work and leaves nothing behind", async () => {
      const reason = new Error("stopped by the test");
      const aborted = AbortSignal.abort(reason);
      await expect(store.createIfAbsent("abort/a", text("a"), { signal: aborted })).rejects.toBe(reason);
      expect(await keys("abort/")).toEqual([]);

      await store.createIfAbsent("abort/b", randomBytes(largeBytes));
      const controller = new AbortController();
      const half = async (): Promise<void> => {
        for await (const _ of store.get("abort/b", { signal: controller.signal })) controller.abort(reason);
      };
      await expect(half()).rejects.toBe(reason);
      const drain = async (): Promise<void> => {
        for await (const _ of store.get("abort/b", { signal: aborted })) break;
      };
      await expect(drain()).rejects.toBe(reason);
    });

    test("a reader that stops early does no harm", async () => {
      await store.createIfAbsent("early/a", randomBytes(largeBytes));
      for await (const _ of store.get("early/a")) break;
      for await (const _ of store.list("")) break;
      expect(await store.head("early/a")).toMatchObject({ bytes: largeBytes });
    });
  });
}
