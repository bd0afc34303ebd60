import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CollectionSpec, defineTables } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { openDuckDB, temporaryFolder } from "../../test/lake.ts";
import { appendToBatch, createBatch, selectTable } from "./sql.ts";

const shape = {
  id: z.string(),
  moment: z.iso.datetime().nullable(),
  day: z.iso.date().nullish(),
  n: z.int().nullish(),
  f: z.number().nullish(),
  ok: z.boolean().nullish(),
  text: z.string().nullish(),
  free: z.unknown(),
  box: z.looseObject({ kN: z.int().nullish(), tags: z.array(z.string().nullable()).nullish() }).nullish(),
  stops: z.array(z.looseObject({ seen: z.iso.datetime(), note: z.string().nullish() })).nullish(),
  lines: z
    .array(z.looseObject({ sku: z.string(), parts: z.array(z.looseObject({ p: z.int() })).nullish() }))
    .nullish(),
  grid: z.array(z.array(z.int())).nullish(),
};
const spec = defineTables({ collection: "orders", schema: z.looseObject(shape) });

/** The hash of each record. */
async function hashesOf(
  records: readonly Record<string, unknown>[],
  using: CollectionSpec = spec,
): Promise<unknown[]> {
  const file = join(await temporaryFolder(), "part.ndjson");
  writeFileSync(file, records.map((record) => JSON.stringify(record)).join("\n"));
  const connection = await openDuckDB();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(createBatch(using.tables));
  await connection.run(appendToBatch(using.tables, file, 100_000));
  const [parent] = using.tables;
  if (parent === undefined) throw new Error("no tables");
  const rows = await connection.runAndReadAll(selectTable(parent, using.tables));
  return rows.getRowObjectsJson().map((row) => row["_row_hash"]);
}

const full = {
  id: "a",
  moment: "2006-03-24T22:30:00.000Z",
  day: "2020-02-29",
  n: 9007199254740991,
  f: 0.1,
  ok: false,
  text: "Zürich",
  free: { z: [1, "ü"] },
  box: { kN: 7, tags: ["x", null, ""] },
  stops: [
    { seen: "2020-01-01T00:00:00Z", note: null },
    { seen: "2020-01-02T00:00:00.500Z", note: "b" },
  ],
  lines: [
    { sku: "s1", parts: [{ p: 1 }, { p: 2 }] },
    { sku: "s2", parts: [] },
    { sku: "s3", parts: [{ p: 3 }] },
  ],
  grid: [[1, 2], [], [3]],
};

test("the hash is that of the documented text", async () => {
  const field = "\u001f";
  const piece = "\u001e";
  const text = [
    "",
    "box_k_n=7",
    "day=2020-02-29",
    "f=0.1",
    'free={"z":[1,"ü"]}',
    "id=a",
    "moment=1143239400000000",
    "n=9007199254740991",
    "ok=false",
    "text=Zürich",
    ["orders__box_tags=3", 'value=["x",null,""]'].join(piece),
    ["orders__grid=3"].join(piece),
    ["orders__grid__items=[2,0,1]", "value=[[1,2],[],[3]]"].join(piece),
    ["orders__lines=3", 'sku=["s1","s2","s3"]'].join(piece),
    ["orders__lines__parts=[2,0,1]", "p=[[1,2],[],[3]]"].join(piece),
    ["orders__stops=2", 'note=[null,"b"]', "seen=[1577836800000000,1577923200500000]"].join(piece),
  ].join(field);
  expect(await hashesOf([full])).toEqual([createHash("md5").update(text).digest("hex")]);
});

test("lengths are written where a string holds the mark of a field", async () => {
  const marked = { id: "ü", moment: null, text: "x\u001ftext=y", box: { tags: ["\u001f"] } };
  const child = 'orders__box_tags=1\u001evalue=["\\u001F"]';
  const text = ["2,8", "id=ü", "text=x\u001ftext=y", child].join("\u001f");
  expect(await hashesOf([marked])).toEqual([createHash("md5").update(text).digest("hex")]);
});

test("the order of keys, unknown fields, spelling and empty or absent values make no difference", async () => {
  const bare = { id: "b", moment: null };
  const [base, reordered, respelled, ...empty] = await hashesOf([
    full,
    { ...Object.fromEntries(Object.entries(full).reverse()), unknown: 1 },
    { ...full, moment: "2006-03-24T22:30:00Z", stops: full.stops.map((stop) => ({ new: 1, ...stop })) },
    bare,
    { ...bare, n: null, box: null, lines: [], grid: null, stops: null },
    { ...bare, box: { kN: null, tags: [] }, grid: [] },
  ]);
  expect(base).toMatch(/^[0-9a-f]{32}$/);
  expect([reordered, respelled]).toEqual([base, base]);
  expect(new Set(empty).size).toBe(1);
});

test("the hash changes with any value and any child", async () => {
  const [s1, s2, s3] = full.lines;
  const records = [
    full,
    { ...full, f: 0.2 },
    { ...full, ok: true },
    { ...full, ok: null },
    { ...full, text: "" },
    { ...full, text: null },
    { ...full, free: { z: [1, "u"] } },
    { ...full, box: { kN: 7, tags: ["x", null] } },
    { ...full, box: { kN: 7, tags: ["x", "", null] } },
    { ...full, box: { kN: 7, tags: [null, null, null] } },
    { ...full, box: { kN: 7, tags: [null, null] } },
    { ...full, stops: full.stops.toReversed() },
    { ...full, stops: full.stops.map(({ seen }) => ({ seen, note: "b" })) },
    { ...full, stops: full.stops.map(({ seen }) => ({ seen, note: null })) },
    { ...full, lines: [s1, s2] },
    { ...full, lines: [s2, s1, s3] },
    { ...full, lines: [{ sku: "s1", parts: [{ p: 1 }, { p: 9 }] }, s2, s3] },
    { ...full, lines: [{ sku: "s1", parts: [{ p: 1 }] }, { sku: "s2", parts: [{ p: 2 }] }, s3] },
    { ...full, grid: [[1], [2], [3]] },
    { ...full, grid: [[1, 2], [3], []] },
    { ...full, grid: [[1, 2], [3]] },
    { ...full, grid: [[], [], []] },
    { ...full, grid: null },
  ];
  expect(new Set(await hashesOf(records)).size).toBe(records.length);
});

test("no text inside a value passes for another field or row", async () => {
  const field = "\u001f";
  const bare = { id: "b", moment: null };
  const records = [
    { ...bare, text: `x${field}text=y` },
    { ...bare, text: "x" },
    { ...bare, id: `b${field}text=x` },
    { ...bare, n: 1, text: "x" },
    { ...bare, text: `x${field}orders__box_tags=1\u001evalue=["t"]` },
    { ...bare, text: "x", box: { tags: ["t"] } },
    { ...bare, box: { tags: ["a", "b"] } },
    { ...bare, box: { tags: ['a","b'] } },
    { ...bare, box: { tags: ['a"]\u001fid=b'] } },
  ];
  expect(new Set(await hashesOf(records)).size).toBe(records.length);
});

test("new nullable columns and child tables change a hash only where they hold something", async () => {
  const wider = defineTables({
    collection: "orders",
    schema: z.looseObject({
      ...shape,
      added: z.string().nullish(),
      extra: z.array(z.int()).nullish(),
      stops: z
        .array(z.looseObject({ seen: z.iso.datetime(), note: z.string().nullish(), who: z.int().nullish() }))
        .nullish(),
    }),
  });
  const [base] = await hashesOf([full]);
  const [same, empty, ...changed] = await hashesOf(
    [
      full,
      { ...full, extra: [] },
      { ...full, added: "x" },
      { ...full, extra: [1] },
      { ...full, stops: full.stops.map((stop, who) => ({ ...stop, who })) },
    ],
    wider,
  );
  expect([same, empty]).toEqual([base, base]);
  expect(new Set([base, ...changed]).size).toBe(4);
});
