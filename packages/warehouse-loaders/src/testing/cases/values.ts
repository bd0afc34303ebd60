import { describe, expect, test } from "vitest";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, scenario } from "../scenario.ts";
import { anOrder, type Order, orders, products } from "../shop.ts";
import { requestOf } from "../test-lake.ts";

/** Values that engines like to bend. */
export function valueCases(suite: LoaderSuite): void {
  const values = [
    ...[
      ["quotes", `it's "quoted", \\ back\\slashed, $dollared; -- and /* commented */`],
      ["line ends and tabs", "one\r\ntwo\n\tthree"],
      ["unicode", "naïve 火箭 🚀👩🏽‍🚀 \u202Eabc e\u0301 \uFEFF"],
      ["the empty string", ""],
      ["what looks like null", "\\N NULL null"],
      ["60 KB", "é🚀x".repeat(8_600)],
      ["a date that is only partly known", "1957-10"],
    ].map(([name, note]) => value(`a string of ${name}`, { note: note! }, { note })),
    ...[9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n, 9_007_199_254_740_993n, 0n].map((units) =>
      value(`the integer ${units}`, { units }, { units: String(units) }),
    ),
    ...[0.1 + 0.2, 1.7976931348623157e308, 5e-324, -1.5].map((total) =>
      value(`the float ${total}`, { total }, { total }),
    ),
    ...[
      ["2026-03-29T01:59:59.999999Z", "2026-03-29T01:59:59.999999Z"],
      ["1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"],
      ["2026-07-01T00:30:00.000001+02:00", "2026-06-30T22:30:00.000001Z"],
    ].map(([placedAt, stored]) =>
      value(`the time ${placedAt}`, { placedAt: placedAt! }, { placed_at: stored }),
    ),
    ...["1957-10-04", "2024-02-29", "0001-01-01", "9999-12-31"].map((date) =>
      value(`the date ${date}`, { day: date }, { day: date }),
    ),
    ...[true, false].map((paid) => value(`the boolean ${paid}`, { paid }, { paid })),
  ];

  describe("values", () => {
    test("arrive as they were sent", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const records = values.map(({ change }, index) =>
          anOrder(`v${String(index).padStart(3, "0")}`, change),
        );
        await load(requestOf("r1", [await lake.collection(orders, records)]));
        const found = await rows("orders", "id");
        expect(found).toHaveLength(values.length);
        for (const [index, { name, stored }] of values.entries()) {
          expect(found[index], name).toMatchObject(stored);
        }
      }));

    test("null, empty and missing stay apart where they differ", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const { note: _, ...missing } = anOrder("c");
        const records = [anOrder("a", { note: "" }), anOrder("b", { note: null, customer: null }), missing];
        await load(requestOf("r1", [await lake.collection(orders, records)]));
        expect((await rows("orders", "id")).map((row) => [row["note"], row["customer_mail"]])).toEqual([
          ["", "ada@example.com"],
          [null, null],
          [null, "ada@example.com"],
        ]);
      }));

    test("a value becomes null and null a value, and both are changes", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const [full, bare] = [{}, { note: null, units: null, day: null, customer: null }];
        await load(
          requestOf("r1", [await lake.collection(orders, [anOrder("a", full), anOrder("b", bare)])]),
        );
        const swapped = await lake.collection(orders, [anOrder("a", bare), anOrder("b", full)], {
          extractedAt: day(1),
        });
        expect(countsOf(await load(requestOf("r2", [swapped])), "orders")).toEqual({ rows: 2, updated: 2 });
        expect(
          (await rows("orders", "id")).map((row) => [
            row["note"],
            row["units"],
            row["day"],
            row["customer_name"],
          ]),
        ).toEqual([
          [null, null, null, null],
          ["as usual", "3", "2026-01-02", "Ada"],
        ]);
      }));

    test("an integer key, far beyond 2^53", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const records = [
          { id: 9_223_372_036_854_775_807n, name: "last", sizes: ["s"] },
          { id: 9_223_372_036_854_775_806n, name: "last but one", sizes: [] },
        ];
        await load(requestOf("r1", [await lake.collection(products, records)]));
        const changed = [{ ...records[0], name: "very last" }, records[1]!];
        const report = await load(
          requestOf("r2", [await lake.collection(products, changed, { extractedAt: day(1) })]),
        );
        expect(countsOf(report, "products")).toEqual({ rows: 2, updated: 1, unchanged: 1 });
        expect(await rows("products", "name")).toMatchObject([
          { id: "9223372036854775806", name: "last but one" },
          { id: "9223372036854775807", name: "very last" },
        ]);
        expect(await rows("products__sizes")).toMatchObject([
          { _parent_id: "9223372036854775807", value: "s" },
        ]);
      }));

    test("an empty table, filled later", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const first = await load(requestOf("r1", [await lake.collection(products, [])]));
        expect(first.tables.map(({ counts }) => counts.rows)).toEqual([0, 0]);
        expect(first.outcome).toBe("loaded");
        expect(await rows("products")).toEqual([]);
        const second = await load(
          requestOf("r2", [
            await lake.collection(products, [{ id: 1, name: "lamp", sizes: ["s"] }], { extractedAt: day(1) }),
          ]),
        );
        expect(countsOf(second, "products__sizes")).toEqual({ rows: 1, inserted: 1 });
      }));
  });
}

function value(name: string, change: Partial<Order>, stored: Readonly<Record<string, unknown>>) {
  return { name, change, stored };
}
