import type { EtlError } from "@spacex-etl/contracts";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expectTypeOf, test } from "vitest";
import { duckdbLoader } from "./duckdb/index.ts";
import {
  abortError,
  type Loader,
  type LoadPlan,
  type LoadReport,
  type LoadRequest,
  loadRun,
} from "./index.ts";

declare const request: LoadRequest;

describe("duckdbLoader", () => {
  test("opens a DuckDB of its own, or takes a connection as it is", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    expectTypeOf(duckdbLoader({ path: "warehouse.duckdb" })).toEqualTypeOf<Loader>();
    duckdbLoader({ path: "warehouse.duckdb", memoryLimit: "512MB", lockTimeoutMs: 100 });
    duckdbLoader({ path: "warehouse.duckdb", connection, schema: "raw" });
    // @ts-expect-error the settings of another's instance are not ours
    duckdbLoader({ path: "warehouse.duckdb", connection, memoryLimit: "512MB" });
    // @ts-expect-error a file is needed
    duckdbLoader({ connection });
  });
});

describe("loadRun", () => {
  test("works with any loader", () => {
    const loader = duckdbLoader({ path: "warehouse.duckdb" });
    expectTypeOf(loadRun(loader, request)).toEqualTypeOf<Promise<LoadReport>>();
    loadRun(loader, { ...request, allowDeletes: true }, { signal: new AbortController().signal });
    // @ts-expect-error a request says which source it is from
    loadRun(loader, { runId: "x", manifestSha256: "", extractedAt: "", collections: [] });
  });

  test("reports an outcome that a program can switch over", () => {
    expectTypeOf<LoadReport["outcome"]>().toEqualTypeOf<"loaded" | "already-loaded" | "superseded">();
    expectTypeOf<LoadReport["tables"][number]["counts"]["undeleted"]>().toEqualTypeOf<number>();
  });
});

describe("Loader", () => {
  test("plans before it writes, and is closed at the end of a block", async () => {
    await using loader = duckdbLoader({ path: "warehouse.duckdb" });
    const plan = await loader.preflight(request);
    expectTypeOf(plan).toEqualTypeOf<LoadPlan>();
    expectTypeOf(plan.statements[0]!.sql).toEqualTypeOf<string>();
    // @ts-expect-error a plan is read only
    plan.decision = "load";
  });

  test("is stopped with the caller's own reason", () => {
    expectTypeOf(abortError).returns.toEqualTypeOf<EtlError>();
  });
});
