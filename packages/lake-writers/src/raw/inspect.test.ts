import { defineTables } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { inspector } from "./inspect.ts";
import { recordText } from "./record-text.ts";

const inspectIn = inspector(
  defineTables({
    collection: "orders",
    schema: z.looseObject({
      id: z.string(),
      n: z.int(),
      note: z.string().nullish(),
      lines: z.array(z.looseObject({ q: z.int() })).nullish(),
      free: z.unknown().optional(),
    }),
  }),
);
const inspect = (bytes: Uint8Array) => inspectIn(recordText(bytes), 0, bytes.length);
const of = (text: string) => inspect(Buffer.from(text));

test("a valid record gives its key and value, whatever its spelling", () => {
  expect(of('{"id":"a","n":1}')).toEqual({ valid: true, key: "a", value: { id: "a", n: 1 } });
  expect(of(' {"new":[1.50],\n"n":1.0,"id":"\\u00e9\\ud83d\\ude80"} ')).toMatchObject({ key: "é🚀" });
  expect(of('{"id":"","n":-0}')).toMatchObject({ valid: true, key: "" });
  const view = Buffer.from('xx{"id":"a","n":1}yy').subarray(2, -2);
  expect(inspect(view)).toMatchObject({ valid: true, key: "a" });
});

test("what is wrong is named with its place", () => {
  expect(of('{"id":"a","n":1.5}')).toMatchObject({ valid: false, key: "a" });
  expect(of('{"id":"a","n":"1","lines":[{"q":1},{"q":true}]}')).toEqual({
    valid: false,
    key: "a",
    issues: [expect.stringMatching(/^n: .*number/), expect.stringMatching(/^lines\[1\]\.q: .*number/)],
  });
  expect(of('{"n":1}')).toEqual({
    valid: false,
    key: undefined,
    issues: [expect.stringMatching(/^id: .*string/)],
  });
  expect(of('{"id":7,"n":1}')).toMatchObject({ valid: false, key: "7" });
  expect(of('{"id":"a","n":9007199254740993}')).toMatchObject({ valid: false, key: "a" });
  expect(of('{"id":"a","n":1e999}')).toMatchObject({ valid: false, key: "a" });
});

test("what is no record at all has no key", () => {
  for (const text of ["null", "1", '"a"', "[]", '[{"id":"a"}]']) {
    expect(of(text)).toMatchObject({ valid: false, key: undefined });
  }
  for (const text of ["", "{", '{"id":"a",}', '{"id":"a"}{"id":"b"}', "<html>"]) {
    const result = of(text);
    expect(result).toMatchObject({ valid: false, issues: [expect.stringContaining("not valid JSON")] });
  }
});

test("bytes that are no text, and halves of characters, are refused", () => {
  expect(inspect(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toEqual({
    valid: false,
    key: undefined,
    issues: ["the bytes are not valid UTF-8"],
  });
  const issues = ["a string holds half a surrogate pair"];
  expect(of('{"id":"a","n":1,"note":"\\ud83d"}')).toEqual({ valid: false, key: "a", issues });
  expect(of('{"id":"a","n":1,"free":[{"deep":{"\\udc00":1}}]}')).toEqual({ valid: false, key: "a", issues });
  expect(of('{"id":"a","n":1,"note":"\\\\ud83d is how one writes it"}')).toMatchObject({ valid: true });
});

test("a record that is nested beyond reason is refused: DuckDB would end the process", () => {
  const nested = (depth: number) => of(`{"id":"a","n":1,"free":${"[".repeat(depth)}${"]".repeat(depth)}}`);
  expect(nested(900)).toMatchObject({ valid: true });
  expect(nested(200_000)).toEqual({
    valid: false,
    key: "a",
    issues: ["it is nested deeper than 1000 levels"],
  });
});

test("many issues of one record are cut", () => {
  const lines = Array.from({ length: 500 }, () => ({ q: "x" }));
  const result = of(JSON.stringify({ id: "a", n: 1, lines }));
  expect(result.valid ? [] : result.issues).toHaveLength(20);
});
