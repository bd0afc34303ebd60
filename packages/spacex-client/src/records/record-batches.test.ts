import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { problemOf } from "../../test/problem.ts";
import { recordBatches, type RecordBatchesOptions } from "./record-batches.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const from = "GET http://127.0.0.1/v5/launches";

async function* inChunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    // A copy each, so that reading beyond a chunk cannot go unnoticed.
    yield bytes.slice(start, cut);
    start = cut;
  }
}

async function slices(
  text: string,
  cuts: readonly number[] = [],
  options: Partial<RecordBatchesOptions> = {},
): Promise<string[]> {
  const records: string[] = [];
  const chunks = inChunks(encoder.encode(text), cuts);
  for await (const { bytes, offsets } of recordBatches(chunks, { shape: "array", from, ...options })) {
    for (let index = 0; index < offsets.length; index += 2)
      records.push(decoder.decode(bytes.slice(offsets[index], offsets[index + 1])));
    // The batch is the scanner's again once the next one is asked for: what it points to may be overwritten.
  }
  return records;
}

test("records are the source's own bytes, whatever they hold", async () => {
  const records = [
    '{"a":1.0,"b":12345678901234567890, "c" : "} ] { [ , \\" \\\\"}',
    '{ "nested" : [ { "x" : [ "]" ] } , [ ] ] , "ü" : "\\u00fc🚀" }',
    "{}",
  ];
  const text = ` [\n ${records.join(" ,\r\n\t")} ] \n`;
  expect(await slices(text)).toEqual(records);
  for (let cut = 0; cut <= encoder.encode(text).length; cut++)
    expect(await slices(text, [cut]), `cut at ${cut}`).toEqual(records);
  const everyByte = Array.from(encoder.encode(text), (_, index) => index);
  expect(await slices(text, everyByte)).toEqual(records);
});

test("an empty list has no records, a single object is one", async () => {
  expect(await slices("[]")).toEqual([]);
  expect(await slices(" [ \n ] ", [0, 1, 2, 3])).toEqual([]);
  expect(await slices(' {"a":{}} \n', [3, 7], { shape: "object" })).toEqual(['{"a":{}}']);
});

test.each([
  ["a page of HTML", "<!doctype html><title>502</title>", "SOURCE_NOT_JSON", true],
  ["a plain text", "Not Found", "SOURCE_NOT_JSON", true],
  ["nothing", "", "SOURCE_TRUNCATED", true],
  ["white space only", " \n ", "SOURCE_TRUNCATED", true],
  ["an object", '{"docs":[]}', "SOURCE_SHAPE", false],
  ["a missing end", '[{"a":1},{"b":2}', "SOURCE_TRUNCATED", true],
  ["an end after a comma", '[{"a":1},', "SOURCE_TRUNCATED", true],
  ["an end inside a string", '[{"a":"x', "SOURCE_TRUNCATED", true],
  ["an end after a backslash", '[{"a":"x\\', "SOURCE_TRUNCATED", true],
  ["a trailing comma", '[{"a":1},]', "SOURCE_NOT_AN_OBJECT", false],
  ["a missing comma", '[{"a":1}{"b":2}]', "SOURCE_TRAILING_BYTES", true],
  ["bytes after the end", '[{"a":1}] <!-- cached -->', "SOURCE_TRAILING_BYTES", true],
  ["a second list", "[][]", "SOURCE_TRAILING_BYTES", true],
  ["a number among the records", '[{"a":1},2]', "SOURCE_NOT_AN_OBJECT", false],
  ["null among the records", "[null]", "SOURCE_NOT_AN_OBJECT", false],
  ["a list among the records", "[[{}]]", "SOURCE_NOT_AN_OBJECT", false],
  ["a byte order mark", "\uFEFF[]", "SOURCE_NOT_JSON", true],
])("%s is refused", async (_, text, code, retryable) => {
  const whole = await problemOf(slices(text));
  expect(whole).toMatchObject({ kind: "source", exitCode: 4, code, retryable });
  expect(whole.message).toContain(from);
  expect(whole.message).not.toContain("doctype");
  const bytes = encoder.encode(text);
  const apart = await problemOf(
    slices(
      text,
      Array.from(bytes, (__, index) => index),
    ),
  );
  expect(apart).toMatchObject({ code, retryable });
});

test("a list where one object is expected is refused", async () => {
  expect(await problemOf(slices("[{}]", [], { shape: "object" }))).toMatchObject({ code: "SOURCE_SHAPE" });
  expect(await problemOf(slices("{}{}", [], { shape: "object" }))).toMatchObject({
    code: "SOURCE_TRAILING_BYTES",
  });
});

test("a record over the limit is refused, in one chunk and across many", async () => {
  const big = `[{"a":1},{"b":"${"x".repeat(1000)}"}]`;
  const options = { maxRecordBytes: 1000 };
  expect(await problemOf(slices(big, [], options))).toMatchObject({
    code: "SOURCE_RECORD_TOO_LARGE",
    retryable: false,
  });
  // Without an end in sight it stops at the limit, not at the end of the stream.
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield encoder.encode('[{"b":"');
    for (; sent < 1_000_000; sent += 100) yield encoder.encode("x".repeat(100));
  }
  const iterator = recordBatches(endless(), { shape: "array", from, ...options });
  expect(await problemOf(iterator.next())).toMatchObject({ code: "SOURCE_RECORD_TOO_LARGE" });
  expect(sent).toBeLessThan(2000);
  expect(await slices(big, [], { maxRecordBytes: 1010 })).toHaveLength(2);
});

test("records that were given do not count for the size of the one that is cut off", async () => {
  const given = `{"a":"${"x".repeat(500)}"}`;
  const text = `[${given},${given},{"b":"cut off`;
  expect(await problemOf(slices(text, [], { maxRecordBytes: 1000 }))).toMatchObject({
    code: "SOURCE_TRUNCATED",
    retryable: true,
  });
});

test("small chunks are cut together, and what is read goes", async () => {
  const record = `{"a":"${"x".repeat(1000)}"}`;
  const records = 2000;
  const text = encoder.encode(`[${Array.from({ length: records }, () => record).join(",")}]`);
  const cuts = Array.from({ length: Math.floor(text.length / 700) }, (_, index) => (index + 1) * 700);
  let batches = 0;
  let found = 0;
  let largest = 0;
  for await (const { bytes, offsets } of recordBatches(inChunks(text, cuts), { shape: "array", from })) {
    batches++;
    largest = Math.max(largest, bytes.length);
    for (let at = 0; at < offsets.length; at += 2, found++)
      expect(decoder.decode(bytes.subarray(offsets[at], offsets[at + 1]))).toBe(record);
  }
  expect(found).toBe(records);
  expect(batches).toBeLessThan(10);
  expect(largest).toBeLessThan(300_000);
});

/** A small seeded generator, so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = ['"', "\\", "{", "}", "[", "]", ",", ":", "a", "ü", "🚀", "\n", " ", "\u2028", "/", "\u0000"];

function randomValue(pick: (below: number) => number, depth: number): unknown {
  const kind = pick(depth > 3 ? 4 : 6);
  if (kind === 0) return pick(1_000_000) / 7;
  if (kind === 1) return [null, true, false, -0, 1e300][pick(5)];
  if (kind < 4) return Array.from({ length: pick(8) }, () => PIECES[pick(PIECES.length)]).join("");
  if (kind === 4) return Array.from({ length: pick(4) }, () => randomValue(pick, depth + 1));
  return randomObject(pick, depth + 1);
}

function randomObject(pick: (below: number) => number, depth: number): Record<string, unknown> {
  const keys = Array.from({ length: pick(5) }, (_, index) => `${PIECES[pick(PIECES.length)]}${index}`);
  return Object.fromEntries(keys.map((key) => [key, randomValue(pick, depth)]));
}

function randomCuts(pick: (below: number) => number, length: number): number[] {
  return Array.from({ length: pick(12) }, () => pick(length + 1)).toSorted((a, b) => a - b);
}

test("random lists in random chunks give what JSON.parse gives", async () => {
  for (let seed = 1; seed <= 400; seed++) {
    const pick = seeded(seed);
    const list = Array.from({ length: pick(6) }, () => randomObject(pick, 0));
    const text = JSON.stringify(list, null, [undefined, " ", "\t\n"][pick(3)]);
    const found = await slices(text, randomCuts(pick, encoder.encode(text).length));
    expect(
      found.map((record) => JSON.parse(record)),
      `seed ${seed}`,
    ).toEqual(JSON.parse(text));
  }
});

test("a damaged text is refused by the scanner or by the parser of a record, exactly when JSON.parse refuses it", async () => {
  let refused = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const pick = seeded(seed * 7919);
    const list = Array.from({ length: 1 + pick(3) }, () => randomObject(pick, 2));
    let text = JSON.stringify(list);
    for (let damage = pick(3); damage >= 0; damage--) {
      const at = pick(text.length + 1);
      const piece = pick(2) === 0 ? "" : PIECES[pick(PIECES.length)]!;
      text = text.slice(0, at) + piece + text.slice(at + pick(3));
    }
    // Half of a surrogate pair cannot be sent; what arrives is the replacement character.
    text = decoder.decode(encoder.encode(text));
    const whole = parsed(() => JSON.parse(text) as unknown);
    const isList =
      Array.isArray(whole) &&
      whole.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));
    const bytes = encoder.encode(text);
    let records: unknown;
    try {
      const found = await slices(text, randomCuts(pick, bytes.length));
      records = parsed(() => found.map((record) => JSON.parse(record) as unknown));
    } catch (error) {
      expect(EtlError.isInstance(error), `seed ${seed}: ${String(error)}`).toBe(true);
    }
    if (!isList) refused++;
    expect(records, `seed ${seed}: ${text}`).toEqual(isList ? whole : undefined);
  }
  expect(refused).toBeGreaterThan(500);
});

function parsed(run: () => unknown): unknown {
  try {
    return run();
  } catch {
    return undefined;
  }
}
