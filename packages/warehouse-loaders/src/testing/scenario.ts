import { EtlError, type RunEvent } from "@spacex-etl/contracts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import { loadRun } from "../loader/load-run.ts";
import type { LoadContext } from "../loader/loader.ts";
import type { LoaderSuite, LoaderTarget, RawRow } from "./loader-target.ts";
import { TestLake } from "./test-lake.ts";

export interface LoadOptions extends LoadContext {
  readonly now?: (() => Date) | undefined;
}

/** What a case works with: an empty warehouse, a lake, and the usual moves. */
export interface Scenario {
  readonly target: LoaderTarget;
  readonly lake: TestLake;
  /** Of every load so far. */
  readonly events: RunEvent[];
  /** A whole load by a loader of its own. */
  load(request: LoadRequest, options?: LoadOptions): Promise<LoadReport>;
  /** Rows of a table, sorted by the columns. */
  rows(table: string, ...columns: string[]): Promise<RawRow[]>;
  /** All raw tables, bookkeeping included, so that two warehouses can be compared. */
  everything(tables: readonly string[]): Promise<Record<string, RawRow[]>>;
}

export async function scenario(
  suite: LoaderSuite,
  run: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "loader-suite-"));
  try {
    await using target = await suite.open();
    await using lake = await TestLake.open(
      folder,
      target.publish === undefined ? undefined : (path, name) => target.publish!(path, name),
    );
    await run(scenarioOf(target, lake));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A scenario on another warehouse over the same lake. */
export function scenarioOf(target: LoaderTarget, lake: TestLake): Scenario {
  const events: RunEvent[] = [];
  const rows = async (table: string, ...columns: string[]) =>
    (await target.read(table)).toSorted((a, b) => {
      for (const column of columns) {
        const order = compare(a[column], b[column]);
        if (order !== 0) return order;
      }
      return 0;
    });
  return {
    target,
    lake,
    events,
    rows,
    load: async (request, { now, ...context } = {}) => {
      await using loader = target.loader({ now });
      return await loadRun(loader, request, { onEvent: (event) => events.push(event), ...context });
    },
    everything: async (tables) =>
      Object.fromEntries(
        await Promise.all(
          tables.map(async (table) => {
            const found = (await target.read(table)).map((row) =>
              JSON.stringify(row, Object.keys(row).sort()),
            );
            return [table, found.sort().map((row) => JSON.parse(row) as RawRow)] as const;
          }),
        ),
      ),
  };
}

function compare(a: unknown, b: unknown): number {
  const [left, right] = [String(a), String(b)];
  return /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
    ? Number(left) - Number(right)
    : left < right
      ? -1
      : left > right
        ? 1
        : 0;
}

/** The counts of a table in a report, without the columns that are zero. */
export function countsOf(report: LoadReport, table: string): Record<string, number> {
  const found = report.tables.find((entry) => entry.table === table);
  return Object.fromEntries(Object.entries(found?.counts ?? {}).filter(([, value]) => value !== 0));
}

/** Expects an `EtlError` of this code and exit code, with a hint, and returns it. */
export async function expectError(
  promise: Promise<unknown>,
  code: string,
  exitCode: number,
): Promise<EtlError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!EtlError.isInstance(error)) expect.fail(`expected ${code}, got ${String(error)}`);
  expect({ code: error.code, exitCode: error.exitCode }).toEqual({ code, exitCode });
  expect(error.hint).toMatch(/\w/);
  return error;
}

/** One day per step from 2026-01-01, as the lake writes it. */
export function day(step: number): string {
  return new Date(Date.UTC(2026, 0, 1 + step)).toISOString();
}
