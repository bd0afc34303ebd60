import { cursorOf, GrammarError } from "./cursor.ts";
import { copyStatement } from "./grammar-copy.ts";
import {
  deleteStatement,
  insertStatement,
  mergeStatement,
  updateStatement,
  withStatement,
} from "./grammar-dml.ts";
import { alterTable, createTable } from "./grammar-table.ts";
import { refusalIn } from "./refusals.ts";
import { LexicalError, tokensOf } from "./tokens.ts";

/** The kinds whose grammar is checked; all else is `other` and only searched for what Redshift lacks. */
export type Kind =
  | "copy"
  | "merge"
  | "create table"
  | "alter table"
  | "insert"
  | "delete"
  | "update"
  | "truncate"
  | "other";

export type Recognition =
  | { readonly ok: true; readonly kind: Kind }
  | {
      readonly ok: false;
      /** Redshift's message; what was expected is in parentheses behind it. */
      readonly problem: string;
      /** In characters from the start of the statement. */
      readonly at: number;
      /** SQLSTATE. */
      readonly code: string;
    };

/**
 * Whether one statement is of the grammar that Redshift documents, for the statements of a loader: COPY from a manifest
 * of Parquet files, MERGE, CREATE TABLE (with columns or AS), ALTER TABLE, INSERT, DELETE and UPDATE. It is stricter
 * than the service where the documentation is silent. Expressions and queries are not parsed, only balanced.
 *
 * Source: the pages COPY, MERGE, CREATE TABLE, CREATE TABLE AS, ALTER TABLE, INSERT, DELETE and UPDATE of the Amazon
 * Redshift Database Developer Guide.
 */
export function recognise(sql: string): Recognition {
  try {
    const tokens = tokensOf(sql);
    const refusal = refusalIn(tokens);
    if (refusal !== undefined) return { ok: false, ...refusal };
    const cursor = cursorOf(tokens.at(-1)?.text === ";" ? tokens.slice(0, -1) : tokens, sql.length);
    const kind = kindOf(cursor);
    switch (kind) {
      case "copy":
        copyStatement(cursor);
        break;
      case "merge":
        mergeStatement(cursor);
        break;
      case "create table":
        createTable(cursor);
        break;
      case "alter table":
        alterTable(cursor);
        break;
      case "insert":
        insertStatement(cursor);
        break;
      case "delete":
        deleteStatement(cursor);
        break;
      case "update":
        updateStatement(cursor);
        break;
      case "truncate":
        cursor.expect("truncate");
        cursor.take("table");
        cursor.qualified("a table");
        break;
      case "other":
        if (cursor.is("with")) withStatement(cursor);
        return { ok: true, kind };
    }
    cursor.end();
    return { ok: true, kind };
  } catch (error) {
    if (error instanceof GrammarError)
      return { ok: false, problem: error.message, at: error.at, code: error.code };
    if (error instanceof LexicalError)
      return { ok: false, problem: error.message, at: error.at, code: "42601" };
    throw error;
  }
}

function kindOf(cursor: ReturnType<typeof cursorOf>): Kind {
  for (const kind of ["copy", "merge", "insert", "delete", "update", "truncate"] as const) {
    if (cursor.is(kind)) return kind;
  }
  if (cursor.is("alter") && cursor.is("table", 1)) return "alter table";
  if (cursor.is("create")) {
    const skipped = cursor.is("local", 1) ? 2 : 1;
    const temporary = cursor.is("temp", skipped) || cursor.is("temporary", skipped);
    if (cursor.is("table", skipped + (temporary ? 1 : 0))) return "create table";
  }
  return "other";
}
