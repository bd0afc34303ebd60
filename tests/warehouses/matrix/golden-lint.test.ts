import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../harness/cli.ts";
import { type Dialect, lintSql } from "../harness/sql-lint.ts";

const DIALECTS: readonly Dialect[] = ["duckdb", "bigquery", "redshift"];

/** What the hostile suites look for in what was executed, looked for in what was agreed on. */
describe.each(DIALECTS)("golden SQL of %s", (dialect) => {
  const folder = join(ROOT, "packages", "warehouse-loaders", "test", dialect, "golden");
  const files = readdirSync(folder).filter((name) => /\.(?:sql|json)$/.test(name));

  test("is there", () => {
    expect(files.length).toBeGreaterThan(3);
  });

  test.each(files)("%s holds nothing that is forbidden", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(lintSql(text, { dialect })).toEqual([]);
  });
});
