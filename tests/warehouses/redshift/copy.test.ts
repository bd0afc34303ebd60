import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  s3ClientOf,
  startVersitygw,
  TEST_CREDENTIALS,
  TEST_REGION,
  type TestServer,
} from "../../servers/index.ts";
import { type RedshiftStandIn, startRedshift } from "./index.ts";
import { refusal, rowsOf } from "./test-queries.ts";

const ROLE = "arn:aws:iam::000000000000:role/load";
const folder = mkdtempSync(join(tmpdir(), "redshift-test-"));
let s3: TestServer;
let objects: S3Client;
let duckdb: DuckDBInstance;
let redshift: RedshiftStandIn;
let client: Client;

beforeAll(async () => {
  s3 = await startVersitygw();
  await s3.makeBucket("lake");
  objects = s3ClientOf(s3);
  duckdb = await DuckDBInstance.create(":memory:");
  redshift = await startRedshift({
    s3: { endpoint: s3.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS },
    roles: [ROLE],
  });
});
afterAll(async () => {
  await redshift?.close();
  duckdb?.closeSync();
  objects?.destroy();
  await s3?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  client = new Client(redshift.connection);
  client.on("error", () => undefined);
  await client.connect();
  await client.query("DROP SCHEMA IF EXISTS raw CASCADE");
  await client.query("CREATE SCHEMA raw");
});
afterEach(async () => await client.end().catch(() => undefined));

let count = 0;

/** Puts the rows of queries as parts, and their manifest; with `change`, one that is not true. */
async function stage(
  queries: readonly string[],
  change: (entry: { url: string; mandatory: boolean; meta: { content_length: number } }) => unknown = (
    entry,
  ) => entry,
): Promise<string> {
  const prefix = `run-${++count}`;
  const connection = await duckdb.connect();
  const entries: unknown[] = [];
  try {
    for (const [n, query] of queries.entries()) {
      const path = join(folder, `${prefix}-${n}.parquet`);
      await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
      const Body = readFileSync(path);
      await put(`${prefix}/${n}.parquet`, Body);
      const url = `s3://lake/${prefix}/${n}.parquet`;
      entries.push(change({ url, mandatory: true, meta: { content_length: Body.length } }));
    }
  } finally {
    connection.closeSync();
  }
  await put(`${prefix}/manifest`, JSON.stringify({ entries }));
  return `s3://lake/${prefix}/manifest`;
}

async function put(Key: string, Body: string | Buffer): Promise<void> {
  await objects.send(new PutObjectCommand({ Bucket: "lake", Key, Body }));
}

const copyOf = (table: string, manifest: string, role = ROLE): string =>
  `COPY ${table} FROM '${manifest}' IAM_ROLE '${role}' MANIFEST FORMAT AS PARQUET`;

test("every kind of value arrives as it was", async () => {
  await client.query(
    `CREATE TABLE raw.t (n BIGINT, s VARCHAR(65535), d DOUBLE PRECISION, b BOOLEAN, ts TIMESTAMP, day DATE, i INTEGER, m DECIMAL(10,2))`,
  );
  const manifest = await stage([
    String.raw`SELECT * FROM (VALUES
      (1, 9223372036854775807::BIGINT, '\N', 0.1::DOUBLE, true, TIMESTAMP '2020-01-02 03:04:05.123456', DATE '1969-07-20', 7::INTEGER, 1.25::DECIMAL(10,2)),
      (2, -9223372036854775808, '', 1e308, false, TIMESTAMP '1900-01-01', DATE '9999-12-31', -2147483648, -1.00),
      (3, 0, 'a,"b"' || chr(10) || '\.' || chr(13) || chr(10) || 'c\\n', 'inf', NULL, NULL, NULL, NULL, NULL),
      (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (5, 5, '火星 🚀 ' || repeat('x', 60000), 5, true, TIMESTAMP '2020-01-01', DATE '2020-01-01', 1, 0)
    ) v(k, a, b, c, d, e, f, g, h) ORDER BY k`.replace(
      "SELECT *",
      "SELECT a::BIGINT, b, c, d, e, f, g, h::DECIMAL(10,2)",
    ),
  ]);
  const result = await client.query(copyOf("raw.t", manifest));
  expect(result.rowCount).toBeNull();
  const rows = await rowsOf(
    client,
    "SELECT n::varchar(30), s, d::varchar(30), b, to_char(ts, 'YYYY-MM-DD HH24:MI:SS.US'), to_char(day, 'YYYY-MM-DD'), i, m::varchar(30) FROM raw.t",
  );
  expect(rows).toHaveLength(5);
  expect(rows).toEqual(
    expect.arrayContaining([
      ["9223372036854775807", "\\N", "0.1", true, "2020-01-02 03:04:05.123456", "1969-07-20", 7, "1.25"],
      [
        "-9223372036854775808",
        "",
        "1e+308",
        false,
        "1900-01-01 00:00:00.000000",
        "9999-12-31",
        -2147483648,
        "-1.00",
      ],
      ["0", 'a,"b"\n\\.\r\nc\\\\n', "Infinity", null, null, null, null, null],
      [null, null, null, null, null, null, null, null],
      [
        "5",
        `火星 🚀 ${"x".repeat(60_000)}`,
        "5",
        true,
        "2020-01-01 00:00:00.000000",
        "2020-01-01",
        1,
        "0.00",
      ],
    ]),
  );
});

test("a COPY is part of its transaction, and counts are known inside of it", async () => {
  await client.query("CREATE TABLE raw.t (id BIGINT, s VARCHAR(9))");
  const manifest = await stage(["SELECT range AS other, 'x' AS name FROM range(3)", "SELECT 9::BIGINT, 'y'"]);
  await client.query("BEGIN");
  await client.query(copyOf("raw.t", manifest));
  expect(await rowsOf(client, "SELECT pg_last_copy_count()::int, count(*)::int FROM raw.t")).toEqual([
    [4, 4],
  ]);
  await client.query("ROLLBACK");
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[0]]);
  await client.query(copyOf("raw.t (s, id)", await stage(["SELECT 'z' AS a, 1::BIGINT AS b"])));
  expect(await rowsOf(client, "SELECT * FROM raw.t")).toEqual([["1", "z"]]);
  expect(
    await rowsOf(
      client,
      "SELECT status, table_name, loaded_rows::int FROM sys_load_history WHERE query_id = pg_last_copy_id()",
    ),
  ).toEqual([["completed", "t", 1]]);
});

test("a value that does not fit is refused and explained", async () => {
  await client.query("CREATE TABLE raw.t (id BIGINT, s VARCHAR(4))");
  const manifest = await stage(["SELECT 1::BIGINT AS id, 'éé' AS s UNION ALL SELECT 2, 'ééx'"]);
  await client.query("BEGIN");
  const error = await refusal(client.query(copyOf("raw.t", manifest)));
  expect(error).toMatchObject({ code: "XX000", message: "Spectrum Scan Error" });
  expect(error.detail).toContain(
    "The length of the data column s is longer than the length defined in the table. Table: 4, Data: 5",
  );
  expect((await refusal(client.query("SELECT 1"))).code).toBe("25P02");
  await client.query("ROLLBACK");
  expect(
    await rowsOf(
      client,
      "SELECT file_name, line_number::int, column_name, column_length, error_code FROM sys_load_error_detail WHERE query_id = pg_last_copy_id()",
    ),
  ).toEqual([[manifest.replace("manifest", "0.parquet"), 2, "s", "4", 15007]]);
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[0]]);
});

test.each([
  [
    "too few columns",
    "SELECT 1::BIGINT AS id",
    /Unmatched number of columns .* Table columns: 2, Data columns: 1/,
  ],
  ["a narrower integer", "SELECT 1::INTEGER AS id, 'a' AS s", /incompatible Parquet schema for column/],
  ["a null where none may be", "SELECT NULL::BIGINT AS id, 'a' AS s", /NULL value in column id/],
])("%s is refused", async (_name, query, detail) => {
  await client.query("CREATE TABLE raw.t (id BIGINT NOT NULL, s VARCHAR(4))");
  expect((await refusal(client.query(copyOf("raw.t", await stage([query]))))).detail).toMatch(detail);
});

test("the manifest is believed only as far as it is true", async () => {
  await client.query("CREATE TABLE raw.t (id BIGINT)");
  const part = "SELECT 1::BIGINT AS id";
  const wrongLength = await stage([part], ({ meta, ...entry }) => ({
    ...entry,
    meta: { content_length: meta.content_length + 1 },
  }));
  expect((await refusal(client.query(copyOf("raw.t", wrongLength)))).detail).toMatch(/content_length/);
  const noLength = await stage([part], ({ url }) => ({ url, mandatory: true }));
  expect((await refusal(client.query(copyOf("raw.t", noLength)))).message).toMatch(/Manifest/);
  const gone = (mandatory: boolean) =>
    stage([part, part], (entry) => ({
      ...entry,
      mandatory,
      url: entry.url.replace("/1.parquet", "/none.parquet"),
    }));
  expect((await refusal(client.query(copyOf("raw.t", await gone(true))))).message).toMatch(/NoSuchKey/);
  await client.query(copyOf("raw.t", await gone(false)));
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[1]]);
  expect((await refusal(client.query(copyOf("raw.t", "s3://lake/none")))).message).toMatch(/NoSuchKey/);
});

test("only allowed roles, and only tables that are there", async () => {
  await client.query("CREATE TABLE raw.t (id BIGINT)");
  const manifest = await stage(["SELECT 1::BIGINT AS id"]);
  const other = "arn:aws:iam::000000000000:role/other";
  expect((await refusal(client.query(copyOf("raw.t", manifest, other)))).message).toMatch(
    /is not authorized to assume IAM Role arn:aws:iam::000000000000:role\/other$/,
  );
  expect((await refusal(client.query(copyOf("raw.none", manifest)))).message).toBe(
    "Cannot COPY into nonexistent table none",
  );
});

test("COPY and TRUNCATE go through prepared messages too", async () => {
  await client.query("CREATE TABLE raw.t (id BIGINT)");
  const manifest = await stage(["SELECT range AS id FROM range(5)"]);
  await client.query({ name: "load", text: copyOf("raw.t", manifest) });
  await client.query({ name: "load", text: copyOf("raw.t", manifest) });
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[10]]);
  await client.query({ name: "clear", text: "TRUNCATE raw.t" });
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[0]]);
});

test("a connection that is reset after an own-transaction COPY leaves it loaded", async () => {
  await client.query("CREATE TABLE raw.t (id BIGINT)");
  const manifest = await stage(["SELECT range AS id FROM range(1000)"]);
  redshift.inject({ match: /^COPY/, when: "after", effect: "reset" });
  await refusal(client.query(copyOf("raw.t", manifest)));
  client = new Client(redshift.connection);
  await client.connect();
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[1000]]);
  expect(redshift.statements().findLast(({ kind }) => kind === "copy")?.outcome).toBe("reset");
});
