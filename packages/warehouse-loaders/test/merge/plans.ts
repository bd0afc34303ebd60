import type { CollectionSpec, LogicalType } from "@spacex-etl/contracts";
import type { LoadCollection } from "../../src/loader/load-request.ts";
import { rawColumns, type WarehouseState } from "../../src/planning/index.ts";

// What golden files are made of: the same loads in every engine's SQL.

/** Tables of ten rows in two parts; the third table is empty. */
export function collectionOf(
  spec: CollectionSpec,
  change: Partial<LoadCollection> = {},
  lake = "/lake/it's [odd]",
): LoadCollection {
  return {
    name: spec.name,
    extractedAt: "2026-01-02T00:00:00.000Z",
    schemaFingerprint: "f".repeat(64),
    quarantinedKeys: [],
    tables: spec.tables.map((table, index) => ({
      spec: table,
      rows: index === 2 ? 0 : 10,
      contentSha256: "b".repeat(64),
      parts:
        index === 2
          ? []
          : [1, 2].map((part) => ({
              path: `tables/${table.name}/run=r2/${part}.parquet`,
              uri: `${lake}/tables/${table.name}/run=r2/${part}.parquet`,
              rows: 5,
              bytes: 100,
              sha256: "c".repeat(64),
              runId: "r2",
            })),
    })),
    ...change,
  };
}

/** A warehouse with 12 live rows in every table of the collection, as an earlier load left it. */
export function loaded(
  spec: CollectionSpec,
  types: Readonly<Record<LogicalType, string>>,
  registeredRows = 12,
): WarehouseState {
  return {
    loads: 1,
    thisRun: null,
    registry: spec.tables.map((table) => ({
      table: table.name,
      collection: spec.name,
      source: "shop",
      schemaVersion: 1,
      schemaFingerprint: "e".repeat(64),
      contentSha256: "a".repeat(64),
      rows: registeredRows,
      extractedAt: "2026-01-01T00:00:00.000000Z",
    })),
    tables: spec.tables.map((table) => ({
      name: table.name,
      writable: true,
      columns: rawColumns(table).map((column) => ({
        name: column.name,
        type: types[column.type],
        nullable: !column.required,
      })),
      rows: 13,
      liveRows: 12,
    })),
  };
}
