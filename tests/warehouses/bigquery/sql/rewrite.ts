import { invalidQuery } from "../api-error.ts";
import { isType, type QueryParameter, typeOf } from "../resources.ts";
import { DATE_PARTS, FUNCTIONS, REFUSED, RESERVED, TAKES_PART } from "./functions.ts";
import { microsOf, timestampLiteral } from "./timestamp.ts";
import { identifier, isSymbol, isWord, literal, type Token, unexpected } from "./tokens.ts";

/** What names mean where a statement stands. */
export interface Scope {
  /** DuckDB expressions of variables, by upper-case name. */
  readonly variables: ReadonlyMap<string, string>;
  readonly parameters: readonly QueryParameter[];
  /** Of the statement's start. */
  readonly nowMicros: bigint;
  /** `@@row_count` and such, as DuckDB expressions. */
  readonly system: ReadonlyMap<string, string>;
  /** The DuckDB relation of a table's path; also notes that the statement reads it. */
  relation(path: readonly string[]): string;
}

/** DuckDB's form of a query, a DML statement or an expression. @throws ApiError `invalidQuery`. */
export function rewrite(tokens: readonly Token[], scope: Scope): string {
  const out: string[] = [];
  const common = commonTables(tokens);
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index]!;
    const next = tokens[index + 1];
    const previous = tokens[index - 1];
    if (isTablePosition(tokens, index)) {
      const { path, end } = readPath(tokens, index);
      const [only] = path;
      out.push(
        path.length === 1 && common.has(only!.toUpperCase()) ? identifier(only!) : scope.relation(path),
      );
      index = end;
      continue;
    }
    index++;
    switch (token.kind) {
      case "string":
        out.push(literal(token.value));
        break;
      case "number":
        out.push(token.text);
        break;
      case "quoted":
        out.push(identifier(token.value));
        break;
      case "parameter":
        out.push(parameterLiteral(token, scope.parameters));
        break;
      case "system": {
        const value = scope.system.get(token.text.toLowerCase());
        if (value === undefined)
          throw invalidQuery(`Unrecognized system variable ${token.text} at ${token.at}`);
        out.push(value);
        break;
      }
      case "symbol":
        if ("[]^&|~:%".includes(token.text)) throw unexpected(token, "an operator that this double knows");
        out.push(token.text);
        break;
      case "word":
        if (isSymbol(previous, ".")) out.push(identifier(token.text));
        else index += word(token, next, previous, index);
    }
  }
  return out.join(" ");

  /** Pushes what a word stands for; returns how many more tokens that took. */
  function word(token: Token, next: Token | undefined, previous: Token | undefined, after: number): number {
    const { value } = token;
    const called = isSymbol(next, "(");
    if ((value === "CURRENT_TIMESTAMP" || value === "CURRENT_DATE") && !isSymbol(next, ".")) {
      const now = timestampLiteral(scope.nowMicros);
      out.push(value === "CURRENT_DATE" ? `CAST(${now} AS DATE)` : now);
      if (!called) return 0;
      if (!isSymbol(tokens[after + 1], ")")) throw unexpected(tokens[after + 1], '")"');
      return 2;
    }
    if ((value === "TIMESTAMP" || value === "DATE") && next?.kind === "string") {
      out.push(value === "DATE" ? `DATE ${literal(next.value)}` : timestampLiteral(microsOf(next.value)));
      return 1;
    }
    if (isPart(tokens, after - 1)) out.push(literal(value));
    else if (value === "SAFE_CAST" && called) out.push("TRY_CAST");
    else if (isWord(previous, "AS") && isSymbol(next, ")") && isType(value)) out.push(typeOf(value).duckdb);
    else if (value === "EXCEPT") out.push(isSymbol(previous, "*") ? "EXCLUDE" : "EXCEPT");
    else if (value === "DISTINCT" && isWord(previous, "UNION", "EXCEPT", "INTERSECT")) return 0;
    else if (value === "INSERT" && after === 1) out.push(isWord(next, "INTO") ? value : "INSERT INTO");
    else if (value === "MERGE" && after === 1) out.push(isWord(next, "INTO") ? value : "MERGE INTO");
    else if (value === "DELETE" && after === 1) out.push(isWord(next, "FROM") ? value : "DELETE FROM");
    else if (value === "ROW" && isWord(previous, "INSERT")) return 0;
    else if (called && Object.hasOwn(FUNCTIONS, value)) out.push(FUNCTIONS[value]!);
    else if (isKeyword(token, next, previous, tokens[after - 3])) out.push(value);
    else if (RESERVED.has(value)) throw unexpected(token, "something that this double knows");
    else if (called) {
      throw invalidQuery(`Function not found: ${token.text} at ${token.at}, or none that this double knows`);
    } else {
      const variable = isSymbol(next, ".") || isWord(previous, "AS") ? undefined : scope.variables.get(value);
      out.push(variable ?? identifier(token.text));
    }
    return 0;
  }
}

/** Words outside of the reserved ones are names, but where the grammar has them. */
function isKeyword(
  { value }: Token,
  next: Token | undefined,
  previous: Token | undefined,
  beforePrevious: Token | undefined,
): boolean {
  if (RESERVED.has(value)) return !REFUSED.has(value);
  if (value === "UPDATE") return previous === undefined || isWord(previous, "THEN");
  if (value === "INSERT" || value === "DELETE") return isWord(previous, "THEN");
  if (value === "VALUES") return isSymbol(next, "(");
  if (value === "MATCHED") return isWord(previous, "NOT", "WHEN");
  if (value === "SOURCE" || value === "TARGET") return isWord(previous, "BY");
  if (value === "FIRST" || value === "LAST") return isWord(previous, "NULLS");
  if (value === "ROW") return isWord(previous, "CURRENT");
  if (value === "OFFSET") return next?.kind === "number" || next?.kind === "parameter";
  if (DATE_PARTS.has(value)) return isWord(beforePrevious, "INTERVAL") || isWord(beforePrevious, "EXTRACT");
  return false;
}

/** Whether a word is the date part that ends the arguments of a function: `TIMESTAMP_TRUNC(at, MONTH)`. */
function isPart(tokens: readonly Token[], index: number): boolean {
  // Weeks of BigQuery begin on Sundays, those of DuckDB on Mondays.
  const { value } = tokens[index]!;
  if (!DATE_PARTS.has(value) || value === "WEEK") return false;
  if (!isSymbol(tokens[index - 1], ",") || !isSymbol(tokens[index + 1], ")")) return false;
  let depth = 0;
  for (let at = index; at > 0; at--) {
    if (isSymbol(tokens[at], ")")) depth++;
    else if (isSymbol(tokens[at], "(") && depth-- === 0) return isWord(tokens[at - 1], ...TAKES_PART);
  }
  return false;
}

const TABLE_WORDS = ["FROM", "JOIN", "INTO", "USING", "UPDATE", "MERGE", "INSERT", "DELETE"] as const;

function isTablePosition(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  const previous = tokens[index - 1];
  if (token?.kind === "quoted" && token.value.includes(".") && !isSymbol(previous, ".")) return true;
  if (token?.kind !== "quoted" && !(token?.kind === "word" && !RESERVED.has(token.value))) return false;
  if (
    !isWord(previous, ...TABLE_WORDS) ||
    (isSymbol(tokens[index + 1], "(") && !isWord(previous, "INTO", "INSERT"))
  )
    return false;
  if (isWord(previous, "FROM")) {
    return !isWord(tokens[index - 2], "DISTINCT") && !isWord(tokens[index - 4], "EXTRACT");
  }
  if (isWord(previous, "INSERT", "DELETE", "UPDATE", "MERGE")) return index === 1;
  return true;
}

/** A path of a table: `p.d.t`, p.d.t, `p`.d.t, … */
export function readPath(
  tokens: readonly Token[],
  start: number,
): { readonly path: string[]; readonly end: number } {
  const path: string[] = [];
  let index = start;
  for (;;) {
    const token = tokens[index];
    if (token?.kind === "quoted") path.push(...token.value.split("."));
    else if (token?.kind === "word") path.push(token.text);
    else throw unexpected(token, "a table");
    index++;
    if (!isSymbol(tokens[index], ".")) return { path, end: index };
    index++;
  }
}

function commonTables(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  if (!tokens.some((token) => isWord(token, "WITH"))) return names;
  tokens.forEach((token, index) => {
    const named = token.kind === "word" || token.kind === "quoted";
    if (named && isWord(tokens[index + 1], "AS") && isSymbol(tokens[index + 2], "("))
      names.add(token.value.toUpperCase());
  });
  return names;
}

function parameterLiteral(token: Token, parameters: readonly QueryParameter[]): string {
  const name = token.text.slice(1).toUpperCase();
  const found = parameters.find((parameter) => parameter.name?.toUpperCase() === name);
  if (found === undefined) throw invalidQuery(`Query parameter '${token.text}' not found at ${token.at}`);
  const type = typeOf(found.parameterType.type);
  const value = found.parameterValue?.value;
  if (value === undefined || value === null) return `CAST(NULL AS ${type.duckdb})`;
  return type.api === "TIMESTAMP"
    ? timestampLiteral(microsOf(value))
    : `CAST(${literal(value)} AS ${type.duckdb})`;
}
