import { defineTables } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { driftRecorder } from "./drift.ts";

const { tables } = defineTables({
  collection: "orders",
  schema: z.looseObject({
    id: z.string(),
    ship: z.looseObject({ city: z.string(), geo: z.looseObject({ lat: z.number() }) }).nullish(),
    lines: z.array(z.looseObject({ sku: z.string(), marks: z.array(z.string()) })),
    grid: z.array(z.array(z.looseObject({ x: z.int() }))),
    free: z.unknown(),
    extra: z.record(z.string(), z.unknown()),
    any: z.array(z.unknown()),
  }),
});

function driftOf(...records: unknown[]): unknown {
  const recorder = driftRecorder(tables);
  for (const record of records) recorder.observe(record);
  return Object.fromEntries(recorder.report().map(({ path, records: count }) => [path, count]));
}

test("known fields, missing fields and nulls are no drift", () => {
  const full = {
    id: "a",
    ship: { city: "x", geo: { lat: 1 } },
    lines: [{ sku: "s", marks: ["m"] }],
    grid: [[{ x: 1 }], []],
    free: { anything: [{ goes: 1 }] },
    extra: { also: { here: 1 } },
    any: [{ and: 1 }],
  };
  expect(driftOf(full, { id: "b", ship: null, lines: [] }, {})).toEqual({});
});

test("unknown fields are counted once per record, by path", () => {
  expect(
    driftOf(
      { id: "a", note: 1, ship: { city: "x", zip: "1", geo: { lat: 1, alt: 2 } } },
      { id: "b", note: null, lines: [{ sku: "s", tax: 1 }, { tax: 2 }, { tax: { deep: { deeper: 1 } } }] },
      { id: "c", grid: [[{ x: 1, y: 2 }], [{ y: 3 }]], __proto__: null, constructor: 1 },
      JSON.parse('{"__proto__": {"polluted": 1}}'),
    ),
  ).toEqual({
    ["__proto__"]: 1,
    constructor: 1,
    "grid[][].y": 1,
    "lines[].tax": 1,
    note: 2,
    "ship.geo.alt": 1,
    "ship.zip": 1,
  });
});

test("a source that sends data as keys does not fill the memory", () => {
  const recorder = driftRecorder(tables);
  for (let n = 0; n < 5000; n++) recorder.observe({ id: "a", [`key-${n}`]: 1 });
  recorder.observe({ "key-0": 1 });
  const report = recorder.report();
  expect(report).toHaveLength(1000);
  expect(report.find(({ path }) => path === "key-0")?.records).toBe(2);
});
