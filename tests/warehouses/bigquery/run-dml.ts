import { invalidQuery } from "./api-error.ts";
import { mutating, referenceOf, type Session, toDuckDb } from "./session.ts";
import { readPath } from "./sql/rewrite.ts";
import { identifier, isSymbol, isWord, type Token, tokenize, unexpected } from "./sql/tokens.ts";
import { mustBe } from "./views.ts";
import { change, select } from "./warehouse.ts";

export interface DmlStats {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Runs INSERT, UPDATE, DELETE or MERGE. @throws ApiError `invalidQuery`, 404. */
export async function runDml(session: Session, tokens: readonly Token[]): Promise<DmlStats> {
  const kind = tokens[0]!.value;
  const start = isWord(tokens[1], "INTO", "FROM") ? 2 : 1;
  const { path, end } = readPath(tokens, start);
  const reference = referenceOf(session, path);
  if (reference !== null) mustBe(session.warehouse.table(reference, session.location), "TABLE");
  if (kind === "INSERT") {
    const inserted = await change(session.connection, toDuckDb(session, tokens));
    return { ...NONE, inserted };
  }
  if (kind !== "MERGE" && top(tokens, "WHERE") === -1) {
    throw invalidQuery(`${kind} must have a WHERE clause at ${tokens[0]!.at}`);
  }
  const run = async (): Promise<DmlStats> => {
    if (kind === "MERGE") return merge(session, tokens, start, end);
    if (kind === "UPDATE") await refuseAmbiguousUpdate(session, tokens, start, end);
    const touched = await change(session.connection, toDuckDb(session, tokens));
    return kind === "UPDATE" ? { ...NONE, updated: touched } : { ...NONE, deleted: touched };
  };
  return reference === null ? run() : mutating(session, reference, run);
}

async function merge(
  session: Session,
  tokens: readonly Token[],
  start: number,
  end: number,
): Promise<DmlStats> {
  const using = top(tokens, "USING");
  const on = top(tokens, "ON", using);
  const when = top(tokens, "WHEN", on);
  if (using === -1 || on === -1 || when === -1)
    throw unexpected(tokens.at(-1), "MERGE … USING … ON … WHEN …");
  const matched = tokens.some(
    (token, index) => isWord(token, "WHEN") && isWord(tokens[index + 1], "MATCHED"),
  );
  if (matched) {
    const pairs = [
      ...tokenize("SELECT 1 AS n FROM"),
      ...tokens.slice(start, using),
      ...tokenize("JOIN"),
      ...tokens.slice(using + 1, when),
    ];
    await refuseAmbiguous(session, pairs, aliasOf(tokens.slice(end, using), tokens[end - 1]!));
  }
  const { rows } = await select(session.connection, `${toDuckDb(session, tokens)} RETURNING merge_action`);
  const count = (action: string): number => rows.filter(([each]) => each === action).length;
  return { inserted: count("INSERT"), updated: count("UPDATE"), deleted: count("DELETE") };
}

async function refuseAmbiguousUpdate(
  session: Session,
  tokens: readonly Token[],
  start: number,
  end: number,
): Promise<void> {
  const set = top(tokens, "SET");
  const from = top(tokens, "FROM", set);
  const where = top(tokens, "WHERE", set);
  if (set === -1 || from === -1 || from > where) return;
  const pairs = [
    ...tokenize("SELECT 1 AS n FROM"),
    ...tokens.slice(start, set),
    ...tokenize("CROSS JOIN"),
    ...tokens.slice(from + 1),
  ];
  await refuseAmbiguous(session, pairs, aliasOf(tokens.slice(end, set), tokens[end - 1]!));
}

/** DuckDB would take any of the source rows; BigQuery refuses. */
async function refuseAmbiguous(session: Session, pairs: readonly Token[], alias: string): Promise<void> {
  const sql = `${toDuckDb(session, pairs)} GROUP BY ${identifier(alias)}.rowid HAVING count(*) > 1 LIMIT 1`;
  const { rows } = await select(session.connection, sql);
  if (rows.length > 0)
    throw invalidQuery("UPDATE/MERGE must match at most one source row for each target row");
}

function aliasOf(tokens: readonly Token[], last: Token): string {
  const token = tokens.at(-1) ?? last;
  return token.kind === "quoted" ? token.value.split(".").at(-1)! : token.text;
}

/** Where a word stands outside of parentheses and CASE, or -1. */
function top(tokens: readonly Token[], word: string, after = 0): number {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (isSymbol(token, "(") || isWord(token, "CASE")) depth++;
    else if (isSymbol(token, ")") || isWord(token, "END")) depth--;
    else if (depth === 0 && index > after && isWord(token, word) && !isWord(tokens[index - 1], "DISTINCT"))
      return index;
  }
  return -1;
}

const NONE: DmlStats = { inserted: 0, updated: 0, deleted: 0 };
