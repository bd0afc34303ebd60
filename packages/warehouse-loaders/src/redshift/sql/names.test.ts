import { expect, test } from "vitest";
import { identifier, literal, newColumn, stageTable, timestampLiteral } from "./names.ts";

/** Reads a literal as Redshift does: doubled quotes, and backslashes before anything. */
function read(sql: string): string | undefined {
  const inside = /^'((?:[^'\\]|''|\\[\s\S])*)'$/.exec(sql)?.[1];
  return inside?.replaceAll(/''|\\([\s\S])/g, (all, escaped: string | undefined) => escaped ?? all[0]!);
}

test("whatever a text holds, its literal ends where it ends and means the same", () => {
  const pieces = [
    "'",
    "\\",
    '"',
    "''",
    "\\'",
    "; DROP TABLE x; --",
    "$1",
    "$$",
    "\n",
    "é",
    "🚀",
    "/*",
    "n",
    "E'",
  ];
  let seed = 7;
  const next = (most: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % most;
  };
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from({ length: next(8) }, () => pieces[next(pieces.length)]).join("");
    expect(read(literal(text)), JSON.stringify(text)).toBe(text);
    const name = `a${text.toLowerCase()}`;
    const quoted = identifier(name);
    expect(/^"(?:[^"]|"")*"$/.test(quoted) && quoted.slice(1, -1).replaceAll('""', '"')).toBe(name);
  }
});

test.each([
  ["Upper", /upper-case/],
  ["É", /upper-case/],
  ["", /empty/],
  ["a\0b", /NUL/],
  ["é".repeat(64), /127 bytes/],
])("the name %j is refused", (name, problem) => {
  expect(() => identifier(name)).toThrow(problem);
});

test("a column cannot have the name of a system column", () => {
  for (const name of ["xmin", "xmax", "cmin", "cmax", "ctid", "tableoid", "oid", "XMIN"])
    expect(() => newColumn(name), name).toThrow(expect.objectContaining({ code: "NAME_UNSUPPORTED" }));
  expect(newColumn("xmin_")).toBe('"xmin_"');
});

test("a text with NUL is refused, which no column of Redshift can hold", () => {
  expect(() => literal("a\0b")).toThrow(expect.objectContaining({ code: "TEXT_UNSUPPORTED" }));
});

test("stages of long names that begin alike do not meet", () => {
  const [one, two] = [`${"t".repeat(120)}a`, `${"t".repeat(120)}b`];
  expect(stageTable("orders")).toBe('"_stage_orders"');
  expect(stageTable(one)).not.toBe(stageTable(two));
  expect(Buffer.byteLength(stageTable(one))).toBeLessThanOrEqual(129);
});

test("an instant as a literal without zone", () => {
  expect(timestampLiteral("2026-01-02T03:04:05.678901Z")).toBe("TIMESTAMP '2026-01-02 03:04:05.678901'");
});
