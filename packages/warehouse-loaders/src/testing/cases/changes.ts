import { describe, expect, test } from "vitest";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, scenario } from "../scenario.ts";
import { anOrder, orders, products, someOrders } from "../shop.ts";
import { requestOf } from "../test-lake.ts";

/** What a changed source does to the rows. */
export function changeCases(suite: LoaderSuite): void {
  describe("changes", () => {
    test("new, changed and removed records give exactly those changes", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const first = await load(requestOf("r1", [await lake.collection(orders, someOrders(6))]));
        const next = [
          anOrder("o000", { total: 99, customer: null }),
          ...someOrders(6).slice(1, 5),
          anOrder("o900", { tags: ["late", "gift"] }),
        ];
        const second = await load(
          requestOf("r2", [await lake.collection(orders, next, { extractedAt: day(1) })]),
        );
        expect(countsOf(second, "orders")).toEqual({
          rows: 6,
          inserted: 1,
          updated: 1,
          deleted: 1,
          unchanged: 4,
        });
        expect(countsOf(second, "orders__tags")).toEqual({
          rows: 7,
          inserted: 2,
          updated: 1,
          deleted: 1,
          unchanged: 4,
        });
        const found = await rows("orders", "id");
        expect(
          found.map((row) => [row["id"], row["_run_id"], row["_loaded_at"], row["_deleted_at"]]),
        ).toEqual([
          ["o000", "r2", second.loadedAt, null],
          ...["o001", "o002", "o003", "o004"].map((id) => [id, "r1", first.loadedAt, null]),
          ["o005", "r2", second.loadedAt, second.loadedAt],
          ["o900", "r2", second.loadedAt, null],
        ]);
        expect(found[0]).toMatchObject({ total: 99, customer_name: null });
        // A deleted row keeps its values, its children go.
        expect(found[5]).toMatchObject({ total: 12.5, customer_name: "Ada" });
        expect((await rows("orders__tags", "_parent_id")).map((row) => row["_parent_id"])).toEqual([
          "o000",
          "o001",
          "o002",
          "o003",
          "o004",
          "o900",
          "o900",
        ]);
      }));

    test("a deleted row stays as it is in later loads, and comes back when its record does", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const all = someOrders(6);
        const step = async (run: number, records: readonly object[]) =>
          load(requestOf(`r${run}`, [await lake.collection(orders, records, { extractedAt: day(run) })]));
        await step(1, all);
        const second = await step(2, all.slice(1));
        const third = await step(3, [...all.slice(1, 5), anOrder("o005", { note: null })]);
        expect(countsOf(third, "orders")).toEqual({ rows: 5, updated: 1, unchanged: 4 });
        expect((await rows("orders", "id"))[0]).toMatchObject({
          id: "o000",
          _run_id: "r2",
          _loaded_at: second.loadedAt,
          _deleted_at: second.loadedAt,
        });
        const fourth = await step(4, [anOrder("o000"), ...all.slice(1, 5), anOrder("o005", { note: null })]);
        expect(countsOf(fourth, "orders")).toEqual({ rows: 6, inserted: 1, undeleted: 1, unchanged: 5 });
        expect(countsOf(fourth, "orders__lines")).toEqual({ rows: 6, inserted: 1, unchanged: 5 });
        const found = await rows("orders", "id");
        expect(found).toHaveLength(6);
        expect(found[0]).toMatchObject({ _run_id: "r4", _loaded_at: fourth.loadedAt, _deleted_at: null });
      }));

    test("a change inside a child array reaches parent and children of that record alone", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(3))]));
        const deep = anOrder("o001", {
          lines: [{ sku: "o001-a", quantity: 1, discounts: [{ code: "ten", amount: 0.2 }] }],
        });
        const report = await load(
          requestOf("r2", [
            await lake.collection(orders, [anOrder("o000"), deep, anOrder("o002")], { extractedAt: day(1) }),
          ]),
        );
        expect(countsOf(report, "orders")).toEqual({ rows: 3, updated: 1, unchanged: 2 });
        for (const child of ["orders__lines", "orders__lines__discounts", "orders__tags"]) {
          expect(countsOf(report, child)).toEqual({ rows: 3, updated: 1, unchanged: 2 });
          expect((await rows(child, "_parent_id")).map((row) => row["_run_id"])).toEqual(["r1", "r2", "r1"]);
        }
        expect((await rows("orders__lines__discounts", "_parent_id")).map((row) => row["amount"])).toEqual([
          0.1, 0.2, 0.1,
        ]);
      }));

    test("children grow, shrink and vanish with their arrays", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const sizes = async (run: number, list: readonly string[]) =>
          load(
            requestOf(`r${run}`, [
              await lake.collection(
                products,
                [
                  { id: 1, name: "lamp", sizes: ["s"] },
                  { id: 2, name: "desk", sizes: list },
                ],
                { extractedAt: day(run) },
              ),
            ]),
          );
        const stored = async () =>
          (await rows("products__sizes", "_parent_id", "_ordinal")).map((row) => [
            row["_parent_id"],
            row["_ordinal"],
            row["value"],
          ]);
        expect(countsOf(await sizes(1, ["s", "m"]), "products__sizes")).toEqual({ rows: 3, inserted: 3 });
        expect(countsOf(await sizes(2, ["m", "l", "xl"]), "products__sizes")).toEqual({
          rows: 4,
          inserted: 1,
          updated: 2,
          unchanged: 1,
        });
        expect(await stored()).toEqual([
          ["1", "0", "s"],
          ["2", "0", "m"],
          ["2", "1", "l"],
          ["2", "2", "xl"],
        ]);
        expect(countsOf(await sizes(3, ["l"]), "products__sizes")).toEqual({
          rows: 2,
          updated: 1,
          deleted: 2,
          unchanged: 1,
        });
        expect(countsOf(await sizes(4, []), "products__sizes")).toEqual({
          rows: 1,
          deleted: 1,
          unchanged: 1,
        });
        expect(await stored()).toEqual([["1", "0", "s"]]);
      }));

    test("collections that are not in a run are left alone", () =>
      scenario(suite, async ({ lake, load, everything }) => {
        const product = { id: 1, name: "lamp", sizes: ["s"] };
        await load(
          requestOf("r1", [
            await lake.collection(orders, someOrders(3)),
            await lake.collection(products, [product]),
          ]),
        );
        const before = await everything(["products", "products__sizes"]);
        await load(requestOf("r2", [await lake.collection(orders, someOrders(2), { extractedAt: day(1) })]));
        expect(await everything(["products", "products__sizes"])).toEqual(before);
      }));

    test("rows that something else removed are written again", () =>
      scenario(suite, async ({ target, lake, load, rows, events }) => {
        const collection = await lake.collection(orders, someOrders(4));
        await load(requestOf("r1", [collection]));
        await target.execute(`DELETE FROM ${target.name("orders__lines")} WHERE _parent_id = 'o002'`);
        const report = await load(requestOf("r2", [{ ...collection, extractedAt: day(1) }]));
        expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "TABLE_REBUILT" }));
        expect(countsOf(report, "orders__lines")).toEqual({ rows: 4, inserted: 1, updated: 3 });
        expect((await rows("orders__lines", "_parent_id")).map((row) => row["_parent_id"])).toEqual([
          "o000",
          "o001",
          "o002",
          "o003",
        ]);
        expect(await rows("orders")).toHaveLength(4);

        await target.execute(`DROP TABLE ${target.name("orders__tags")}`);
        await target.execute(
          `INSERT INTO ${target.name("orders__lines")} SELECT * FROM ${target.name("orders__lines")} WHERE _parent_id = 'o001'`,
        );
        const healed = await load(requestOf("r3", [{ ...collection, extractedAt: day(2) }]));
        expect(countsOf(healed, "orders__tags")).toEqual({ rows: 4, inserted: 4 });
        expect(await rows("orders__lines")).toHaveLength(4);
      }));
  });
}
