import { Client } from "pg";
import { expect, test } from "vitest";
import { refusal, rowsOf } from "./test-queries.ts";
import { sharedRedshift } from "./test-redshift.ts";

const shared = sharedRedshift();

test("a wrong password is refused, and TLS is not spoken", async () => {
  expect((await refusal(shared.connect({ password: "wrong" }))).code).toBe("28000");
  const secure = new Client({ ...shared.redshift.connection, ssl: true });
  expect((await refusal(secure.connect())).message).toMatch(/does not support SSL/);
});

test("table attributes are kept and the rest of the table works", async () => {
  await shared.client.query(
    `CREATE TABLE raw.t (id BIGINT NOT NULL ENCODE az64, "Name" VARCHAR(10) DEFAULT 'a' ENCODE zstd, CONSTRAINT pk PRIMARY KEY (id), UNIQUE ("Name"))
     DISTSTYLE KEY DISTKEY (id) COMPOUND SORTKEY (id, name) BACKUP NO`,
  );
  expect(await shared.redshift.attributesOf("raw", "t")).toEqual({
    distStyle: "key",
    distKey: "id",
    sortKeys: ["id", "name"],
    interleaved: false,
    backup: false,
    encodings: { id: "az64", name: "zstd" },
    primaryKey: ["id"],
    unique: [["name"]],
    foreignKeys: [],
  });
  await shared.client.query("INSERT INTO raw.t (id) VALUES (1), (1)");
  expect(await rowsOf(shared.client, `SELECT ID, "NAME" FROM raw.T`)).toEqual([
    ["1", "a"],
    ["1", "a"],
  ]);
  expect((await refusal(shared.client.query("INSERT INTO raw.t VALUES (NULL, 'b')"))).code).toBe("23502");
  expect(
    await rowsOf(
      shared.client,
      `SELECT "table", diststyle, sortkey1, tbl_rows::int FROM svv_table_info WHERE "schema" = 'raw'`,
    ),
  ).toEqual([["t", "KEY(id)", "id", 2]]);
});

test("attributes stand behind columns too, and foreign keys are not enforced", async () => {
  await shared.client.query(
    "CREATE TABLE raw.p (id BIGINT PRIMARY KEY DISTKEY SORTKEY ENCODE raw, n INT UNIQUE)",
  );
  await shared.client.query(
    "CREATE TABLE raw.c (FOREIGN KEY (p) REFERENCES raw.p (id), p BIGINT, q BIGINT REFERENCES raw.p)",
  );
  expect(await shared.redshift.attributesOf("RAW", "p")).toMatchObject({
    distStyle: "key",
    distKey: "id",
    sortKeys: ["id"],
    primaryKey: ["id"],
    unique: [["n"]],
  });
  expect(await shared.redshift.attributesOf("raw", "c")).toMatchObject({
    foreignKeys: [
      { columns: ["p"], references: "raw.p" },
      { columns: ["q"], references: "raw.p" },
    ],
  });
  await shared.client.query("INSERT INTO raw.c VALUES (404, 405)");
  await shared.client.query("BEGIN");
  await shared.client.query("CREATE TABLE raw.gone (id INT) DISTSTYLE ALL");
  await shared.client.query("ROLLBACK");
  expect(await shared.redshift.attributesOf("raw", "gone")).toBeUndefined();
});

test("VARCHAR counts bytes, also in added and copied columns", async () => {
  await shared.client.query("CREATE TABLE raw.t (a VARCHAR(4))");
  await shared.client.query("ALTER TABLE raw.t ADD COLUMN b CHAR(2) ENCODE zstd");
  await shared.client.query("CREATE TEMP TABLE s (LIKE raw.t)");
  await shared.client.query("INSERT INTO raw.t VALUES ('éé', 'a')");
  for (const sql of ["INSERT INTO raw.t VALUES ('ééx')", "INSERT INTO s VALUES ('ééx')"]) {
    expect(await refusal(shared.client.query(sql))).toMatchObject({
      code: "22001",
      message: "value too long for type character varying(4)",
    });
  }
  expect((await refusal(shared.client.query("UPDATE raw.t SET b = 'éx'"))).message).toBe(
    "value too long for type character(2)",
  );
});

test("names have up to 127 bytes and fold, quoted too", async () => {
  const long = "x".repeat(100);
  await shared.client.query(
    `CREATE TABLE raw."${long.toUpperCase()}" ("${long}Y" int, "${long}z" int, "a ""b" int)`,
  );
  await shared.client.query(`INSERT INTO raw.${long} VALUES (1, 2, 3)`);
  expect((await shared.client.query(`SELECT * FROM raw.${long}`)).rows).toEqual([
    { [`${long}y`]: 1, [`${long}z`]: 2, 'a "b': 3 },
  ]);
  expect(
    await rowsOf(
      shared.client,
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'",
    ),
  ).toEqual([[long]]);
});

test("a refused statement aborts the transaction that it is in", async () => {
  await shared.client.query("CREATE TABLE raw.t (id int)");
  for (const values of [undefined, [1]]) {
    await shared.client.query("BEGIN");
    await shared.client.query("INSERT INTO raw.t VALUES (7)");
    const sql = `INSERT INTO raw.t VALUES (${values === undefined ? "1" : "$1"}) ON CONFLICT DO NOTHING`;
    expect(await refusal(shared.client.query(sql, values))).toMatchObject({
      code: "42601",
      message: 'syntax error at or near "ON"',
      position: String(sql.indexOf("ON CONFLICT") + 1),
    });
    expect((await refusal(shared.client.query("SELECT 1"))).code).toBe("25P02");
    await shared.client.query("COMMIT");
    expect(await rowsOf(shared.client, "SELECT * FROM raw.t")).toEqual([]);
  }
  expect(shared.redshift.statements().filter(({ outcome }) => outcome === "refused")).toHaveLength(2);
});

test("TRUNCATE commits", async () => {
  await shared.client.query("CREATE TABLE raw.t (id int)");
  await shared.client.query("CREATE TABLE raw.u (id int)");
  await shared.client.query("INSERT INTO raw.t VALUES (1)");
  await shared.client.query("BEGIN");
  await shared.client.query("INSERT INTO raw.u VALUES (1)");
  await shared.client.query("TRUNCATE TABLE raw.t");
  await shared.client.query("ROLLBACK");
  expect(
    await rowsOf(
      shared.client,
      "SELECT (SELECT count(*) FROM raw.t)::int, (SELECT count(*) FROM raw.u)::int",
    ),
  ).toEqual([[0, 1]]);
});

test("settings of the service may be set", async () => {
  await shared.client.query("SET query_group TO 'load'");
  await shared.client.query("RESET query_group");
});

test("plain literals process backslashes", async () => {
  expect(await rowsOf(shared.client, "SELECT 'a\\\\b'")).toEqual([["a\\b"]]);
  expect(await rowsOf(shared.client, "SELECT $1::varchar", ["a\\b'c"])).toEqual([["a\\b'c"]]);
  expect((await refusal(shared.client.query(`SELECT ${shared.client.escapeLiteral("a\\b")}`))).code).toBe(
    "42704",
  );
});

test("two transactions that cannot be put in an order: one fails with 1023", async () => {
  await shared.client.query("CREATE TABLE raw.ledger (run varchar(20))");
  const other = await shared.connect();
  for (const each of [shared.client, other]) {
    await each.query("BEGIN");
    await each.query("SELECT count(*) FROM raw.ledger WHERE run = 'a'");
  }
  await shared.client.query("INSERT INTO raw.ledger VALUES ('a')");
  await other.query("INSERT INTO raw.ledger VALUES ('a')");
  await shared.client.query("COMMIT");
  expect(await refusal(other.query("COMMIT"))).toMatchObject({
    code: "XX000",
    message: "1023",
    detail: expect.stringMatching(/^Serializable isolation violation on table/) as string,
  });
  expect(await rowsOf(shared.client, "SELECT * FROM raw.ledger")).toEqual([["a"]]);
});

test("MERGE updates and inserts, and fails for two source rows of one target row", async () => {
  await shared.client.query("CREATE TABLE raw.t (id int, a varchar(9))");
  await shared.client.query("CREATE TEMP TABLE s (LIKE raw.t)");
  await shared.client.query("INSERT INTO raw.t VALUES (1, 'old')");
  await shared.client.query("INSERT INTO s VALUES (1, 'new'), (2, 'two')");
  const merge =
    "MERGE INTO raw.t USING s ON raw.t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.a)";
  await shared.client.query(merge);
  expect(await rowsOf(shared.client, "SELECT * FROM raw.t ORDER BY 1")).toEqual([
    [1, "new"],
    [2, "two"],
  ]);
  await shared.client.query("INSERT INTO s VALUES (1, 'again')");
  expect((await refusal(shared.client.query(merge))).message).toMatch(/multiple matches/);
});
