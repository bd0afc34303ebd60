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

test.each([
  [
    "MERGE with its three branches",
    `MERGE \`shop.raw.orders\` t USING \`shop.raw.stage\` s ON t.id = s.id
     WHEN MATCHED AND t.amount IS DISTINCT FROM s.amount THEN UPDATE SET amount = s.amount
     WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (s.id, s.amount)
     WHEN NOT MATCHED BY SOURCE THEN DELETE`,
  ],
  [
    "QUALIFY",
    "SELECT id FROM shop.raw.orders QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY amount) = 1",
  ],
  [
    "arrays, structs and JSON",
    "SELECT l.sku, JSON_VALUE(payload, '$.a'), LAX_STRING(payload.a), tags[SAFE_OFFSET(0)] FROM `shop.raw.orders`, UNNEST(lines) l WITH OFFSET o",
  ],
  ["a reserved word in backticks", "SELECT amount AS `at`, amount AS `by` FROM `shop.raw.stage`"],
  [
    "every way to write a name",
    "SELECT 1 FROM shop.raw.stage a, `shop.raw.stage` b, `shop`.`raw`.`stage` c, `shop.raw`.stage d",
  ],
  [
    "CREATE TABLE with partitions, clusters and options",
    `CREATE TABLE IF NOT EXISTS \`shop.raw.days\` (id STRING NOT NULL OPTIONS (description = 'a'), day DATE)
     PARTITION BY day CLUSTER BY id OPTIONS (description = 'b', labels = [('team', 'x')])`,
  ],
  [
    "CREATE MATERIALIZED VIEW",
    "CREATE MATERIALIZED VIEW shop.raw.sums CLUSTER BY id OPTIONS (enable_refresh = TRUE) AS SELECT id, SUM(amount) AS total FROM shop.raw.orders GROUP BY id",
  ],
])("accepts %s", async (_what, sql) => {
  expect(await analyzer.judge({ tables, sql })).toEqual({ ok: true });
});

test.each([
  [
    "a wrong type in MERGE",
    "MERGE `shop.raw.orders` t USING `shop.raw.stage` s ON t.id = s.id\nWHEN MATCHED THEN UPDATE SET amount = s.note",
    { message: /STRING cannot be assigned to amount, which has type INT64/, line: 2, column: 39 },
  ],
  [
    "an unknown column, counted in code points",
    "SELECT '🚀é', nope FROM shop.raw.stage",
    { message: /Unrecognized name: nope/, line: 1, column: 14 },
  ],
  [
    "an unknown table",
    "SELECT 1 FROM shop.raw.none",
    { message: /Table not found: shop.raw.none/, line: 1, column: 15 },
  ],
  [
    "TIMESTAMP against DATETIME",
    "SELECT 1 FROM shop.raw.orders WHERE placed_at >= local_time",
    { message: /operator >= for argument types: TIMESTAMP, DATETIME/, line: 1, column: 37 },
  ],
  ["`at` without backticks", "SELECT 1 AS at", { message: /Unexpected keyword AT/, line: 1, column: 13 }],
  ["`by` without backticks", "SELECT 1 AS by", { message: /Unexpected keyword BY/, line: 1, column: 13 }],
  [
    "DELETE without WHERE",
    "DELETE FROM shop.raw.stage",
    { message: /must have a WHERE clause/, line: 1, column: 1 },
  ],
  [
    "clusters by an unknown column",
    "CREATE TABLE shop.raw.a (id STRING) CLUSTER BY nope",
    { message: /nope/, line: 1, column: 48 },
  ],
  [
    "clusters by a JSON",
    "CREATE TABLE shop.raw.a (j JSON) CLUSTER BY j",
    { message: /groupable/, line: 1, column: 45 },
  ],
  [
    "five clustering columns",
    "CREATE TABLE shop.raw.a (a INT64, b INT64, c INT64, d INT64, e INT64) CLUSTER BY a, b, c, d, e",
    { message: /at most 4 columns/, line: 1, column: 1 },
  ],
  [
    "an unknown option",
    "CREATE TABLE shop.raw.a (id STRING) OPTIONS (descripton = 'x')",
    { message: /Unknown option: descripton/, line: 1, column: 46 },
  ],
  [
    "an option of a wrong type",
    "CREATE TABLE shop.raw.a (id STRING) OPTIONS (require_partition_filter = 'x')",
    { message: /require_partition_filter/, line: 1 },
  ],
  [
    "CLUSTER BY before PARTITION BY",
    "CREATE TABLE shop.raw.a (id STRING, d DATE) CLUSTER BY id PARTITION BY d",
    { message: /got keyword PARTITION/, line: 1, column: 59 },
  ],
  [
    "OR REPLACE together with IF NOT EXISTS",
    "CREATE OR REPLACE MATERIALIZED VIEW IF NOT EXISTS shop.raw.a AS SELECT id FROM shop.raw.stage",
    { message: /both OR REPLACE and IF NOT EXISTS/, line: 1, column: 1 },
  ],
  [
    "a table that is there",
    "CREATE TABLE shop.raw.stage (id STRING)",
    { message: /Already Exists/, line: 1, column: 1 },
  ],
  [
    "a name without a dataset",
    "CREATE TABLE days (id STRING)",
    { message: /must be qualified/, line: 1, column: 1 },
  ],
  ["nothing", "-- only a comment", { message: /no statement/ }],
] as const)("refuses %s", async (_what, sql, { message, ...place }) => {
  expect(await analyzer.judge({ tables, sql })).toMatchObject({
    ok: false,
    message: expect.stringMatching(message),
    ...place,
  });
});

test("parameters, a default project and a default dataset are declared", async () => {
  const sql = "SELECT id FROM stage JOIN raw.ledger ON run_id = @run";
  const question = { tables, sql, project: "shop", dataset: "raw" };
  expect(await analyzer.judge({ ...question, parameters: [{ name: "run", type: "STRING" }] })).toEqual({
    ok: true,
  });
  expect(await analyzer.judge({ ...question, parameters: [{ name: "run", type: "INT64" }] })).toMatchObject({
    ok: false,
    message: expect.stringMatching(/STRING, INT64/),
  });
  expect(await analyzer.judge(question)).toMatchObject({ ok: false, message: expect.stringMatching(/run/) });
});

test("questions know nothing of each other, and many at once are answered each with its own", async () => {
  const questions = Array.from({ length: 8 }, (_, n) => ({
    tables: [{ name: "shop.raw.t", columns: [{ name: `c${n}`, type: "INT64" }] }],
    sql: `CREATE TABLE shop.raw.made AS SELECT c${n}, c0 FROM shop.raw.t`,
  }));
  const verdicts = await Promise.all(questions.map((question) => analyzer.judge(question)));
  // Twice the same column is refused as well, so only the reason tells the first from the others.
  expect(verdicts.map((verdict) => (verdict.ok ? "" : verdict.message.replace(/;.*$/, "")))).toEqual([
    expect.stringMatching(/[Dd]uplicate/),
    ...Array.from({ length: 7 }, () => "Unrecognized name: c0"),
  ]);
});

test("a table that cannot be declared is an error, never a verdict, and the next question is answered", async () => {
  const wrong = [{ name: "shop.raw.t", columns: [{ name: "a", type: "NOPE" }] }];
  await expect(analyzer.judge({ tables: wrong, sql: "SELECT 1" })).rejects.toThrow(
    /could not judge.*Type not found: NOPE/,
  );
  expect(await analyzer.judge({ sql: "SELECT 1" })).toEqual({ ok: true });
});

test("after its end every question is an error", async () => {
  const own = await startAnalyzer();
  const asked = own.judge({ sql: "SELECT 1" });
  await own.close();
  expect(await asked).toEqual({ ok: true });
  await expect(own.judge({ sql: "SELECT 1" })).rejects.toThrow(/ended/);
  await own.close();
});
