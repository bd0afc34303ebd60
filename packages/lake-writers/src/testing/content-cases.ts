import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ObjectInfo } from "../store/object-store.ts";
import { readObject } from "../store/read.ts";
import { keysOf, largeBody, read, sha256, sha256Of, type Subject, text } from "./subject.ts";

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

/** What goes in comes out, is listed, and never changes. */
export function contentCases(subject: Subject): void {
  test("an empty store has nothing", async () => {
    expect(subject.store.url).toMatch(/^[a-z0-9]+:\/\//);
    expect(await keysOf(subject.store, "")).toEqual([]);
    expect(await subject.store.head("nothing/here")).toBeUndefined();
    await subject.store.delete("nothing/here");
  });

  test("whoever creates a key first wins, and the object never changes", async () => {
    expect(await subject.store.createIfAbsent("first/a.json", text("one"))).toBe("created");
    expect(
      await subject.store.createIfAbsent("first/a.json", text("two"), { contentType: "application/json" }),
    ).toBe("exists");
    expect(await read(subject.store, "first/a.json")).toBe("one");
  });

  test("bytes come back exactly, also none and all values", async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    expect(await subject.store.createIfAbsent("exact/all", all)).toBe("created");
    expect(Buffer.from((await readObject(subject.store, "exact/all")) ?? []).equals(all)).toBe(true);
    expect(await subject.store.createIfAbsent("exact/empty", new Uint8Array())).toBe("created");
    expect(await read(subject.store, "exact/empty")).toBe("");
    expect(await subject.store.head("exact/empty")).toMatchObject({ bytes: 0 });
    expect(await subject.store.createIfAbsent("exact/empty", text("more"))).toBe("exists");
    const file = join(subject.folder, "empty");
    await writeFile(file, "");
    expect(await subject.store.createIfAbsent("exact/empty-file", { file })).toBe("created");
    expect(await read(subject.store, "exact/empty-file")).toBe("");
    const view = all.subarray(10, 20);
    await subject.store.createIfAbsent("exact/view", view);
    expect(Buffer.from((await readObject(subject.store, "exact/view")) ?? []).equals(view)).toBe(true);
  });

  test("a large object, from memory and from a file", async () => {
    const large = randomBytes(subject.largeBytes);
    const file = join(subject.folder, "large");
    await writeFile(file, large);
    const expected = sha256(large);
    await subject.store.createIfAbsent("large/memory", large);
    await subject.store.createIfAbsent("large/file", { file });
    for (const key of ["large/memory", "large/file"]) {
      expect(await sha256Of(subject.store, key)).toBe(expected);
      expect(await subject.store.head(key)).toMatchObject({ key, bytes: subject.largeBytes });
    }
    await writeFile(join(subject.folder, "other"), "other");
    expect(await subject.store.createIfAbsent("large/file", { file: join(subject.folder, "other") })).toBe(
      "exists",
    );
    expect(await subject.store.head("large/file")).toMatchObject({ bytes: subject.largeBytes });
  });

  test("head and list tell size and time", async () => {
    await subject.store.createIfAbsent("info/a", text("12345"));
    const listed: ObjectInfo[] = [];
    for await (const info of subject.store.list("info/")) listed.push(info);
    expect(listed).toMatchObject([{ key: "info/a", bytes: 5 }]);
    const head = await subject.store.head("info/a");
    expect(head).toMatchObject({ key: "info/a", bytes: 5 });
    // Clocks of services differ from ours, by far less than an hour.
    expect(Math.abs(Date.now() - (head?.createdAt.getTime() ?? 0))).toBeLessThan(3_600_000);
  });

  test("lists by prefix, also one that ends inside a name, in key order", async () => {
    const all = ["list/a/1", "list/a/10", "list/a/2", "list/ab", "list/a-b", "list/b/c/d"];
    for (const key of all) await subject.store.createIfAbsent(key, text(key));
    const sorted = ["list/a-b", "list/a/1", "list/a/10", "list/a/2", "list/ab", "list/b/c/d"];
    expect(await keysOf(subject.store, "list/")).toEqual(sorted);
    expect(await keysOf(subject.store, "list/a")).toEqual(sorted.slice(0, 5));
    expect(await keysOf(subject.store, "list/a/")).toEqual(sorted.slice(1, 4));
    expect(await keysOf(subject.store, "list/a/1")).toEqual(sorted.slice(1, 3));
    expect(await keysOf(subject.store, "list/b/c/d")).toEqual(["list/b/c/d"]);
    expect(await keysOf(subject.store, "list/b/c/d/")).toEqual([]);
    expect(await keysOf(subject.store, "list/c")).toEqual([]);
    expect(await keysOf(subject.store, "lis")).toEqual(sorted);
  });

  test(`lists ${subject.manyObjects} objects completely and in order`, async () => {
    const expected = Array.from(
      { length: subject.manyObjects },
      (_, n) => `many/${String(n).padStart(8, "0")}`,
    );
    const left = expected.toReversed();
    const worker = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        await subject.store.createIfAbsent(key, text(key));
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    expect(await keysOf(subject.store, "many/")).toEqual(expected);
  });

  test("odd keys are keys like any other", async () => {
    for (const key of ODD_KEYS.toReversed()) {
      expect(await subject.store.createIfAbsent(key, text(key))).toBe("created");
    }
    expect(await keysOf(subject.store, "odd/")).toEqual(ODD_KEYS);
    for (const key of ODD_KEYS) {
      expect(await read(subject.store, key)).toBe(key);
      expect(await subject.store.head(key)).toMatchObject({ key });
      expect(await keysOf(subject.store, key)).toContain(key);
    }
    for (const key of ODD_KEYS) await subject.store.delete(key);
    expect(await keysOf(subject.store, "odd/")).toEqual([]);
  });

  test("a deleted object is gone, and its key is free again", async () => {
    await subject.store.createIfAbsent("gone/a", text("1"));
    await subject.store.createIfAbsent("gone/ab", text("2"));
    await subject.store.delete("gone/a");
    await subject.store.delete("gone/a");
    expect(await subject.store.head("gone/a")).toBeUndefined();
    expect(await keysOf(subject.store, "gone/")).toEqual(["gone/ab"]);
    expect(await subject.store.createIfAbsent("gone/a", text("3"))).toBe("created");
    expect(await read(subject.store, "gone/a")).toBe("3");
  });

  test("reading what is not there is an error with a code", async () => {
    const drain = async (): Promise<void> => {
      for await (const _ of subject.store.get("missing/object")) break;
    };
    await expect(drain()).rejects.toMatchObject({
      name: "EtlError",
      kind: "integrity",
      code: "OBJECT_NOT_FOUND",
      message: expect.stringContaining("missing/object"),
    });
  });

  test("an object may come with its hash, a type and facts about it", async () => {
    const body = largeBody(subject.largeBytes, 2);
    const about = {
      contentType: "application/zstd",
      metadata: { "run-id": "20261122t043501z-9f3a1c", collection: "launches" },
    };
    for (const [key, content] of [
      ["about/small", body.subarray(0, 100)],
      ["about/large", body],
    ] as const) {
      const options = { ...about, sha256: sha256(content) };
      expect(await subject.store.createIfAbsent(key, content, options)).toBe("created");
      expect(await sha256Of(subject.store, key)).toBe(sha256(content));
      expect(await subject.store.createIfAbsent(key, content, options)).toBe("exists");
    }
  });
}
