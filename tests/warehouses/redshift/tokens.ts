/** One lexical piece of a statement; white space and comments lie between pieces. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "parameter" | "symbol";
  /** As written. */
  readonly text: string;
  /** Words and quoted names folded to lower case without quotes, as Redshift does; strings without quotes; else `text`. */
  readonly value: string;
  /** In characters from the start of the statement. */
  readonly at: number;
  readonly end: number;
}

/** What cannot be cut into tokens, for example a string without its end. */
export class LexicalError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /\s+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\//y;
const QUOTED = /"(?:[^"]|"")*"/y;
// Redshift processes backslashes in plain literals.
const STRING = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const DOLLAR = /\$([A-Za-z_]*)\$[\s\S]*?\$\1\$/y;
const PARAMETER = /\$\d+/y;
const NUMBER = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const SYMBOL = /::|<>|!=|<=|>=|\|\||[-+*/%^<>=~!@#&|?()[\],;.:]/y;

/** @throws LexicalError */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const space = matchAt(SPACE, sql, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** The statements of a text, without semicolons; each with its own offsets. */
export function statementsOf(sql: string): readonly string[] {
  const statements: string[] = [];
  let start = 0;
  let filled = false;
  for (const token of tokensOf(sql)) {
    if (token.text !== ";") {
      filled = true;
      continue;
    }
    if (filled) statements.push(sql.slice(start, token.at));
    start = token.end;
    filled = false;
  }
  if (filled) statements.push(sql.slice(start));
  return statements;
}

function tokenAt(sql: string, at: number): Token {
  const made = (kind: Token["kind"], text: string, value = text): Token => ({
    kind,
    text,
    value,
    at,
    end: at + text.length,
  });
  const quoted = matchAt(QUOTED, sql, at);
  if (quoted !== undefined)
    return made("quoted", quoted, foldName(quoted.slice(1, -1).replaceAll('""', '"')));
  const string = matchAt(STRING, sql, at);
  if (string !== undefined) return made("string", string, unescape(string.slice(1, -1)));
  const dollar = matchAt(DOLLAR, sql, at);
  if (dollar !== undefined) return made("string", dollar);
  const parameter = matchAt(PARAMETER, sql, at);
  if (parameter !== undefined) return made("parameter", parameter);
  const number = matchAt(NUMBER, sql, at);
  if (number !== undefined) return made("number", number);
  const word = matchAt(WORD, sql, at);
  if (word !== undefined) return made("word", word, foldName(word));
  const symbol = matchAt(SYMBOL, sql, at);
  if (symbol !== undefined) return made("symbol", symbol);
  const rest = sql.slice(at, at + 20);
  throw new LexicalError(
    sql[at] === "'"
      ? `unterminated quoted string at or near "${rest}"`
      : sql[at] === '"'
        ? `unterminated quoted identifier at or near "${rest}"`
        : `syntax error at or near "${sql[at]}"`,
    at,
  );
}

/** Redshift keeps the first 127 bytes of a name, cut between characters. */
const NAME_BYTES = 127;

function foldName(name: string): string {
  const folded = name.toLowerCase();
  if (Buffer.byteLength(folded) <= NAME_BYTES) return folded;
  let kept = "";
  for (const character of folded) {
    if (Buffer.byteLength(kept + character) > NAME_BYTES) break;
    kept += character;
  }
  return kept;
}

function unescape(inside: string): string {
  return inside.replaceAll(/''|\\([\s\S])/g, (all, escaped: string | undefined) =>
    all === "''" ? "'" : escaped === "n" ? "\n" : escaped === "t" ? "\t" : (escaped ?? ""),
  );
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
