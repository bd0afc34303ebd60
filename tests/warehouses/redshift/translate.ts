import { createHash } from "node:crypto";
import { cursorOf } from "./cursor.ts";
import { alterTable, createTable } from "./grammar-table.ts";
import type { Edit, TableAttributes } from "./table-reading.ts";
import { tokensOf } from "./tokens.ts";

/** What the session knows when it translates. */
export interface SessionFacts {
  readonly lastCopyId: number;
  readonly lastCopyCount: number;
  /** Shortened names and what they stand for. */
  readonly longNames: Map<string, string>;
}

/** The statement as PostgreSQL runs it, and what is to be noted when it succeeded. */
export interface Translation {
  readonly sql: string;
  readonly created: { readonly table: string; readonly attributes: TableAttributes } | undefined;
}

/** @param sql A recognised statement. */
export function translate(
  sql: string,
  kind: "create table" | "alter table" | "rest",
  facts: SessionFacts,
): Translation {
  if (kind === "rest") return { sql: rename(sql, facts), created: undefined };
  const cursor = cursorOf(
    tokensOf(sql).filter(({ text }) => text !== ";"),
    sql.length,
  );
  if (kind === "alter table")
    return { sql: rename(applied(sql, alterTable(cursor)), facts), created: undefined };
  const { table, attributes, edits } = createTable(cursor);
  return {
    sql: rename(applied(sql, edits), facts),
    created: { table: rename(table, facts), attributes },
  };
}

function applied(sql: string, edits: readonly Edit[]): string {
  let text = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    text += `${sql.slice(at, edit.from)} ${edit.text} `;
    at = edit.to;
  }
  return text + sql.slice(at);
}

/** PostgreSQL's names have 63 bytes. */
const POSTGRES_NAME_BYTES = 63;

/** Settings of Redshift that may be set and do nothing here. */
const SETTINGS = new Set(["query_group", "wlm_query_slot_count"]);

/** Folds quoted names, shortens long ones, and answers what the session alone knows. */
function rename(sql: string, facts: SessionFacts): string {
  let text = "";
  let at = 0;
  const tokens = tokensOf(sql);
  for (const [n, token] of tokens.entries()) {
    let replaced: string | undefined;
    let end = token.end;
    const isCall = tokens[n + 1]?.text === "(" && tokens[n + 2]?.text === ")";
    if (token.kind === "quoted") replaced = quote(shortened(token.value, facts));
    else if (token.kind !== "word") continue;
    else if (n > 0 && n < 3 && SETTINGS.has(token.value) && /^(?:set|reset)$/.test(tokens[0]?.value ?? ""))
      replaced = `redshift.${token.value}`;
    else if (isCall && (token.value === "pg_last_copy_id" || token.value === "pg_last_copy_count")) {
      // What a failed or rolled back COPY leaves must survive its transaction, so no table can hold it.
      replaced = `(${token.value === "pg_last_copy_id" ? facts.lastCopyId : facts.lastCopyCount}::bigint)`;
      end = tokens[n + 2]?.end ?? end;
    } else if (Buffer.byteLength(token.value) > POSTGRES_NAME_BYTES)
      replaced = quote(shortened(token.value, facts));
    if (replaced === undefined) continue;
    text += sql.slice(at, token.at) + replaced;
    at = end;
  }
  return text + sql.slice(at);
}

function shortened(name: string, { longNames }: SessionFacts): string {
  const short = shortName(name);
  if (short !== name) longNames.set(short, name);
  return short;
}

/** A name of at most 63 bytes that stands for a longer one, the same each time. */
export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= POSTGRES_NAME_BYTES) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 20);
  let kept = "";
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > POSTGRES_NAME_BYTES - hash.length - 1) break;
    kept += character;
  }
  return `${kept}~${hash}`;
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
