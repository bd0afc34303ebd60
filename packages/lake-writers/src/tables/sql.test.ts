import { DuckDBInstance } from "@duckdb/node-api";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CollectionSpec, defineTables } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../test/lake.ts";
import { appendToBatch, BATCH, countBatch, createBatch, selectTable } from "./sql.ts";

const spec = defineTables({
  collection: "orders",
  schema: z.looseObject({
    id: z.string(),
    moment: z.iso.datetime().nullable(),
    local: z.iso.datetime({ local: true }).nullish(),
    day: z.iso.date().nullish(),
    n: z.int().nullish(),
    f: z.number().nullish(),
    ok: z.boolean().nullish(),
    free: z.unknown(),
    box: z.looseObject({ kN: z.int().nullish(), tags: z.array(z.string().nullable()) }).nullish(),
    lines: z
      .array(z.looseObject({ sku: z.string(), parts: z.array(z.looseObject({ p: z.int() })) }))
      .nullish(),
    grid: z.array(z.array(z.int())).nullish(),
  }),
});

async function shred(
  records: readonly unknown[],
  using: CollectionSpec = spec,
): Promise<Record<string, Record<string, unknown>[]>> {
  const file = join(await temporaryFolder(), "part.ndjson");
  writeFileSync(
    file,
    records.map((record) => (typeof record === "string" ? record : JSON.stringify(record))).join("\n"),
  );
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(createBatch(using.tables));
  await connection.run(appendToBatch(using.tables, file, 100_000));
  const tables: Record<string, Record<string, unknown>[]> = {};
  for (const table of using.tables) {
    const result = await connection.runAndReadAll(selectTable(table, using.tables));
    tables[table.name] = result.getRowObjectsJson() as Record<string, unknown>[];
  }
  const counted = (await connection.runAndReadAll(countBatch(using.tables))).getRowObjectsJson();
  expect(counted).toEqual([{ rows: String(records.length), nulls: "0" }]);
  await connection.run(`DROP TABLE ${BATCH}`);
  connection.closeSync();
  return tables;
}

const full = {
  id: "a",
  moment: "2006-03-24T22:30:00.000Z",
  local: "2020-10-13T02:56:59.566560",
  day: "2020-02-29",
  n: 9007199254740991,
  f: 0.1,
  ok: false,
  free: { z: [1, "ü"] },
  box: { kN: 7, tags: ["x", null, ""] },
  lines: [
    { sku: "s1", parts: [{ p: 1 }, { p: 2 }] },
    { sku: "s2", parts: [] },
    { sku: "s3", parts: [{ p: 3 }] },
  ],
  grid: [[1, 2], [], [3]],
};

test("every type and nesting arrives, arrays numbered from 0", async () => {
  const tables = await shred([full, { id: "b", moment: null, box: null, lines: null }]);
  expect(tables["orders"]).toMatchObject([
    {
      id: "a",
      moment: "2006-03-24 22:30:00+00",
      local: "2020-10-13 02:56:59.56656+00",
      day: "2020-02-29",
      n: "9007199254740991",
      f: 0.1,
      ok: false,
      free: '{"z":[1,"ü"]}',
      box_k_n: "7",
    },
    { id: "b", moment: null, local: null, n: null, free: null, box_k_n: null },
  ]);
  expect(tables["orders__box_tags"]).toEqual([
    { _parent_id: "a", _ordinal: "0", value: "x" },
    { _parent_id: "a", _ordinal: "1", value: null },
    { _parent_id: "a", _ordinal: "2", value: "" },
  ]);
  expect(tables["orders__lines"]).toEqual([
    { _parent_id: "a", _ordinal: "0", sku: "s1" },
    { _parent_id: "a", _ordinal: "1", sku: "s2" },
    { _parent_id: "a", _ordinal: "2", sku: "s3" },
  ]);
  expect(tables["orders__lines__parts"]).toEqual([
    { _parent_id: "a", _ordinal: "0", _ordinal_2: "0", p: "1" },
    { _parent_id: "a", _ordinal: "0", _ordinal_2: "1", p: "2" },
    { _parent_id: "a", _ordinal: "2", _ordinal_2: "0", p: "3" },
  ]);
  expect(tables["orders__grid__items"]).toEqual([
    { _parent_id: "a", _ordinal: "0", _ordinal_2: "0", value: "1" },
    { _parent_id: "a", _ordinal: "0", _ordinal_2: "1", value: "2" },
    { _parent_id: "a", _ordinal: "2", _ordinal_2: "0", value: "3" },
  ]);
});

test("numbers in another spelling, unknown fields and escapes do not disturb", async () => {
  const tables = await shred([
    '{"id":"\\u00e9\\n\\"","n":1.0,"f":1e3,"new":{"deep":[1]},"moment":"2022-11-30T14:38:43Z","local":null,"box":{"kN":2E1,"KN":5,"tags":[]}}',
  ]);
  expect(tables["orders"]).toMatchObject([
    { id: 'é\n"', n: "1", f: 1000, moment: "2022-11-30 14:38:43+00", box_k_n: "20" },
  ]);
});
