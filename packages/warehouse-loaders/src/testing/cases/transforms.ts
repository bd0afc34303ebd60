import { describe, expect, test } from "vitest";
import type { LoaderSuite } from "../loader-target.ts";
import { day, scenario } from "../scenario.ts";
import { orders, someOrders } from "../shop.ts";
import { requestOf } from "../test-lake.ts";

/** What a transform step asks and records. */
export function transformCases(suite: LoaderSuite): void {
  describe("transforms", () => {
    test("the state is empty at first, then that of the newest load that changed something", () =>
      scenario(suite, async ({ target, lake, load }) => {
        const state = async () => {
          await using loader = target.loader();
          return await loader.transformState();
        };
        expect(await state()).toEqual({ changedAt: null, last: null });
        const collection = await lake.collection(orders, someOrders(2));
        const first = await load(requestOf("r1", [collection]));
        await load(requestOf("r2", [{ ...collection, extractedAt: day(1) }]));
        expect(await state()).toEqual({ changedAt: first.loadedAt, last: null });

        const entries = [
          {
            projectSha256: "a".repeat(64),
            runId: "r1",
            changedAt: null,
            finishedAt: "2026-02-01T00:00:00.000Z",
          },
          {
            projectSha256: "b".repeat(64),
            runId: "r2",
            changedAt: first.loadedAt,
            finishedAt: "2026-02-02T00:00:00.001Z",
          },
        ];
        for (const entry of entries) {
          await using loader = target.loader();
          await loader.recordTransform(entry);
        }
        expect(await state()).toEqual({
          changedAt: first.loadedAt,
          last: {
            projectSha256: "b".repeat(64),
            changedAt: first.loadedAt,
            finishedAt: "2026-02-02T00:00:00.001000Z",
          },
        });
        const third = await load(
          requestOf("r3", [await lake.collection(orders, someOrders(3), { extractedAt: day(2) })]),
        );
        expect((await state()).changedAt).toBe(third.loadedAt);
      }));

    test("check passes on a warehouse that is not there yet and on one that is", () =>
      scenario(suite, async ({ target, lake, load }) => {
        const check = async () => {
          await using loader = target.loader();
          await loader.check();
        };
        await check();
        expect(await target.read("_loads")).toEqual([]);
        await load(requestOf("r1", [await lake.collection(orders, someOrders(2))]));
        await check();
      }));
  });
}
