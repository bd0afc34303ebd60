import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { collectionOf } from "../../test/merge/plans.ts";
import type { Session } from "../merge/index.ts";
import { orders } from "../testing/shop.ts";
import { copyError } from "./load-error.ts";
import { redshiftError } from "./redshift-error.ts";

const [source] = collectionOf(orders, {}, "s3://lake").tables;
const table = {
  table: "orders",
  collection: "orders",
  child: false,
  action: "merge",
  rows: 10,
  liveRows: 0,
  source: source!,
  addedColumns: [],
  goneColumns: [],
} as const;
const failed = (message: string, detail = "") =>
  redshiftError(Object.assign(new Error(message), { code: "XX000", detail }), "redshift://host/db");

/** A session whose view of load errors has these rows. */
function noted(rows: readonly Record<string, unknown>[] | Error): Session {
  const unused = () => Promise.reject(new Error("not asked"));
  return {
    rows: unused,
    execute: unused,
    write: unused,
    executeAll: unused,
    finish: () => (rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows)),
  };
}

test("what Redshift noted of the COPY says file, column and reason", async () => {
  const file_name = source!.parts[0]!.uri;
  const rows = [
    { file_name, line_number: "3", column_name: "total", error_message: "Invalid value" },
    { file_name, line_number: "4", column_name: "total", error_message: "Invalid value" },
  ];
  const error = await copyError(failed("Load into table 'x' failed."), noted(rows), table, "raw");
  expect(error).toMatchObject({
    code: "PART_MISMATCH",
    exitCode: 10,
    message: `A file does not fit table orders: ${file_name}, column total: Invalid value`,
    details: { table: "orders", file: file_name, column: "total", reason: "Invalid value", others: 1 },
  });
});

test("where the view has nothing or may not be read, the error's own context does", async () => {
  const context = `The length of the data column note is longer than the length defined in the table. Table: 256, Data: 300, File name: ${source!.parts[1]!.uri}`;
  const detail = `\n  -----\n  error:  Spectrum Scan Error\n  code:      15007\n  context:   ${context}\n  query:     5\n`;
  for (const rows of [[], new Error("permission denied")]) {
    const error = await copyError(failed("Spectrum Scan Error", detail), noted(rows), table, "raw");
    expect(error).toMatchObject({
      code: "VALUE_TOO_LONG",
      exitCode: 7,
      message: expect.stringMatching(
        /orders\.note has 300 bytes, but the column holds 256.*2\.parquet/,
      ) as string,
      hint: expect.stringContaining('ALTER TABLE "raw"."orders" ALTER COLUMN "note"') as string,
    });
  }
});

test("what is not the files' fault stays what it is", async () => {
  for (const error of [
    failed("1023"),
    failed("Connection terminated unexpectedly"),
    failed("Disk Full"),
    new EtlError({ kind: "interrupted", code: "LOAD_ABORTED", message: "stopped" }),
    new Error("of a checkpoint"),
  ]) {
    expect(await copyError(error, noted(new Error("not asked")), table, "raw")).toBe(error);
  }
});
