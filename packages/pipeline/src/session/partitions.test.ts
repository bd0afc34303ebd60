import { expect, test } from "vitest";
import { checkPartitions } from "./partitions.ts";

test("a table is partitioned by a column that it has, of a date or a time", () => {
  checkPartitions({ launches: "date_utc", launches__cores: "_loaded_at" });
  const refusals = [
    [{ launchs: "date_utc" }, "no table launchs", "Did you mean launches?"],
    [{ launches__core: "_loaded_at" }, "no table launches__core", "Did you mean launches__cores?"],
    [{ launches: "date_utcc" }, "no column date_utcc", "Did you mean date_utc?"],
    [{ launches: "name" }, "no column name of type date or timestamp in launches", "_loaded_at"],
  ] as const;
  for (const [partitionBy, message, hint] of refusals)
    expect(() => checkPartitions(partitionBy)).toThrow(
      expect.objectContaining({
        code: "WAREHOUSE_URL",
        exitCode: 2,
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
});
