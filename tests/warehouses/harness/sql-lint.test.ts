import { describe, expect, test } from "vitest";
import { lintSql, withoutQuoted } from "./sql-lint.ts";

describe("lint of SQL", () => {
  test.each([
    ["duckdb", `SELECT 'it''s \\', "a""b", x -- rest\nFROM t`, `SELECT '', "", x \nFROM t`],
    ["redshift", `SELECT 'it''s \\' TRUNCATE', "a\\" FROM t`, `SELECT '', "" FROM t`],
    ["bigquery", "SELECT r'a\\'b', \"c'\", `d\\`e`, '''f'g''' # end", "SELECT r'', '', ``, '' \n"],
  ] as const)("of %s leaves out what is quoted", (dialect, sql, bare) => {
    expect(withoutQuoted(sql, dialect)).toBe(bare);
  });

  test("knows what is forbidden, and not what only looks like it", () => {
    const of = (sql: string) => lintSql(sql, { dialect: "redshift", marker: "zq9", secrets: ["hush"] });
    expect(of("TRUNCATE raw.t")).toEqual(["TRUNCATE"]);
    expect(of("DROP TABLE raw.t CASCADE")).toEqual(["DROP … CASCADE"]);
    expect(of("ALTER TABLE a APPEND FROM b")).toEqual(["ALTER TABLE … APPEND"]);
    expect(of("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING RETURNING id")).toEqual([
      "ON CONFLICT",
      "RETURNING",
    ]);
    expect(of("COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=x' TRUNCATECOLUMNS")).toEqual([
      "keys",
      "TRUNCATECOLUMNS",
      "credentials",
    ]);
    expect(of("SELECT 'hush'")).toEqual(["a secret"]);
    expect(of("SELECT ' zq9")).toEqual(["a literal that does not end"]);
    expect(of("SELECT 'a' zq9 'b'")).toEqual(["unquoted data"]);
    expect(of(`{"load":{"ignoreUnknownValues":true}}`)).toEqual(["ignoreUnknownValues"]);
    expect(of(`SELECT 'TRUNCATE zq9', "returning" FROM t`)).toEqual([]);
  });
});
