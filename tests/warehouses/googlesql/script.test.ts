import { afterAll, beforeAll, expect, test } from "vitest";
import { TABLES as tables } from "./fixtures.ts";
import { type Analyzer, startAnalyzer } from "./index.ts";

let analyzer: Analyzer;

beforeAll(async () => {
  analyzer = await startAnalyzer();
});

afterAll(async () => {
  await analyzer.close();
});

const parameters = [{ name: "run", type: "STRING" }];

const load = (body: string): string => `BEGIN TRANSACTION;
UPDATE \`shop.raw.ledger\` SET loaded = loaded + 1 WHERE run_id = 'lock';
IF NOT EXISTS (SELECT 1 FROM \`shop.raw.ledger\` WHERE run_id = @run) THEN
  ${body}
  INSERT INTO \`shop.raw.ledger\` (run_id, loaded) VALUES (@run, @@row_count);
  ASSERT (SELECT COUNT(*) FROM \`shop.raw.ledger\` WHERE run_id = @run) = 1 AS 'ledger';
END IF;
COMMIT TRANSACTION;`;

const merge = (value: string): string =>
  `MERGE \`shop.raw.orders\` t USING \`shop.raw.stage\` s ON t.id = s.id WHEN MATCHED THEN UPDATE SET amount = ${value};`;

test("accepts a load in one transaction, with its tables made and widened before", async () => {
  const statements = [
    "CREATE TABLE IF NOT EXISTS `shop.raw.items` (id STRING) CLUSTER BY id",
    "ALTER TABLE `shop.raw.items` ADD COLUMN IF NOT EXISTS n INT64, ADD COLUMN tags ARRAY<STRING>",
    load(
      `${merge("s.amount")} INSERT INTO \`shop.raw.items\` (id, n) SELECT id, amount FROM shop.raw.stage;`,
    ),
    "DROP TABLE `shop.raw.stage`",
  ];
  expect(await analyzer.judgeScript({ tables, parameters, statements })).toEqual({ ok: true });
});

test("judges what is inside of an IF, at its place in the script", async () => {
  const script = load(merge("s.note"));
  const statements = ["SELECT 1", script];
  expect(await analyzer.judgeScript({ tables, parameters, statements })).toEqual({
    ok: false,
    statement: 1,
    message: "Value of type STRING cannot be assigned to amount, which has type INT64",
    line: 4,
    column: 1 + (script.split("\n")[3]?.indexOf("s.note") ?? 0),
  });
});

test.each([
  ["ELSEIF", "IF TRUE THEN SELECT 1; ELSEIF 1 THEN SELECT 2; END IF", /not BOOL/, 31],
  ["ELSE", "IF TRUE THEN SELECT 1; ELSE SELECT nope; END IF", /nope/, 36],
  ["an exception handler", "BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT nope; END", /nope/, 50],
  ["a condition", "IF (SELECT nope FROM shop.raw.stage) THEN SELECT 1; END IF", /nope/, 12],
])("judges %s", async (_what, sql, message, column) => {
  expect(await analyzer.judge({ tables, sql })).toMatchObject({
    message: expect.stringMatching(message),
    line: 1,
    column,
  });
});

test("a column is known after ALTER TABLE and not before, and no more after DROP", async () => {
  const add = "ALTER TABLE shop.raw.stage ADD COLUMN extra INT64";
  const read = "SELECT extra FROM `shop.raw.stage`";
  const judge = (...statements: readonly string[]) => analyzer.judgeScript({ tables, statements });
  expect(await judge(add, read)).toEqual({ ok: true });
  expect(await judge(read, add)).toMatchObject({ ok: false, statement: 0 });
  expect(await judge(add, add)).toMatchObject({
    ok: false,
    statement: 1,
    message: expect.stringMatching(/already exists/),
  });
  expect(await judge(add, "ALTER TABLE shop.raw.stage DROP COLUMN extra", read)).toMatchObject({
    ok: false,
    statement: 2,
  });
  expect(await judge("DROP TABLE shop.raw.stage", read)).toMatchObject({ ok: false, statement: 1 });
  expect(await judge(`${add} NOT NULL`)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/NOT NULL/),
  });
  expect(await judge("ALTER TABLE shop.raw.none ADD COLUMN a INT64")).toMatchObject({ ok: false });
});

test.each([
  [
    "permanent DDL",
    "BEGIN TRANSACTION; CREATE TABLE shop.raw.a (id STRING); COMMIT TRANSACTION",
    /permanent/,
  ],
  [
    "ALTER TABLE",
    "BEGIN TRANSACTION; ALTER TABLE shop.raw.stage ADD COLUMN a INT64; COMMIT TRANSACTION",
    /permanent/,
  ],
  ["a second one", "BEGIN TRANSACTION; BEGIN TRANSACTION; COMMIT TRANSACTION", /nested/],
  ["no end", "BEGIN TRANSACTION; DELETE FROM shop.raw.stage WHERE TRUE", /still open/],
  ["no beginning", "COMMIT TRANSACTION", /no transaction/],
  ["RETURN", "BEGIN TRANSACTION; IF TRUE THEN RETURN; END IF; COMMIT TRANSACTION", /RETURN/],
])("refuses a transaction with %s", async (_what, sql, message) => {
  expect(await analyzer.judge({ tables, sql })).toMatchObject({
    ok: false,
    message: expect.stringMatching(message),
  });
});

test.each([
  [
    "a temporary table in it",
    "BEGIN TRANSACTION; CREATE TEMP TABLE t AS SELECT 1 AS a; SELECT a FROM t; COMMIT TRANSACTION",
  ],
  [
    "ROLLBACK and RETURN in a branch",
    "BEGIN TRANSACTION; IF @@row_count = 0 THEN ROLLBACK TRANSACTION; RETURN; END IF; COMMIT TRANSACTION",
  ],
  [
    "ROLLBACK in a handler",
    "BEGIN BEGIN TRANSACTION; COMMIT TRANSACTION; EXCEPTION WHEN ERROR THEN ROLLBACK TRANSACTION; RAISE USING MESSAGE = @@error.message; END",
  ],
])("accepts a transaction with %s", async (_what, sql) => {
  expect(await analyzer.judge({ tables, sql })).toEqual({ ok: true });
});

test.each([
  ["a default of another type", "DECLARE n INT64 DEFAULT 'a'; SELECT n", /Expected type INT64; found STRING/],
  ["a value of another type", "DECLARE n INT64; SET n = 'a'", /Expected type INT64; found STRING/],
  ["an unknown type", "DECLARE n NOPE", /Type not found: NOPE/],
  ["no declaration", "SET n = 1", /Undeclared variable: n/],
  ["a late declaration", "SELECT 1; DECLARE n INT64", /at the start/],
  ["a use of another type", "DECLARE n INT64; SELECT n > 'a'", /No matching signature/],
])("refuses a variable with %s", async (_what, sql, message) => {
  expect(await analyzer.judge({ sql })).toMatchObject({ ok: false, message: expect.stringMatching(message) });
});

test("accepts variables that are declared, set and read", async () => {
  const sql = "DECLARE n INT64 DEFAULT 0; SET n = (SELECT COUNT(*) FROM shop.raw.stage); SELECT n + 1";
  expect(await analyzer.judge({ tables, sql })).toEqual({ ok: true });
});

test("what it cannot look into it refuses", async () => {
  for (const sql of ["EXECUTE IMMEDIATE 'SELECT nope'", "WHILE TRUE DO SELECT nope; END WHILE"]) {
    expect(await analyzer.judge({ sql })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/does not walk/),
    });
  }
});
