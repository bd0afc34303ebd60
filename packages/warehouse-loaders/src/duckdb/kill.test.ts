import { DuckDBInstance } from "@duckdb/node-api";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDuckDBTarget } from "../../test/duckdb/duckdb-target.ts";
import { someReadings } from "../testing/cases/scale.ts";
import { loadInProcess } from "../testing/load-process.ts";
import { scenarioOf } from "../testing/scenario.ts";
import { requestOf, TestLake } from "../testing/test-lake.ts";

const ROWS = 60_000;
const KILLS = Number(process.env["LOADER_KILLS"] ?? 4);

test(`killed from outside at ${KILLS} moments, wherever DuckDB is: all or nothing, and the rerun is right`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "duckdb-kill-"));
  await using lake = await TestLake.open(join(folder, "lake"));
  const first = requestOf("r1", [await someReadings(lake, ROWS, "0", "2026-01-01T00:00:00.000Z")]);
  const second = requestOf("r2", [
    await someReadings(lake, ROWS, "CASE WHEN i % 2 = 0 THEN 1 ELSE 0 END", "2026-01-02T00:00:00.000Z"),
  ]);
  const old = { live: ROWS, samples: ROWS * 2, of_second: 0, loads: "r1" };
  const fresh = { live: ROWS, samples: ROWS * 2, of_second: ROWS / 2, loads: "r1,r2" };
  for (let kill = 0; kill < KILLS; kill += 1) {
    await using target = await openDuckDBTarget();
    const { load } = scenarioOf(target, lake);
    await load(first);
    // From before the program is up to after it is done, on a machine of any speed.
    const outcome = await loadInProcess(target, { request: second, killAfterMs: 250 + 150 * kill });
    const found = await summary(target.path);
    const committed = found["loads"] !== "r1";
    expect(found).toEqual(committed ? fresh : old);
    if (outcome.report !== undefined) expect(committed).toBe(true);
    const again = await load(second);
    expect(again.outcome).toBe(committed ? "already-loaded" : "loaded");
    expect(await summary(target.path)).toEqual(fresh);
    expect(existsSync(`${target.path}.wal`)).toBe(false);
  }
  await rm(folder, { recursive: true, force: true });
}, 180_000);

async function summary(path: string): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(`
      SELECT
        (SELECT count(*) FROM raw.readings WHERE _deleted_at IS NULL)::INT AS live,
        (SELECT count(*) FROM raw.readings__samples)::INT AS samples,
        (SELECT count(*) FROM raw.readings WHERE _run_id = 'r2')::INT AS of_second,
        (SELECT string_agg(run_id, ',' ORDER BY run_id) FROM raw._loads) AS loads`);
    return result.getRowObjectsJson()[0]!;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
