import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadRequest } from "@spacex-etl/warehouse-loaders";
import { loadInProcess, type ProcessOutcome, TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDBTarget } from "../../../packages/warehouse-loaders/test/duckdb/duckdb-target.ts";
import { random } from "../../harness/random.ts";
import { SMALL_TABLES, type SmallRuns, smallRuns } from "../harness/small-runs.ts";
import { everything } from "../harness/tables.ts";

const SEED = Number(process.env["WAREHOUSE_RACE_SEED"] ?? 20261122);
const ROUNDS = Number(process.env["WAREHOUSE_RACES"] ?? 6);
const NOW = "2026-02-01T00:00:00.000Z";

/** A DuckDB file belongs to one process at a time, so its loaders race as processes; the lock orders them. */
describe("races on DuckDB", () => {
  let folder: string;
  let lake: TestLake;
  let runs: SmallRuns;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "duckdb-race-"));
    lake = await TestLake.open(folder);
    runs = await smallRuns(lake);
  });
  afterAll(async () => {
    await lake?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test(`three processes at once, ${ROUNDS} times (seed ${SEED})`, async () => {
    const next = random(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const where = `round ${round} (WAREHOUSE_RACE_SEED=${SEED})`;
      const same = round % 2 === 0;
      await using target = await openDuckDBTarget();
      const load = (request: LoadRequest): Promise<ProcessOutcome> =>
        loadInProcess(target, { request, now: NOW });
      const racing = [runs.second, runs.second, same ? runs.second : runs.first];
      const outcomes = await Promise.all(
        racing.map(async (request) => {
          await sleep(next() * 100);
          return await load(request);
        }),
      );
      for (const { exitCode, error } of outcomes)
        expect([0, 5], `${where}: ${error?.message}`).toContain(exitCode);
      const loads = outcomes.filter(({ report }) => report?.outcome === "loaded");
      expect(
        loads.map(({ report }) => report?.runId).filter((id) => id === "second"),
        where,
      ).toHaveLength(1);

      expect((await load(runs.second)).report?.outcome, where).toBe("already-loaded");
      const found = await everything(target, SMALL_TABLES);
      expect(
        found["_loads"]!.filter((row) => row["run_id"] === "second"),
        where,
      ).toHaveLength(1);
      expect(found["_loads"], where).toHaveLength(loads.length);
      const ids = found["flights"]!.filter((row) => row["_deleted_at"] === null)
        .map((row) => row["id"])
        .toSorted();
      expect(ids, where).toEqual(["a", "b", "c", "e"]);
      expect(found["flights__legs__crew"], where).toHaveLength(6);
    }
  });
});
