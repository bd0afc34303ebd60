import { defineTables, type RecordSource } from "@spacex-etl/contracts";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { fileStore } from "./file/index.ts";
import {
  extract,
  type ExtractResult,
  gc,
  normalize,
  type NormalizeResult,
  type ObjectStore,
  openLake,
  parseLakeUrl,
  recordsFrom,
  type TableFiles,
  tableFiles,
  verify,
} from "./index.ts";

const orders = defineTables({ collection: "orders", schema: z.object({ id: z.string() }) });
const store = fileStore({ root: "lake" });
const run = { store, runId: "2026-01-01", source: "shop" };

describe("recordsFrom", () => {
  test("takes whatever a program has", () => {
    async function* cursor(): AsyncGenerator<{ readonly id: string }> {
      yield { id: "1" };
    }
    expectTypeOf(recordsFrom("array", [{ id: "1" }])).toEqualTypeOf<RecordSource>();
    expectTypeOf(recordsFrom("generator", cursor())).toEqualTypeOf<RecordSource>();
    expectTypeOf(recordsFrom("again and again", () => cursor())).toEqualTypeOf<RecordSource>();
    expectTypeOf(recordsFrom("later", async () => cursor())).toEqualTypeOf<RecordSource>();
    // @ts-expect-error one record is no series of them
    recordsFrom("one", { id: "1" });
  });
});

describe("extract", () => {
  test("takes collections of any schema", () => {
    const collections = [{ spec: orders, source: recordsFrom("array", []) }];
    expectTypeOf(extract({ ...run, collections })).toEqualTypeOf<Promise<ExtractResult>>();
    extract({ ...run, collections, compression: "gzip", signal: new AbortController().signal });
    // @ts-expect-error no such compression
    extract({ ...run, collections, compression: "brotli" });
    // @ts-expect-error the name of the source is needed
    extract({ store, runId: "2026-01-01", collections });
  });
});

describe("normalize", () => {
  test("takes a connection of @duckdb/node-api as it is", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    expectTypeOf(normalize({ store, runId: "2026-01-01", collections: [orders], connection })).toEqualTypeOf<
      Promise<NormalizeResult>
    >();
    // @ts-expect-error the instance is no connection
    normalize({ store, runId: "2026-01-01", collections: [orders], connection: instance });
  });
});

describe("openLake", () => {
  test("opens any address, and a location by its parts", async () => {
    expectTypeOf(openLake("s3://bucket/prefix")).resolves.toExtend<ObjectStore & AsyncDisposable>();
    await using lake = await openLake(
      { kind: "gs", bucket: "bucket", prefix: "" },
      { gcs: { stallMs: 1000 } },
    );
    expectTypeOf(verify({ store: lake })).resolves.toHaveProperty("findings");
    const location = parseLakeUrl("gs://bucket/prefix");
    if (location.kind !== "file") expectTypeOf(location.bucket).toEqualTypeOf<string>();
    // @ts-expect-error credentials are found by the SDK
    openLake("s3://bucket", { s3: { secretAccessKey: "x" } });
  });
});

describe("the rest", () => {
  test("needs a store and little else", () => {
    expectTypeOf(fileStore).returns.toEqualTypeOf<ObjectStore>();
    expectTypeOf(tableFiles(store, "orders", { source: "shop" })).toEqualTypeOf<Promise<TableFiles>>();
    expectTypeOf<Awaited<ReturnType<typeof verify>>["findings"]["length"]>().toEqualTypeOf<number>();
    gc({ store, keepRuns: 3, dryRun: true });
    // @ts-expect-error a folder is no store
    verify({ store: "lake" });
  });
});
