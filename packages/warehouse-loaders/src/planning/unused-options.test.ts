import { expect, test } from "vitest";
import { knownTables, unusedOption } from "./index.ts";

test("an option's tables that nobody brought are named once, those of earlier runs are not", () => {
  const known = knownTables({ collections: [] }, [{ table: "orders" }]);
  expect(unusedOption("partitionBy", ["orders"], known)).toEqual([]);
  expect(unusedOption("partitionBy", ["orders", "ordres", "product"], known)).toEqual([
    {
      code: "OPTION_UNUSED",
      message: expect.stringMatching(
        /^partitionBy names ordres, product: .* only counts when a table is made/,
      ),
    },
  ]);
});
