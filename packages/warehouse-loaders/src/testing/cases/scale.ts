import { describe, expect, test } from "vitest";
import type { LoaderSuite } from "../loader-target.ts";
import { countsOf, day, type Scenario, scenario } from "../scenario.ts";
import { readings } from "../shop.ts";
import { requestOf, type TestLake } from "../test-lake.ts";

/** Tables of a size at which a careless statement shows. */
export function scaleCases(suite: LoaderSuite): void {
  const rows = suite.largeRows ?? 200_000;
  describe("scale", () => {
    test(
      `${rows} rows: first load, unchanged reload, a tenth changed`,
      () =>
        scenario(suite, async ({ lake, load }: Scenario) => {
          const changed = Math.ceil(rows / 10);
          const original = await someReadings(lake, rows, "0", day(1));
          const first = await load(requestOf("r1", [original]));
          expect(countsOf(first, "readings")).toEqual({ rows, inserted: rows });
          expect(countsOf(first, "readings__samples")).toEqual({ rows: rows * 2, inserted: rows * 2 });
          const unchanged = await load(requestOf("r2", [{ ...original, extractedAt: day(2) }]));
          expect(unchanged.tables.map(({ outcome }) => outcome)).toEqual(["unchanged", "unchanged"]);
          const tenth = await someReadings(lake, rows, "CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END", day(3));
          const third = await load(requestOf("r3", [tenth]));
          expect(countsOf(third, "readings")).toEqual({ rows, updated: changed, unchanged: rows - changed });
          expect(countsOf(third, "readings__samples")).toEqual({
            rows: rows * 2,
            updated: changed * 2,
            unchanged: (rows - changed) * 2,
          });
        }),
      600_000,
    );
  });
}

/** Readings with two samples each; `generation` is an SQL expression over the row's number `i`. */
export function someReadings(lake: TestLake, rows: number, generation: string, extractedAt: string) {
  return lake.generated(
    readings,
    {
      readings: `
        SELECT printf('%010d', i) AS id, 'sensor-' || i % 97 AS sensor, i / 7 + ${generation} AS value, i * 3 AS steps,
          TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_microseconds(i * 1000001) AS taken_at, i % 3 = 0 AS good,
          CASE WHEN i % 5 = 0 THEN NULL ELSE 'comment ' || hash(i) END AS comment,
          md5(concat_ws('/', i, ${generation})) AS _row_hash
        FROM range(${rows}) AS numbers(i)`,
      readings__samples: `
        SELECT printf('%010d', i) AS _parent_id, j AS _ordinal, (i + j) / 3 + ${generation} AS value
        FROM range(${rows}) AS numbers(i), range(2) AS samples(j)`,
    },
    { extractedAt },
  );
}
