import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { collectionOf } from "../../test/merge/plans.ts";
import type { Session } from "../merge/index.ts";
import { orders } from "../testing/shop.ts";
import { copyError } from "./load-error.ts";
import { isLost, redshiftError } from "./redshift-error.ts";

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

/** As users of clusters report it: the file by another address, and the end cut off. */
const reported = (context: string) =>
  failed(
    "Spectrum Scan Error",
    `\n  -----------------------------------------------\n  error:  Spectrum Scan Error\n  code:      15007\n  context:   ${context}\n  query:     146667179\n  location:  dory_util.cpp:1777\n  process:   worker_thread [pid=30296]\n  -----------------------------------------------\n`,
  );
const [part, second] = source!.parts.map(({ uri }) => uri) as [string, string];
const web = (uri: string) => uri.replace("s3://", "https://s3.us-east-1.amazonaws.com/");

test("a message whose end is missing still names the file, and says that the column is not known", async () => {
  const none = noted([]);
  const error = await copyError(
    reported(`File '${web(second)}' has an incompatible Parquet s`),
    none,
    table,
    "raw",
  );
  expect(error).toMatchObject({
    code: "PART_MISMATCH",
    message: expect.stringMatching(
      /^A file does not fit table orders: s3:\/\/lake\/.*2\.parquet: File .*incompatible Parquet s… \(Redshift cut off/,
    ) as string,
    details: { file: second, column: undefined },
  });
  // The two parts differ behind this.
  const common = part.slice(0, part.lastIndexOf("/") + 1);
  expect(await copyError(reported(`File '${web(common)}`), none, table, "raw")).toMatchObject({
    message: expect.stringContaining(`one of the files ${common}…`) as string,
    details: { file: undefined },
  });
  expect(await copyError(reported(`File '${web(part).slice(0, -3)}`), none, table, "raw")).toMatchObject({
    details: { file: part },
  });
  const named = `File '${web(part)}' has an incompatible Parquet schema for column '${web(part)}.total'. Column type: BIGINT`;
  expect(await copyError(reported(named), none, table, "raw")).toMatchObject({
    details: { file: part, column: "total", reason: named },
  });
});

test("a context that is empty is not read across its line", async () => {
  const error = await copyError(reported(""), noted([]), table, "raw");
  expect(error).toMatchObject({ code: "PART_MISMATCH", details: { reason: "Spectrum Scan Error" } });
});

test.each([
  "S3 Query Exception (Fetch). Task failed due to an internal error.",
  `S3 Query Exception (Fetch), Status 503, File '${web(part)}'`,
  "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 0",
  "S3ServiceException:We encountered an internal error.,Status 500,Error InternalError,Rid 0",
  "S3ServiceException:Your socket connection was not read in time.,Status 400,Error RequestTimeout",
])("S3 failed, and no file is accused: %s", async (message) => {
  for (const error of [failed(message), reported(message)]) {
    expect(await copyError(error, noted([]), table, "raw")).toBe(error);
    expect(error).toMatchObject({ code: "LAKE_UNREADABLE", kind: "destination", retryable: true });
    expect(isLost(error)).toBe(false);
    const rows = [{ file_name: part, line_number: "0", column_name: "", error_message: message }];
    expect(await copyError(error, noted(rows), table, "raw")).toBe(error);
  }
});

test("an old wording of a file that does not fit is no failure of S3's", async () => {
  const message = `S3 Query Exception (Fetch). Task failed due to an internal error. File '${web(part)}' has an incompatible Parquet schema for column '${web(part)}.total'`;
  expect(await copyError(reported(message), noted([]), table, "raw")).toMatchObject({
    code: "PART_MISMATCH",
    details: { file: part, column: "total" },
  });
});

test("without a word about a file, the error stays what it is; rows of another COPY say nothing", async () => {
  const error = failed("Assert", "\n  error:  Assert\n  code:      1000\n  context:   Unreachable\n");
  const other = { file_name: "s3://lake/tables/products/run=r2/1.parquet", error_message: "Invalid value" };
  expect(await copyError(error, noted([other]), table, "raw")).toBe(error);
});

test("a file that is gone", async () => {
  const message = "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,Rid 0";
  expect(await copyError(failed(message), noted([]), table, "raw")).toMatchObject({ code: "PART_MISSING" });
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
