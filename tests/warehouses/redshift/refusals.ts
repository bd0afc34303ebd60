import type { Token } from "./tokens.ts";

export interface Refusal {
  /** Redshift's message. */
  readonly problem: string;
  readonly at: number;
  /** SQLSTATE. */
  readonly code: string;
}

/**
 * What PostgreSQL would run and Redshift does not. Messages are those that users of real clusters report; Redshift's
 * parser is PostgreSQL 8's, hence the bare syntax errors.
 */
export function refusalIn(tokens: readonly Token[]): Refusal | undefined {
  const first = tokens[0];
  if (first === undefined) return undefined;
  const word = (index: number, value: string): boolean =>
    tokens[index]?.kind === "word" && tokens[index]?.value === value;
  const symbol = (index: number, value: string): boolean =>
    tokens[index]?.kind === "symbol" && tokens[index]?.value === value;
  const syntax = (token: Token): Refusal => ({
    problem: `syntax error at or near "${token.text}"`,
    at: token.at,
    code: "42601",
  });
  const unsupported = (problem: string, token: Token): Refusal => ({ problem, at: token.at, code: "0A000" });

  if (word(0, "create") && (word(1, "index") || (word(1, "unique") && word(2, "index"))))
    return unsupported('SQL command "CREATE INDEX" not supported on Redshift tables.', first);
  if (
    word(0, "savepoint") ||
    word(0, "release") ||
    (word(0, "rollback") && tokens.some((token, n) => n < 3 && token.value === "to"))
  )
    return unsupported(`SQL command "${first.text.toUpperCase()}" not supported.`, first);
  if (word(0, "create") && word(1, "extension")) return syntax(tokens[1] ?? first);
  if (word(0, "lock")) {
    const mode = tokens.find((token) => token.kind === "word" && token.value === "in");
    if (mode !== undefined) return syntax(mode);
  }
  const writes = /^(?:insert|update|delete|merge|with)$/.test(first.value);
  for (const [n, token] of tokens.entries()) {
    if (token.kind !== "word") continue;
    const next = tokens[n + 1];
    // A name of that spelling behind a point is a column.
    if (n > 0 && symbol(n - 1, ".")) continue;
    switch (token.value) {
      case "on":
        if (word(n + 1, "conflict")) return syntax(token);
        break;
      case "returning":
        if (writes) return syntax(token);
        break;
      case "distinct":
        if (word(n + 1, "on") && symbol(n + 2, "("))
          return unsupported("SELECT DISTINCT ON is not supported", token);
        if (word(n + 1, "from") && (word(n - 1, "is") || word(n - 1, "not")))
          return unsupported("IS DISTINCT FROM is not supported", token);
        break;
      case "filter":
        if (symbol(n - 1, ")") && symbol(n + 1, "(") && word(n + 2, "where") && next !== undefined)
          return syntax(next);
        break;
      case "string_agg":
      case "array_agg":
      case "pg_advisory_lock":
      case "pg_advisory_xact_lock":
      case "pg_try_advisory_lock":
      case "gen_random_uuid":
        if (symbol(n + 1, "("))
          return { problem: `function ${token.value}() does not exist`, at: token.at, code: "42883" };
        break;
      case "jsonb":
        if (symbol(n - 1, "::") || word(n - 1, "as"))
          return { problem: 'type "jsonb" does not exist', at: token.at, code: "42704" };
        break;
      case "lateral":
        return syntax(token);
      case "e":
        if (next?.kind === "string" && next.at === token.end)
          return { problem: 'type "e" does not exist', at: token.at, code: "42704" };
        break;
    }
  }
  return undefined;
}
