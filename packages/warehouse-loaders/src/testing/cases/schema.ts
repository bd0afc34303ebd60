import { describe, expect, test } from "vitest";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, expectError, scenario } from "../scenario.ts";
import {
  anOrder,
  orders,
  ordersNarrower,
  ordersRetyped,
  ordersWidened,
  ordersWider,
  products,
  productsVersion2,
  someOrders,
} from "../shop.ts";
import { requestOf } from "../test-lake.ts";

/** What a changed schema does to the tables. */
export function schemaCases(suite: LoaderSuite): void {
  describe("schema", () => {
    test("a new column and a new child table are added, and rows without a value there stay untouched", () =>
      scenario(suite, async ({ lake, load, rows, target }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(3))]));
        const wider = [
          { ...anOrder("o000"), channel: null, gifts: [] },
          { ...anOrder("o001"), channel: "web", gifts: [{ name: "pen" }, { name: "cup" }] },
          { ...anOrder("o002"), channel: null, gifts: [] },
        ];
        const request = requestOf("r2", [await lake.collection(ordersWider, wider, { extractedAt: day(1) })]);
        {
          await using loader = target.loader();
          const plan = await loader.preflight(request);
          expect(
            plan.collections[0]!.tables.map(({ table, action, addedColumns }) => [
              table,
              action,
              addedColumns.map(({ name }) => name),
            ]),
          ).toEqual([
            ["orders", "add columns", ["channel"]],
            ["orders__lines", "merge", []],
            ["orders__lines__discounts", "merge", []],
            ["orders__tags", "merge", []],
            ["orders__gifts", "create", []],
          ]);
        }
        const report = await load(request);
        expect(countsOf(report, "orders")).toEqual({ rows: 3, updated: 1, unchanged: 2 });
        expect(countsOf(report, "orders__gifts")).toEqual({ rows: 2, inserted: 2 });
        expect((await rows("orders", "id")).map((row) => [row["_run_id"], row["channel"]])).toEqual([
          ["r1", null],
          ["r2", "web"],
          ["r1", null],
        ]);
      }));

    test("a column gone from the schema stays; new and changed rows have null there", () =>
      scenario(suite, async ({ lake, load, rows, events }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(2))]));
        // The schema no longer reads the note, whatever the record holds.
        const records = [anOrder("o000", { total: 1 }), anOrder("o001"), anOrder("o002")];
        // Without the value the hash of every row differs, as that of the lake does.
        const report = await load(
          requestOf("r2", [await lake.collection(ordersNarrower, records, { extractedAt: day(1) })]),
        );
        expect(countsOf(report, "orders")).toEqual({ rows: 3, inserted: 1, updated: 2 });
        expect((await rows("orders", "id")).map((row) => row["note"])).toEqual([null, null, null]);
        expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "COLUMN_GONE" }));
      }));

    test.each([
      ["narrowing", ordersRetyped, "total"],
      ["widening", ordersWidened, "units"],
    ])("%s a type is refused with the SQL that a person may run", (_, spec, column) =>
      scenario(suite, async ({ lake, load, everything }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(2))]));
        const before = await everything(["orders", "_loads"]);
        const records = [anOrder("o000", { total: 1, units: 2 })];
        const error = await expectError(
          load(requestOf("r2", [await lake.collection(spec, records, { extractedAt: day(1) })])),
          "TYPE_CHANGE",
          6,
        );
        expect(error.message).toContain(column);
        expect(error.hint).toMatch(/(ALTER|DROP) TABLE .*orders/);
        expect(await everything(["orders", "_loads"])).toEqual(before);
      }),
    );

    test("tables of a newer schema version are refused; a newer version of the run is not", () =>
      scenario(suite, async ({ lake, load }) => {
        const product = { id: 1, name: "lamp", sizes: ["s"] };
        await load(requestOf("r1", [await lake.collection(products, [product])]));
        await load(
          requestOf("r2", [await lake.collection(productsVersion2, [product], { extractedAt: day(1) })]),
        );
        const back = await lake.collection(products, [product], { extractedAt: day(2) });
        await expectError(load(requestOf("r3", [back])), "SCHEMA_NEWER", 6);
      }));

    if (suite.canSetNotNull ?? true)
      test("a NOT NULL that somebody added is refused with the SQL that removes it", () =>
        scenario(suite, async ({ target, lake, load }) => {
          await load(requestOf("r1", [await lake.collection(orders, someOrders(2))]));
          await target.execute(`ALTER TABLE ${target.name("orders")} ALTER COLUMN note SET NOT NULL`);
          const next = await lake.collection(orders, [anOrder("o000", { note: null })], {
            extractedAt: day(1),
          });
          const error = await expectError(load(requestOf("r2", [next])), "NOT_NULL", 6);
          expect(error.hint).toMatch(/DROP NOT NULL/);
        }));

    test("a table of the same name that no load made is refused", () =>
      scenario(suite, async ({ target, lake, load }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(2))]));
        await target.execute(
          `CREATE TABLE ${target.name("products")} (id ${target.types.int64}, name ${target.types.string})`,
        );
        await expectError(load(requestOf("r2", [await lake.collection(products, [])])), "TABLE_NOT_OURS", 6);
      }));
  });
}
