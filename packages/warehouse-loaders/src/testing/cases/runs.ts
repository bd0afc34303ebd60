import { describe, expect, test } from "vitest";
import type { LoadStatement } from "../../loader/load-plan.ts";
import { loadRun } from "../../loader/load-run.ts";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, expectError, scenario } from "../scenario.ts";
import { anOrder, orders, products, someOrders } from "../shop.ts";
import { requestOf } from "../test-lake.ts";

const TABLES = ["orders", "orders__lines", "orders__lines__discounts", "orders__tags"];

/** One statement of the phase `stage` is one job. */
function isJob({ phase, purpose }: LoadStatement): boolean {
  return phase === "stage" && purpose === "stage";
}

/** Once per run id, in the right order, from one source. */
export function runCases(suite: LoaderSuite): void {
  describe("runs", () => {
    test("a first load brings every row, with its run and one time", () =>
      scenario(suite, async ({ lake, load, rows, events }) => {
        const request = requestOf("r1", [await lake.collection(orders, someOrders(4), { parts: 3 })]);
        const report = await load(request);
        expect(report).toMatchObject({ runId: "r1", outcome: "loaded" });
        expect(report.tables.map((table) => [table.table, table.child, table.outcome])).toEqual(
          TABLES.map((table) => [table, table !== "orders", "loaded"]),
        );
        expect(countsOf(report, "orders")).toEqual({ rows: 4, inserted: 4 });
        expect(countsOf(report, "orders__lines__discounts")).toEqual({ rows: 4, inserted: 4 });
        const found = await rows("orders", "id");
        expect(found.map((row) => row["id"])).toEqual(["o000", "o001", "o002", "o003"]);
        expect(found[0]).toMatchObject({
          _run_id: "r1",
          _loaded_at: report.loadedAt,
          _deleted_at: null,
          customer_name: "Ada",
        });
        expect(await rows("orders__lines", "_parent_id")).toMatchObject(
          found.map((order) => ({ _parent_id: order["id"], _ordinal: "0", _run_id: "r1" })),
        );
        expect(await rows("_loads")).toMatchObject([
          {
            run_id: "r1",
            source: "shop",
            manifest_sha256: request.manifestSha256,
            changed: true,
            loaded_at: report.loadedAt,
          },
        ]);
        expect(events.filter((event) => event.type === "table.loaded").map((event) => event.table)).toEqual(
          TABLES,
        );
      }));

    test("a table with rows takes at most one job, an empty one none", () =>
      scenario(suite, async ({ lake, load, target }) => {
        const request = requestOf("r1", [
          await lake.collection(orders, someOrders(9), { parts: 3 }),
          await lake.collection(products, [{ id: 1, name: "lamp", sizes: [] }]),
        ]);
        const withRows = request.collections.flatMap(({ tables }) => tables).filter(({ rows }) => rows > 0);
        const expected = suite.stagesByJob === true ? withRows.length : 0;
        {
          await using loader = target.loader();
          const { statements } = await loader.preflight(request);
          expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
          if (suite.stagesByJob === true) expect(statements.filter(isJob)).toHaveLength(expected);
        }
        expect((await load(request)).jobs).toBe(expected);
      }));

    test("the same run again is a no-op that says so", () =>
      scenario(suite, async ({ lake, load, everything, events }) => {
        const request = requestOf("r1", [await lake.collection(orders, someOrders(3))]);
        const first = await load(request);
        const before = await everything([...TABLES, "_loads", "_tables"]);
        const again = await load(request);
        expect(again).toMatchObject({ outcome: "already-loaded", loadedAt: first.loadedAt, jobs: 0 });
        expect(countsOf(again, "orders")).toEqual({ rows: 3, unchanged: 3 });
        expect(await everything([...TABLES, "_loads", "_tables"])).toEqual(before);
        expect(events.at(-1)).toMatchObject({
          type: "info",
          message: expect.stringContaining("nothing to do"),
        });
      }));

    test("a new run on unchanged data touches no row and says so in the ledger", () =>
      scenario(suite, async ({ lake, load, everything, rows, target }) => {
        const collection = await lake.collection(orders, someOrders(3));
        await load(requestOf("r1", [collection]));
        const before = await everything(TABLES);
        const request = requestOf("r2", [{ ...collection, extractedAt: day(1) }]);
        {
          await using loader = target.loader();
          const plan = await loader.preflight(request);
          expect(plan.collections.flatMap(({ tables }) => tables.map(({ action }) => action))).toEqual(
            TABLES.map(() => "unchanged"),
          );
          expect(plan.statements.some(({ purpose }) => purpose === "data" || purpose === "stage")).toBe(
            false,
          );
        }
        const report = await load(request);
        expect(report.outcome).toBe("loaded");
        expect(report.jobs).toBe(0);
        expect(report.tables.every(({ outcome }) => outcome === "unchanged")).toBe(true);
        expect(await everything(TABLES)).toEqual(before);
        expect((await rows("_loads", "loaded_at")).map((row) => row["changed"])).toEqual([true, false]);
      }));

    test("the same run id with another manifest is refused", () =>
      scenario(suite, async ({ lake, load, everything }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(3))]));
        const before = await everything([...TABLES, "_loads"]);
        await expectError(
          load(requestOf("r1", [await lake.collection(orders, someOrders(4))])),
          "LEDGER_MISMATCH",
          10,
        );
        expect(await everything([...TABLES, "_loads"])).toEqual(before);
      }));

    test("an older extraction after a newer one changes nothing", () =>
      scenario(suite, async ({ lake, load, everything }) => {
        await load(requestOf("new", [await lake.collection(orders, someOrders(4), { extractedAt: day(5) })]));
        const before = await everything([...TABLES, "_loads", "_tables"]);
        const report = await load(
          requestOf("old", [await lake.collection(orders, someOrders(2), { extractedAt: day(2) })]),
        );
        expect(report).toMatchObject({ outcome: "superseded", loadedAt: null });
        expect(await everything([...TABLES, "_loads", "_tables"])).toEqual(before);
      }));

    test("an unchanged reload counts as newer than what lies between", () =>
      scenario(suite, async ({ lake, load }) => {
        const collection = await lake.collection(orders, someOrders(3), { extractedAt: day(1) });
        await load(requestOf("r1", [collection]));
        await load(requestOf("r3", [{ ...collection, extractedAt: day(3) }]));
        const between = await lake.collection(orders, someOrders(2), { extractedAt: day(2) });
        expect(await load(requestOf("r2", [between]))).toMatchObject({ outcome: "superseded" });
      }));

    test("of a run in which only one collection is older, the others are loaded", () =>
      scenario(suite, async ({ lake, load, rows, events }) => {
        const product = { id: 1, name: "lamp", sizes: [] };
        await load(requestOf("r1", [await lake.collection(orders, someOrders(3), { extractedAt: day(5) })]));
        const report = await load(
          requestOf("r2", [
            await lake.collection(orders, someOrders(1), { extractedAt: day(2) }),
            await lake.collection(products, [product], { extractedAt: day(2) }),
          ]),
        );
        expect(report.outcome).toBe("loaded");
        expect(report.tables.map(({ table, outcome }) => [table, outcome])).toEqual([
          ...TABLES.map((table) => [table, "superseded"]),
          ["products", "loaded"],
          ["products__sizes", "loaded"],
        ]);
        expect(await rows("orders")).toHaveLength(3);
        expect(await rows("products")).toMatchObject([{ id: "1", name: "lamp" }]);
        expect(events).toContainEqual(
          expect.objectContaining({ type: "warning", code: "COLLECTION_SUPERSEDED" }),
        );
      }));

    test("another source is refused until it is said aloud", () =>
      scenario(suite, async ({ lake, load, rows, everything }) => {
        await load(requestOf("r1", [await lake.collection(orders, someOrders(3), { extractedAt: day(4) })]));
        const before = await everything([...TABLES, "_loads"]);
        const other = requestOf("r2", [await lake.collection(orders, someOrders(3).slice(1))], {
          source: "market",
        });
        await expectError(load(other), "SOURCE_MISMATCH", 2);
        await expectError(
          load({ ...other, collections: [await lake.collection(products, [])] }),
          "SOURCE_MISMATCH",
          2,
        );
        expect(await everything([...TABLES, "_loads"])).toEqual(before);
        // The clock of one source says nothing about the other's: an earlier extraction is not superseded.
        const report = await load({ ...other, allowSourceChange: true });
        expect(countsOf(report, "orders")).toEqual({ rows: 2, unchanged: 2, deleted: 1 });
        expect(new Set((await rows("_tables")).map((row) => row["source"]))).toEqual(new Set(["market"]));
      }));

    test("every load has a later time than any before, even if the clock goes back", () =>
      scenario(suite, async ({ lake, load, rows }) => {
        const at = (text: string) => ({ now: () => new Date(text) });
        const first = await load(requestOf("r1", [await lake.collection(orders, someOrders(1))]), at(day(9)));
        expect(first.loadedAt).toBe("2026-01-10T00:00:00.000000Z");
        const second = await load(
          requestOf("r2", [await lake.collection(orders, someOrders(2))]),
          at(day(3)),
        );
        expect(second.loadedAt).toBe("2026-01-10T00:00:00.000001Z");
        const third = await load(requestOf("r3", [await lake.collection(orders, someOrders(3))]), at(day(9)));
        expect(third.loadedAt).toBe("2026-01-10T00:00:00.000002Z");
        expect((await rows("orders", "id")).map((row) => row["_loaded_at"])).toEqual([
          first.loadedAt,
          second.loadedAt,
          third.loadedAt,
        ]);
      }));

    test("a run that another process of itself overtook is not entered twice", () =>
      scenario(suite, async ({ load, target, rows }) => {
        // Without tables nothing but the ledger itself can notice.
        const request = requestOf("r1", []);
        let overtaken = false;
        await using loader = target.loader();
        const report = await loadRun(loader, request, {
          checkpoint: async (name) => {
            if (name !== "load.stage" || overtaken) return;
            overtaken = true;
            await load(request);
          },
        });
        expect(report.outcome).toBe("already-loaded");
        expect(await rows("_loads")).toHaveLength(1);
      }));

    test("a load that another overtook between plan and transaction is planned again", () =>
      scenario(suite, async ({ lake, load, target, rows }) => {
        const mine = requestOf("mine", [
          await lake.collection(orders, someOrders(3), { extractedAt: day(2) }),
        ]);
        const theirs = requestOf("theirs", [
          await lake.collection(orders, [anOrder("o000", { total: 1 })], { extractedAt: day(1) }),
        ]);
        const planned: string[] = [];
        await using loader = target.loader();
        // The warehouse does not exist yet, so the plan holds no lock and the other one gets in between.
        const report = await loadRun(loader, mine, {
          checkpoint: async (name) => {
            if (name === "load.preflight") planned.push(name);
            if (name === "load.stage" && planned.length === 1) await load(theirs);
          },
        });
        expect(planned).toHaveLength(2);
        expect(countsOf(report, "orders")).toEqual({ rows: 3, inserted: 2, updated: 1 });
        expect((await rows("_loads", "loaded_at")).map((row) => row["run_id"])).toEqual(["theirs", "mine"]);
      }));
  });
}
