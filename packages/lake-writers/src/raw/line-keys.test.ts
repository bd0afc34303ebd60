import { expect, test } from "vitest";
import { lineKeys } from "./line-keys.ts";

function keysOf(lines: readonly string[], field = "id"): { keys: string[]; parsed: number } {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const keys: string[] = [];
  let parsed = 0;
  lineKeys(bytes, field, {
    onBytes: (start, end) => keys.push(bytes.toString("latin1", start, end)),
    onText: (key) => {
      parsed++;
      keys.push(key);
    },
  });
  return { keys, parsed };
}

test("keys are found where they stand", () => {
  const lines = ['{"id":"a","x":{"di":"id"[]}}', '{"x":1,"id" :\t"b c"}', '{"_id":"no","id":""}'];
  // The first is no JSON, to show that it was not parsed; `"id"` as a value is a second place and would be.
  expect(keysOf([lines[0]?.replace('"id"[]', "[]") ?? "", ...lines.slice(1)])).toEqual({
    keys: ["a", "b c", ""],
    parsed: 0,
  });
  expect(keysOf([])).toEqual({ keys: [], parsed: 0 });
});

test("whatever else holds the field's name or spells it otherwise is parsed", () => {
  const lines = [
    '{"id":"outer","in":{"id":"inner"}}',
    '{"in":{"id":"inner"},"id":"outer"}',
    '{"id":"first","id":"second"}',
    '{"note":"\\"id\\":\\"fake\\"","id":"real"}',
    '{"note":"x \\"id","id":"real"}',
    '{"kind":"id","id":"real"}',
    '{"id":"with \\"quote\\""}',
    '{"id":"zürich"}',
    '{"id":"plain"}',
  ];
  const expected = lines.map((line) => String((JSON.parse(line) as { id: unknown }).id));
  expect(keysOf(lines).keys).toEqual(expected);
  const escaped = ['{"\\u0069d":"outer","in":{"id":"inner"}}', '{"id":"\\u0061"}', '{"id":"b"}'];
  expect(keysOf(escaped).keys).toEqual(["outer", "a", "b"]);
});

test("numbers are spelled as JSON.parse reads them", () => {
  const lines = ["7", "-7", "0", "-0", "1.0", "1e2", "123456789012345", "12345678901234567890"].map(
    (number) => `{"n":1,"id":${number}}`,
  );
  const expected = lines.map((line) => String((JSON.parse(line) as { id: number }).id));
  expect(keysOf(lines).keys).toEqual(expected);
  expect(keysOf(['{"id": 7 }'])).toEqual({ keys: ["7"], parsed: 1 });
});

test("a field whose name has more than one spelling is always parsed", () => {
  expect(keysOf(['{"a\\/b":"x","c":{"a/b":"y"}}'], "a/b").keys).toEqual(["x"]);
  expect(keysOf(['{"a b":"x"}'], "a b").keys).toEqual(["x"]);
});
