import { type Cursor, GrammarError } from "./cursor.ts";

/**
 * `MERGE INTO target USING source [[AS] alias] ON a.x = b.y [AND …] WHEN MATCHED THEN {UPDATE SET … | DELETE} WHEN NOT
 * MATCHED THEN INSERT [(…)] VALUES (…)`, or `REMOVE DUPLICATES`, which the stand-in does not run. Both branches are
 * required, in this order, without further conditions; the target has no alias; the source is a table.
 */
export function mergeStatement(cursor: Cursor): void {
  cursor.expect("merge", "into");
  cursor.qualified("the target table");
  cursor.expect("using");
  cursor.qualified("a table (MERGE takes no query or view as its source)");
  if (cursor.take("as")) cursor.name("an alias");
  else if (!cursor.is("on")) cursor.name("an alias or ON");
  cursor.expect("on");
  equalities(cursor);
  if (cursor.is("remove"))
    throw new GrammarError(
      "The stand-in does not run MERGE … REMOVE DUPLICATES",
      cursor.peek()?.at ?? 0,
      "0A000",
    );
  cursor.expect("when", "matched", "then");
  if (!cursor.take("delete")) {
    cursor.expect("update", "set");
    assignments(cursor, ["when"]);
  }
  cursor.expect("when", "not", "matched", "then", "insert");
  if (cursor.is("(")) cursor.names("a column");
  cursor.expect("values");
  row(cursor);
}

/** `INSERT INTO table [(columns)] {DEFAULT VALUES | VALUES (…), … | query}`. */
export function insertStatement(cursor: Cursor): void {
  cursor.expect("insert", "into");
  cursor.qualified("a table");
  // A parenthesis opens the columns or a query.
  if (cursor.is("(") && !cursor.is("select", 1) && !cursor.is("with", 1)) cursor.names("a column");
  if (cursor.take("default", "values")) return;
  if (cursor.take("values")) {
    do row(cursor);
    while (cursor.take(","));
    return;
  }
  if (!cursor.is("select") && !cursor.is("with") && !cursor.is("(")) cursor.fail("VALUES or a query");
  cursor.expression("a query", []);
}

/** `DELETE [FROM] table [USING table [[AS] alias], …] [WHERE condition]`; the target has no alias. */
export function deleteStatement(cursor: Cursor): void {
  cursor.expect("delete");
  cursor.take("from");
  cursor.qualified("a table");
  if (cursor.take("using")) {
    do {
      cursor.qualified("a table");
      if (cursor.take("as")) cursor.name("an alias");
      else if (cursor.peek() !== undefined && !cursor.is(",") && !cursor.is("where")) cursor.name("an alias");
    } while (cursor.take(","));
  }
  if (cursor.take("where")) cursor.expression("a condition", []);
}

/** `UPDATE table SET column = expression, … [FROM tables] [WHERE condition]`; the target has no alias. */
export function updateStatement(cursor: Cursor): void {
  cursor.expect("update");
  cursor.qualified("a table");
  cursor.expect("set");
  assignments(cursor, ["from", "where"]);
  if (cursor.take("from")) cursor.expression("tables", ["where"]);
  if (cursor.take("where")) cursor.expression("a condition", []);
}

/** `WITH name [(columns)] AS (query), …` before SELECT, UPDATE or DELETE; never before INSERT or MERGE. */
export function withStatement(cursor: Cursor): void {
  cursor.expect("with");
  cursor.take("recursive");
  do {
    cursor.name("a name");
    if (cursor.is("(")) cursor.names("a column");
    cursor.expect("as", "(");
    if (!cursor.is("select") && !cursor.is("with") && !cursor.is("(")) cursor.fail("a query");
    cursor.expression("a query", []);
    cursor.expect(")");
  } while (cursor.take(","));
  if (cursor.is("update")) updateStatement(cursor);
  else if (cursor.is("delete")) deleteStatement(cursor);
  else if (!cursor.is("select") && !cursor.is("(")) cursor.fail("SELECT, UPDATE or DELETE");
}

function equalities(cursor: Cursor): void {
  do {
    if (cursor.take("(")) {
      equalities(cursor);
      cursor.expect(")");
    } else {
      cursor.qualified("a column");
      cursor.expect("=");
      cursor.qualified("a column");
    }
  } while (cursor.take("and"));
}

function assignments(cursor: Cursor, stops: readonly string[]): void {
  do {
    cursor.name("a column of the target, without its table");
    cursor.expect("=");
    cursor.expression("a value", [",", ...stops]);
  } while (cursor.take(","));
}

function row(cursor: Cursor): void {
  cursor.expect("(");
  do cursor.expression("a value", [","]);
  while (cursor.take(","));
  cursor.expect(")");
}
