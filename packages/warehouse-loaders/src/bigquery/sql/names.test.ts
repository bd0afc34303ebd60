import { expect, test } from "vitest";
import { identifier, literal, tableName } from "./names.ts";

test.each([
  ["plain", "'plain'"],
  ['it\'s "quoted"', "'it\\'s \"quoted\"'"],
  ["back\\slash\\'", "'back\\\\slash\\\\\\''"],
  ["lines\r\n\tend", "'lines\\r\\n\\tend'"],
  ["nul\0bell\x07del\x7f", "'nul\\u0000bell\\u0007del\\u007F'"],
  ["火箭 🚀 é", "'火箭 🚀 é'"],
  ["\u2028\u2029", "'\\u2028\\u2029'"],
  ["\ud800", "'\ufffd'"],
  ["@run -- /* ; */ `x` {{ y }}", "'@run -- /* ; */ `x` {{ y }}'"],
])("a text as a literal: %j", (text, sql) => {
  expect(literal(text)).toBe(sql);
});

test("names in backticks", () => {
  expect(identifier("a `b` \\ 'c'\n")).toBe("`a \\`b\\` \\\\ 'c'\\n`");
  expect(tableName({ project: "example.com:shop", dataset: "raw" }, "_stage_r-1_x")).toBe(
    "`example.com:shop.raw._stage_r-1_x`",
  );
});
