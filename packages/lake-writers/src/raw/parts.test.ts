import { sha256Hex, type RawPart } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { allKeys, temporaryLake, textOf } from "../../test/lake.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { partWriter, type PartWriterOptions } from "./parts.ts";
import { slots } from "./slots.ts";

const at = { source: "shop", collection: "orders", runId: "r1" };

function optionsOf(store: ObjectStore, more: Partial<PartWriterOptions> = {}): PartWriterOptions {
  return {
    store,
    at,
    compression: "zstd",
    partBytes: 1000,
    previous: [],
    slots: slots(2),
    checkpoint: () => undefined,
    signal: undefined,
    ...more,
  };
}

/** Writes the lines, each from a buffer that is overwritten right after, as a source may do. */
async function write(options: PartWriterOptions, lines: readonly string[]): Promise<RawPart[]> {
  const writer = partWriter(options);
  for (const [index, line] of lines.entries()) {
    const bytes = Buffer.from(`<<${line}>>`);
    await writer.add(bytes, 2, bytes.length - 2, `key-${index}`);
    bytes.fill(0);
  }
  return writer.finish();
}

test("a part closes with the record that reaches the limit, and holds the exact lines", async () => {
  const store = await temporaryLake();
  const lines = Array.from({ length: 25 }, (_, n) => `{"id":"${n}","pad":"${"ü".repeat(45)}"}`);
  const parts = await write(optionsOf(store), lines);
  const texts = await Promise.all(parts.map((part) => textOf(store, part)));
  expect(texts.join("")).toBe(lines.map((line) => `${line}\n`).join(""));
  for (const [index, part] of parts.entries()) {
    const text = texts[index] as string;
    expect(part.contentBytes).toBe(Buffer.byteLength(text));
    expect(part.contentSha256).toBe(sha256Hex(text));
    expect(part.rows).toBe(text.split("\n").length - 1);
    if (index < parts.length - 1) expect(part.contentBytes).toBeGreaterThanOrEqual(1000);
    expect(part.contentBytes - Buffer.byteLength(lines.at(-1) as string)).toBeLessThan(1000 + 2);
  }
  expect(parts.map(({ firstKey }) => firstKey)).toEqual(["key-0", "key-10", "key-20"]);
  expect(parts.map(({ lastKey }) => lastKey)).toEqual(["key-9", "key-19", "key-24"]);
});

test("records larger than a part, and than its buffer, make parts of their own", async () => {
  const store = await temporaryLake();
  const lines = [
    '{"id":1}',
    `{"id":2,"pad":"${"x".repeat(300_000)}"}`,
    '{"id":3}',
    `"${"y".repeat(1200)}"`,
    "4",
  ];
  const parts = await write(optionsOf(store), lines);
  expect(parts.map(({ rows }) => rows)).toEqual([2, 2, 1]);
  const texts = await Promise.all(parts.map((part) => textOf(store, part)));
  expect(texts.join("")).toBe(lines.map((line) => `${line}\n`).join(""));
});

test("line breaks between tokens become spaces, so that one record stays one line", async () => {
  const store = await temporaryLake();
  const parts = await write(optionsOf(store), ['{\r\n  "id": "a\\nb"\n}\n']);
  expect(await textOf(store, parts[0] as RawPart)).toBe('{    "id": "a\\nb" } \n');
});

test("no records make no part; equal records make equal parts, in any codec", async () => {
  const store = await temporaryLake();
  expect(await write(optionsOf(store), [])).toEqual([]);
  const lines = Array.from({ length: 100 }, (_, n) => `{"id":"${n}"}`);
  const zstd = await write(optionsOf(store), lines);
  expect(await write(optionsOf(store), lines)).toEqual(zstd);
  const keys = await allKeys(store);
  expect(keys).toEqual(zstd.map(({ path }) => path));
  const gzip = await write(optionsOf(store, { compression: "gzip" }), lines);
  expect(gzip.map(({ contentSha256 }) => contentSha256)).toEqual(
    zstd.map(({ contentSha256 }) => contentSha256),
  );
  expect(gzip.every(({ path }) => path.endsWith(".ndjson.gz"))).toBe(true);
  expect(await textOf(store, gzip[0] as RawPart)).toBe(await textOf(store, zstd[0] as RawPart));
});

test("a part that an earlier run has is referenced, unless its object is gone", async () => {
  const store = await temporaryLake();
  const lines = Array.from({ length: 100 }, (_, n) => `{"id":"${n}"}`);
  const previous = await write(optionsOf(store), lines);
  const next = optionsOf(store, { at: { ...at, runId: "r2" }, previous, compression: "gzip" });
  expect(await write(next, lines)).toEqual(previous);
  await store.delete(previous[0]?.path as string);
  const again = await write(next, lines);
  expect(again.map(({ runId }) => runId)).toEqual(["r2", ...previous.slice(1).map(() => "r1")]);
});

test("one part that cannot be stored fails the whole, and nothing is under way after that", async () => {
  const store = await temporaryLake();
  let creating = 0;
  const failing: ObjectStore = {
    ...store,
    async createIfAbsent(key, body) {
      creating++;
      try {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (key.includes("/00001-")) throw new Error("no space");
        return await store.createIfAbsent(key, body);
      } finally {
        creating--;
      }
    },
  };
  const writer = partWriter(optionsOf(failing));
  const line = Buffer.from(`"${"x".repeat(2000)}"`);
  const writing = (async () => {
    for (let n = 0; n < 50; n++) await writer.add(line, 0, line.length, `${n}`);
    await writer.finish();
  })();
  await expect(writing).rejects.toThrow("no space");
  await writer.abandon();
  expect(creating).toBe(0);
  expect((await allKeys(store)).length).toBeLessThan(10);
});

test("writers that share slots never have more parts under way than there are", async () => {
  const store = await temporaryLake();
  let creating = 0;
  let most = 0;
  const counting: ObjectStore = {
    ...store,
    async createIfAbsent(key, body) {
      most = Math.max(most, ++creating);
      await new Promise((resolve) => setTimeout(resolve, 2));
      creating--;
      return store.createIfAbsent(key, body);
    },
  };
  const shared = slots(2);
  const lines = Array.from({ length: 8 }, (_, n) => `"${n}${"x".repeat(1000)}"`);
  const all = await Promise.all(
    ["a", "b", "c", "d"].map((collection) =>
      write(optionsOf(counting, { slots: shared, at: { ...at, collection } }), lines),
    ),
  );
  expect(all.map((parts) => parts.length)).toEqual([8, 8, 8, 8]);
  expect(most).toBe(2);
  for (const parts of all) {
    const texts = await Promise.all(parts.map((part) => textOf(store, part)));
    expect(texts.join("")).toBe(lines.map((line) => `${line}\n`).join(""));
  }
});

test("with several uploads at once parts are told of in their order, whichever arrives first", async () => {
  const lake = await temporaryLake();
  let left = 4;
  const backwards: ObjectStore = {
    ...lake,
    async createIfAbsent(key, body, create) {
      // The later it was begun, the sooner it is there.
      const delay = 20 * left--;
      await new Promise((resolve) => setTimeout(resolve, delay));
      return lake.createIfAbsent(key, body, create);
    },
  };
  const heard: [number, string][] = [];
  const lines = Array.from({ length: 4 }, (_, n) => `{"id":"${n}","pad":"${"x".repeat(1000)}"}`);
  const parts = await write(
    optionsOf(backwards, {
      slots: slots(4),
      onPart: ({ path }, sequence) => void heard.push([sequence, path]),
    }),
    lines,
  );
  expect(parts).toHaveLength(4);
  expect(heard).toEqual(parts.map(({ path }, sequence) => [sequence, path]));
});
