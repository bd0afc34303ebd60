import { expect, test } from "vitest";
import { recognise } from "./index.ts";

const COPY =
  "COPY raw.t FROM 's3://lake/m.manifest' IAM_ROLE 'arn:aws:iam::1:role/r' MANIFEST FORMAT AS PARQUET";
const MERGE =
  "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)";

test.each([
  [COPY, "copy"],
  [`${COPY};`, "copy"],
  [COPY.replace("raw.t", 'raw."t x" (a, "b c")'), "copy"],
  [`${COPY} STATUPDATE OFF`, "copy"],
  [MERGE, "merge"],
  [MERGE.replace("USING s ON t.id = s.id", 'USING "raw".s AS x ON (t.id = x.id AND t.b = x.b)'), "merge"],
  [MERGE.replace("UPDATE SET a = s.a", "DELETE"), "merge"],
  [MERGE.replace("SET a = s.a", "SET a = CASE WHEN s.a = 1 THEN (2) END, b = 1"), "merge"],
  [
    "create table if not exists raw.t (id bigint not null encode az64 distkey, n varchar(max) default 'a,b', d decimal(10,2), primary key (id)) diststyle key compound sortkey (id, n)",
    "create table",
  ],
  ["CREATE TEMP TABLE s (LIKE raw.t INCLUDING DEFAULTS) DISTSTYLE EVEN BACKUP NO", "create table"],
  ["CREATE TABLE t SORTKEY (a) AS SELECT 1 AS a", "create table"],
  ["ALTER TABLE raw.t ADD COLUMN x double precision ENCODE zstd", "alter table"],
  ["INSERT INTO t (a, b) SELECT a, b FROM s WHERE NOT EXISTS (SELECT 1 FROM t x WHERE x.a = s.a)", "insert"],
  ["INSERT INTO t VALUES (1, 'x'), ($1, DEFAULT)", "insert"],
  ["DELETE FROM t USING s, r AS z WHERE t.id = s.id AND z.id = s.id", "delete"],
  ["UPDATE t SET a = s.a, b = coalesce(s.b, 1) FROM s WHERE t.id = s.id", "update"],
  ["WITH x AS (SELECT 1) SELECT * FROM x", "other"],
  ["BEGIN", "other"],
  ["LOCK TABLE raw.t", "other"],
])("recognises %s", (sql, kind) => {
  expect(recognise(sql)).toEqual({ ok: true, kind });
});

test.each([
  // COPY
  [COPY.replace(/ IAM_ROLE '[^']*'/, ""), /IAM_ROLE/],
  [COPY.replace(/IAM_ROLE '[^']*'/, "CREDENTIALS 'aws_access_key_id=x'"), /only accepts IAM_ROLE/],
  [COPY.replace(" MANIFEST", ""), /MANIFEST/],
  [`${COPY} MAXERROR 10`, /MAXERROR argument is not supported for PARQUET based COPY/],
  [`${COPY} REGION 'eu-west-1'`, /REGION argument/],
  [`${COPY} TRUNCATECOLUMNS`, /TRUNCATECOLUMNS/],
  ["COPY t FROM STDIN", /LOAD source is not supported/],
  // MERGE
  [MERGE.replace("INTO t", "INTO t AS x"), /expected USING/],
  [MERGE.replace("USING s", "USING (SELECT 1) s"), /MERGE takes no query/],
  [MERGE.replace("WHEN MATCHED THEN", "WHEN MATCHED AND t.a <> s.a THEN"), /expected WHEN MATCHED THEN/],
  [MERGE.replace("t.id = s.id", "t.id > s.id"), /expected =/],
  [MERGE.replace(/ WHEN NOT.*/, ""), /WHEN NOT MATCHED/],
  [MERGE.replace("SET a", "SET t.a"), /expected =/],
  // Tables
  ["CREATE TABLE t (id serial)", /Column "t.id" has unsupported type "serial"\./],
  ["CREATE TABLE t (id jsonb)", /type "jsonb" does not exist/],
  ["CREATE TABLE t (id text[])", /unsupported type "text\[\]"/],
  ["CREATE TABLE t (id int CHECK (id > 0))", /CHECK constraint is not supported/],
  ["CREATE TABLE t (n varchar(65536))", /cannot exceed 65535/],
  ["CREATE TABLE t (n int ENCODE fast)", /encoding type "fast"/],
  ["ALTER TABLE t ADD COLUMN IF NOT EXISTS x int", /at or near "IF"/],
  ["ALTER TABLE t ADD COLUMN x int, ADD COLUMN y int", /at or near ","/],
  ["ALTER TABLE t ADD COLUMN x int NOT NULL", /non-null default/],
  ["ALTER TABLE t APPEND FROM s", /APPEND/],
  // Rows
  ["INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", /at or near "ON"/],
  ["INSERT INTO t VALUES (1) RETURNING id", /at or near "RETURNING"/],
  ["WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", /at or near "INSERT"/],
  ["DELETE FROM t AS x USING s WHERE x.id = s.id", /at or near "AS"/],
  ["UPDATE t x SET a = 1", /expected SET/],
  ["INSERT INTO t VALUES (E'a\\\\b')", /type "e" does not exist/],
  // Anywhere
  ["CREATE UNIQUE INDEX i ON t (a)", /not supported on Redshift tables/],
  ["SELECT DISTINCT ON (a) a FROM t", /SELECT DISTINCT ON is not supported/],
  ["SELECT count(*) FILTER (WHERE a) FROM t", /at or near "\("/],
  ["SELECT string_agg(a, ',') FROM t", /string_agg.* does not exist/],
  ["SELECT '{}'::jsonb", /type "jsonb" does not exist/],
  ["SAVEPOINT a", /SAVEPOINT/],
  ["LOCK TABLE t IN ACCESS EXCLUSIVE MODE", /at or near "IN"/],
  ["SELECT 'open", /unterminated quoted string/],
])("refuses %s", (sql, problem) => {
  expect(recognise(sql)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) as string });
});

test("says where", () => {
  const sql = "DELETE FROM t RETURNING id";
  expect(recognise(sql)).toEqual({
    ok: false,
    problem: 'syntax error at or near "RETURNING"',
    at: sql.indexOf("RETURNING"),
    code: "42601",
  });
});

test("reads words inside of texts, names and comments as what they are", () => {
  expect(
    recognise(`SELECT 'on conflict', "returning", t."filter" /* serial */ FROM t -- DISTINCT ON (a)`),
  ).toEqual({
    ok: true,
    kind: "other",
  });
  expect(recognise("INSERT INTO t VALUES ('it''s \\' RETURNING')")).toEqual({ ok: true, kind: "insert" });
});
