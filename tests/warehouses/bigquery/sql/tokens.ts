import { invalidQuery } from "../api-error.ts";

export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "parameter" | "system" | "symbol";
  /** Words in upper case, identifiers and strings without quotes and escapes, else as written. */
  readonly value: string;
  /** As written. */
  readonly text: string;
  /** `[line:column]`, counted from 1. */
  readonly at: string;
}

const PATTERN =
  /(?<space>\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)|(?<raw>[rR](?:'[^'\n]*'|"[^"\n]*"))|(?<string>'''(?:\\[\s\S]|[^\\])*?'''|"""(?:\\[\s\S]|[^\\])*?"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<quoted>`(?:\\.|[^`\\\n])+`)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<system>@@[A-Za-z_][\w.]*)|(?<parameter>@[A-Za-z_]\w*)|(?<word>[A-Za-z_]\w*)|(?<symbol><=|>=|<>|!=|\|\||[-+*/%=<>(),.;&|^~[\]:])/gy;

/** @throws ApiError `invalidQuery` with the position of what is no GoogleSQL (or none that the double reads). */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let line = 1;
  let lineStart = 0;
  while (offset < sql.length) {
    PATTERN.lastIndex = offset;
    const match = PATTERN.exec(sql);
    const at = `[${line}:${offset - lineStart + 1}]`;
    if (match?.groups === undefined) {
      throw invalidQuery(`Syntax error: Illegal input character ${JSON.stringify(sql[offset])} at ${at}`);
    }
    const [text] = match;
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined)!;
    if (kind === "raw") {
      tokens.push({ kind: "string", value: text.slice(2, -1), text, at });
    } else if (kind !== "space") {
      tokens.push({ kind: kind as Token["kind"], value: valueOf(kind, text, at), text, at });
    }
    const lines = text.split("\n");
    if (lines.length > 1) {
      line += lines.length - 1;
      lineStart = offset + text.lastIndexOf("\n") + 1;
    }
    offset += text.length;
  }
  return tokens;
}

function valueOf(kind: string, text: string, at: string): string {
  if (kind === "word") return text.toUpperCase();
  if (kind === "quoted") return unescape(text.slice(1, -1), at);
  if (kind !== "string") return text;
  const quotes = text.startsWith("'''") || text.startsWith('"""') ? 3 : 1;
  return unescape(text.slice(quotes, -quotes), at);
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences */
function unescape(text: string, at: string): string {
  return text.replaceAll(
    /\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[xX][0-9a-fA-F]{2}|[0-7]{3}|[\s\S])/g,
    (_, escape: string) => {
      if (escape.length > 1) {
        const code = /^[0-7]/.test(escape)
          ? Number.parseInt(escape, 8)
          : Number.parseInt(escape.slice(1), 16);
        return String.fromCodePoint(code);
      }
      if ("\\'\"`?".includes(escape)) return escape;
      const simple = SIMPLE[escape];
      if (simple === undefined)
        throw invalidQuery(`Syntax error: Illegal escape sequence: \\${escape} at ${at}`);
      return simple;
    },
  );
}

/** A DuckDB string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A DuckDB identifier. */
export const identifier = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === "word" && words.includes(token.value);

export const isSymbol = (token: Token | undefined, symbol: string): boolean =>
  token?.kind === "symbol" && token.value === symbol;

export const unexpected = (token: Token | undefined, wanted: string): Error =>
  invalidQuery(
    token === undefined
      ? `Syntax error: Unexpected end of script; expected ${wanted}`
      : `Syntax error: Expected ${wanted} but got ${token.text} at ${token.at}`,
  );
