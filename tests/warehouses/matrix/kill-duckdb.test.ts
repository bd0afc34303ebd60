import { loadInProcess } from "@spacex-etl/warehouse-loaders/testing";
import { loadRun } from "@spacex-etl/warehouse-loaders";
import { expect } from "vitest";
import { openDuckDBTarget } from "../../../packages/warehouse-loaders/test/duckdb/duckdb-target.ts";
import { type KillWorld, testKills } from "../harness/kill-suite.ts";

/** Every so many milliseconds of an undisturbed process there is a kill by the clock, wherever DuckDB is then. */
const EVERY_MS = 12;

/** DuckDB runs in the loader's process: it dies at checkpoints, between which a statement is, and by the clock. */
const world: KillWorld = {
  atOnce: 1,
  open: openDuckDBTarget,
  async points(target, { request, now = "" }) {
    const names: string[] = [];
    {
      await using loader = target.loader({ now: () => new Date(now) });
      await loadRun(loader, request, { checkpoint: (name) => void names.push(name) });
    }
    const started = performance.now();
    // A no-op: the time that a process needs before it does anything.
    expect(await loadInProcess(target, { request })).toMatchObject({ exitCode: 0 });
    const startMs = performance.now() - started;
    return [
      ...names.map((name, index) => `checkpoint ${index} ${name}`),
      ...Array.from({ length: 10 }, (_, index) => `after ${Math.round(startMs * 0.8 + index * EVERY_MS)} ms`),
    ];
  },
  matters: (point) => /commit|file|create schema/.test(point),
  kill(target, job, point) {
    const [kind, number] = point.split(" ");
    return loadInProcess(target, {
      ...job,
      ...(kind === "checkpoint" ? { killAt: Number(number) } : { killAfterMs: Number(number) }),
    });
  },
  expectOneEffect: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

testKills("DuckDB", () => Promise.resolve(world));
