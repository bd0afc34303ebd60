import { describe, expect, test } from "vitest";
import type { LoadCollection } from "../../loader/load-request.ts";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, expectError, type Scenario, scenario } from "../scenario.ts";
import { anOrder, orders, someOrders } from "../shop.ts";
import { requestOf } from "../test-lake.ts";

/** What is refused, and that nothing has changed then. */
export function guardCases(suite: LoaderSuite): void {
  const afterFirst = (count: number, run: (scenario: Scenario) => Promise<void>) =>
    scenario(suite, async (all) => {
      await all.load(requestOf("r1", [await all.lake.collection(orders, someOrders(count))]));
      await run(all);
    });

  describe("deletion guard", () => {
    test.each([
      ["a collection that comes back empty", 3, 0],
      ["more than 20 % and more than 5 rows gone", 29, 23],
    ])("%s is refused, and done when it is said aloud", (_, before, after) =>
      afterFirst(before, async ({ lake, load, rows, everything }) => {
        const tables = ["orders", "orders__lines", "_loads", "_tables"];
        const untouched = await everything(tables);
        const request = requestOf("r2", [
          await lake.collection(orders, someOrders(after), { extractedAt: day(1) }),
        ]);
        const error = await expectError(load(request), "DELETES_REFUSED", 7);
        expect(error.message).toContain("orders");
        expect(error.message).toContain(String(before - after));
        expect(error.hint).toContain("--allow-deletes");
        expect(await everything(tables)).toEqual(untouched);
        const report = await load({ ...request, allowDeletes: true });
        expect(countsOf(report, "orders")).toMatchObject({ deleted: before - after });
        expect((await rows("orders")).filter((row) => row["_deleted_at"] === null)).toHaveLength(after);
      }),
    );

    test.each([
      ["5 of 6 rows", 6, 1],
      ["20 % of 30 rows", 30, 24],
    ])("%s may go", (_, before, after) =>
      afterFirst(before, async ({ lake, load }) => {
        const next = await lake.collection(orders, someOrders(after), { extractedAt: day(1) });
        expect(countsOf(await load(requestOf("r2", [next])), "orders")).toMatchObject({
          deleted: before - after,
        });
      }),
    );

    test("a quarantined record is not deleted, and keeps its children", () =>
      afterFirst(4, async ({ lake, load, rows }) => {
        const next = await lake.collection(orders, [anOrder("o000"), anOrder("o001", { total: 7 })], {
          extractedAt: day(1),
          quarantinedKeys: ["o002", "it's unknown"],
        });
        const report = await load(requestOf("r2", [next]));
        expect(countsOf(report, "orders")).toEqual({ rows: 3, updated: 1, deleted: 1, unchanged: 2 });
        expect((await rows("orders", "id")).map((row) => [row["id"], row["_deleted_at"] === null])).toEqual([
          ["o000", true],
          ["o001", true],
          ["o002", true],
          ["o003", false],
        ]);
        expect((await rows("orders__lines", "_parent_id")).map((row) => row["_parent_id"])).toEqual([
          "o000",
          "o001",
          "o002",
        ]);
      }));

    test("with a quarantined record of unknown key nothing is deleted, and the load says so", () =>
      afterFirst(8, async ({ lake, load, rows, events }) => {
        const next = await lake.collection(orders, [anOrder("o000", { total: 7 })], {
          extractedAt: day(1),
          quarantinedKeys: null,
        });
        const report = await load(requestOf("r2", [next]));
        expect(countsOf(report, "orders")).toEqual({ rows: 8, updated: 1, unchanged: 7 });
        expect((await rows("orders")).every((row) => row["_deleted_at"] === null)).toBe(true);
        expect(await rows("orders__tags")).toHaveLength(8);
        expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "DELETES_UNKNOWN" }));
      }));
  });

  describe("reconciliation", () => {
    const broken: [string, string, (scenario: Scenario) => Promise<LoadCollection>][] = [
      [
        "fewer rows than the manifest says",
        "STAGE_COUNT",
        async ({ lake }) => {
          const collection = await lake.collection(orders, someOrders(3));
          return withParent(
            collection,
            (parts) => parts.map((part) => ({ ...part, rows: part.rows + 1 })),
            1,
          );
        },
      ],
      [
        "a duplicate key",
        "KEY_DUPLICATE",
        ({ lake }) =>
          lake.collection(orders, [anOrder("a"), anOrder("b"), anOrder("a", { lines: [], tags: [] })]),
      ],
      [
        "a duplicate child key",
        "KEY_DUPLICATE",
        async ({ lake }) => {
          const { tables, ...collection } = await lake.collection(orders, [anOrder("a")]);
          const twice = tables[1]!;
          // Under another name: an engine may read a file once, however often it is listed.
          const parts = [...twice.parts, await lake.copyOf(twice.parts[0]!)];
          return {
            ...collection,
            tables: [tables[0]!, { ...twice, rows: twice.rows * 2, parts }, ...tables.slice(2)],
          };
        },
      ],
      [
        "a record without a key",
        "KEY_NULL",
        ({ lake }) => lake.collection(orders, [{ ...anOrder("a"), id: null, lines: [], tags: [] }]),
      ],
      [
        "a child without its parent",
        "CHILD_ORPHAN",
        async ({ lake }) => {
          const collection = await lake.collection(orders, [anOrder("a")]);
          const other = await lake.collection(orders, [anOrder("z")]);
          return { ...collection, tables: [collection.tables[0]!, ...other.tables.slice(1)] };
        },
      ],
    ];
    test.each(broken)("%s is refused", (_, code, make) =>
      afterFirst(2, async (all) => {
        const before = await all.everything(["orders", "orders__lines", "_loads"]);
        const collection = { ...(await make(all)), extractedAt: day(1) };
        const error = await expectError(all.load(requestOf("r2", [collection])), code, 10);
        expect(error.message).toMatch(/orders/);
        expect(await all.everything(["orders", "orders__lines", "_loads"])).toEqual(before);
      }),
    );
  });
}

function withParent(
  collection: LoadCollection,
  change: (parts: LoadCollection["tables"][number]["parts"]) => LoadCollection["tables"][number]["parts"],
  extraRows: number,
): LoadCollection {
  const [parent, ...children] = collection.tables;
  return {
    ...collection,
    tables: [
      {
        ...parent!,
        parts: change(parent!.parts),
        rows: parent!.rows + extraRows,
        contentSha256: "0".repeat(64),
      },
      ...children,
    ],
  };
}
