import { expect, test } from "vitest";
import { z } from "zod";
import { EtlError } from "../errors/etl-error.ts";
import { defineTables } from "./define-tables.ts";
import { lakeColumns } from "./table-spec.ts";

const order = z.looseObject({
  id: z.string(),
  placedAt: z.iso.datetime(),
  day: z.iso.date().nullable(),
  local_time: z.iso.datetime({ offset: true }).meta({ logicalType: "string" }),
  lines: z.array(z.looseObject({ sku: z.string(), qty: z.int(), discounts: z.array(z.number()) })),
  window: z.int().nullable().meta({ column: "window_sec" }),
  address: z
    .looseObject({ geo: z.looseObject({ lat: z.number().nullable() }).nullish(), city: z.string() })
    .nullable(),
  status: z.enum(["open", "closed"]),
  extra: z.unknown(),
});

test("nested objects flatten and every array becomes a child table", () => {
  const spec = defineTables({ collection: "orders", schema: order });
  expect(spec.tables.map((table) => [table.name, table.parent, table.key])).toEqual([
    ["orders", undefined, ["id"]],
    ["orders__lines", "orders", ["_parent_id", "_ordinal"]],
    ["orders__lines__discounts", "orders__lines", ["_parent_id", "_ordinal", "_ordinal_2"]],
  ]);
  expect(lakeColumns(spec.tables[0]!).map((c) => [c.name, c.type, c.nullable])).toEqual([
    ["id", "string", false],
    ["placed_at", "timestamp", false],
    ["day", "date", true],
    ["local_time", "string", false],
    ["window_sec", "int64", true],
    ["address_geo_lat", "float64", true],
    ["address_city", "string", true],
    ["status", "string", false],
    ["extra", "string", true],
    ["_row_hash", "string", false],
  ]);
  expect(spec.tables[0]!.columns.find((c) => c.name === "extra")).toMatchObject({ json: true });
  expect(lakeColumns(spec.tables[2]!).map((c) => [c.name, c.type])).toEqual([
    ["_parent_id", "string"],
    ["_ordinal", "int64"],
    ["_ordinal_2", "int64"],
    ["value", "float64"],
  ]);
  expect(spec.tables[2]!.arrayPath).toEqual([["lines"], ["discounts"]]);
});

test("the fingerprint changes with the schema, not with the run or a description", () => {
  const describe = (text: string) =>
    defineTables({
      collection: "notes",
      schema: z.object({ id: z.string().describe(text), description: z.string().describe(text) }),
      description: text,
    }).fingerprint;
  expect(describe("one")).toBe(describe("another"));
  expect(defineTables({ collection: "notes", schema: z.object({ id: z.string() }) }).fingerprint).not.toBe(
    describe("one"),
  );
  const again = defineTables({ collection: "orders", schema: order });
  const wider = defineTables({ collection: "orders", schema: order.extend({ note: z.string().nullable() }) });
  expect(defineTables({ collection: "orders", schema: order }).fingerprint).toBe(again.fingerprint);
  expect(wider.fingerprint).not.toBe(again.fingerprint);
});

test.each([
  ["a reserved word", z.object({ id: z.string(), window: z.int() }), /reserved word/],
  [
    "two fields of one name",
    z.object({ id: z.string(), aB: z.int(), a_b: z.int() }),
    /two fields give the column/,
  ],
  ["keys that differ in case", z.object({ id: z.string(), kn: z.int(), kN: z.int() }), /differ only in case/],
  ["a transform", z.object({ id: z.string(), n: z.string().transform(Number) }), /untransformed/],
  ["a nullable key", z.object({ id: z.string().nullable() }), /key field "id"/],
  ["no key", z.object({ name: z.string() }), /key field "id"/],
  ["a scalar", z.string(), /must be an object/],
])("refuses %s", (_, schema: z.ZodType, message) => {
  try {
    defineTables({ collection: "things", schema });
    expect.unreachable();
  } catch (error) {
    expect(EtlError.isInstance(error)).toBe(true);
    expect((error as EtlError).exitCode).toBe(2);
    expect((error as EtlError).message).toMatch(message);
  }
});
