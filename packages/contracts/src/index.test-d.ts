import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type CollectionSpec,
  defineTables,
  EtlError,
  type ErrorKind,
  EXIT_CODES,
  lakeColumns,
  type OnEvent,
  type RecordBatch,
  type RecordSource,
  type RunEvent,
  type TableColumn,
  type TablesManifest,
  tablesManifestSchema,
} from "./index.ts";

const orderSchema = z.object({
  id: z.string(),
  total: z.number(),
  lines: z.array(z.object({ sku: z.string() })),
});
type Order = z.infer<typeof orderSchema>;

describe("defineTables", () => {
  test("keeps the type of the records", () => {
    const orders = defineTables({ collection: "orders", schema: orderSchema });
    expectTypeOf(orders).toEqualTypeOf<CollectionSpec<Order>>();
    expectTypeOf(orders.schema.parse({})).toEqualTypeOf<Order>();
    expectTypeOf(lakeColumns(orders.tables[0]!)).toEqualTypeOf<TableColumn[]>();
  });

  test("takes any collection where the record does not matter", () => {
    expectTypeOf(defineTables({ collection: "orders", schema: orderSchema })).toExtend<CollectionSpec>();
  });

  test("needs a schema of zod", () => {
    // @ts-expect-error a JSON schema is none
    defineTables({ collection: "orders", schema: { type: "object" } });
  });
});

describe("EtlError", () => {
  test("is known by its brand, whatever was caught", () => {
    const caught: unknown = new Error("?");
    if (EtlError.isInstance(caught)) {
      expectTypeOf(caught.kind).toEqualTypeOf<ErrorKind>();
      expectTypeOf(caught.retryable).toEqualTypeOf<boolean>();
      expectTypeOf(caught.hint).toEqualTypeOf<string | undefined>();
      expectTypeOf(EXIT_CODES[caught.kind].exitCode).toEqualTypeOf<number>();
    } else {
      expectTypeOf(caught).toEqualTypeOf<unknown>();
    }
  });

  test("has a kind that decides its exit code", () => {
    // @ts-expect-error no such kind
    void new EtlError({ kind: "network", code: "X", message: "x" });
    // @ts-expect-error a code is needed
    void new EtlError({ kind: "source", message: "x" });
  });
});

describe("events", () => {
  test("are told apart by their type", () => {
    const listen: OnEvent = (event) => {
      if (event.type === "table.loaded") expectTypeOf(event.counts.inserted).toEqualTypeOf<number>();
      if (event.type === "warning") expectTypeOf(event.code).toEqualTypeOf<string>();
      // @ts-expect-error only some events have counts
      void event.counts;
    };
    expectTypeOf(listen).parameter(0).toEqualTypeOf<RunEvent>();
  });
});

describe("RecordSource", () => {
  test("is an object that a program can write itself", () => {
    const batch: RecordBatch = { bytes: new Uint8Array(2), offsets: [0, 2] };
    async function* batches(): AsyncGenerator<RecordBatch> {
      yield batch;
    }
    expectTypeOf({
      description: "two bytes",
      open: async () => ({ status: "ok" as const, etag: undefined, batches: batches() }),
    }).toExtend<RecordSource>();
  });
});

describe("manifests", () => {
  test("are read into the type that their readers take, and cannot be changed", () => {
    const manifest: TablesManifest = tablesManifestSchema.parse({});
    expectTypeOf(manifest.collections[0]!.tables[0]!.parts[0]!.path).toEqualTypeOf<string>();
    // @ts-expect-error read only
    manifest.runId = "other";
  });
});
