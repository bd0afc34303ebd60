import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { isLost, redshiftError } from "./redshift-error.ts";

const said = (message: string, code?: string, detail?: string) =>
  Object.assign(new Error(message), { ...(code === undefined ? {} : { code }), detail });

test.each<[string, number, boolean, Error]>([
  ["WAREHOUSE_TLS", 8, false, said("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT")],
  ["WAREHOUSE_TLS", 8, false, said("The server does not support SSL connections")],
  ["WAREHOUSE_UNREACHABLE", 8, true, said("getaddrinfo ENOTFOUND nowhere", "ENOTFOUND")],
  ["WAREHOUSE_UNREACHABLE", 8, true, said("timeout expired")],
  ["WAREHOUSE_UNREACHABLE", 8, true, said("Connection terminated unexpectedly")],
  ["WAREHOUSE_UNREACHABLE", 8, true, said("read ECONNRESET", "ECONNRESET")],
  ["WAREHOUSE_UNREACHABLE", 8, true, said("the database system is starting up", "57P03")],
  ["WAREHOUSE_AUTH", 3, false, said('password authentication failed for user "x"', "28P01")],
  ["WAREHOUSE_FORBIDDEN", 3, false, said("permission denied for relation orders", "42501")],
  [
    "WAREHOUSE_ROLE",
    3,
    false,
    said("Not authorized to get credentials of role arn:aws:iam::1:role/x", "XX000"),
  ],
  [
    "WAREHOUSE_ROLE",
    3,
    false,
    said("S3ServiceException:Access Denied,Status 403,Error AccessDenied", "XX000"),
  ],
  [
    "WAREHOUSE_LOCATION",
    2,
    false,
    said("The S3 bucket is in a different region from this cluster.", "XX000"),
  ],
  ["WAREHOUSE_MISSING", 8, false, said('database "x" does not exist', "3D000")],
  ["WAREHOUSE_QUOTA", 5, true, said("too many connections", "53300")],
  ["WAREHOUSE_CHANGED", 5, true, said("1023", "XX000", "Serializable isolation violation on table - 1")],
  [
    "WAREHOUSE_CHANGED",
    5,
    true,
    said("could not complete because of conflict with concurrent transaction", "XX000"),
  ],
  ["WAREHOUSE_CHANGED", 5, true, said("could not serialize access", "40001")],
  ["WAREHOUSE_CHANGED", 5, true, said("deadlock detected", "40P01")],
  ["NAME_UNSUPPORTED", 2, false, said('column name "xmin" conflicts with a system column name', "42701")],
  ["WAREHOUSE_CHANGED", 5, true, said('relation "orders" already exists', "42P07")],
  ["WAREHOUSE_DISK_FULL", 8, true, said("Disk Full", "XX000", "error: Disk Full code: 1016")],
  ["JOB_CANCELLED", 8, true, said("Query (5) cancelled on user's request", "57014")],
  ["JOB_CANCELLED", 8, true, said("canceling statement due to statement timeout", "XX000")],
  ["VALUE_TOO_LONG", 7, false, said("value too long for type character varying(4)", "22001")],
  ["WAREHOUSE_REFUSED", 8, false, said('syntax error at or near "x"', "42601")],
])("%s (exit %i, retryable %s)", (code, exitCode, retryable, cause) => {
  const error = redshiftError(cause, "redshift://host/db", "insert into orders");
  expect(error).toMatchObject({ code, exitCode, retryable, cause });
  expect(error.message).toContain("redshift://host/db");
  expect(error.message).toContain(cause.message);
  expect(error.message).toContain("insert into orders");
  expect(error.hint).toMatch(/\w/);
  expect(isLost(error)).toBe(code === "WAREHOUSE_UNREACHABLE");
});

test("an error that says its own stays as it is", () => {
  const own = new EtlError({ kind: "data", code: "MINE", message: "mine" });
  expect(redshiftError(own, "here")).toBe(own);
});
