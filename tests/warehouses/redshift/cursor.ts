import type { Token } from "./tokens.ts";

/** A statement that is not of the documented grammar; caught by `recognise`. */
export class GrammarError extends Error {
  /** In characters from the start of the statement. */
  readonly at: number;
  readonly code: string;
  /** @param code SQLSTATE. */
  constructor(message: string, at: number, code = "42601") {
    super(message);
    this.at = at;
    this.code = code;
  }
}

/** Reads tokens one after another; words are compared in lower case. */
export type Cursor = ReturnType<typeof cursorOf>;

export function cursorOf(tokens: readonly Token[], length: number) {
  let index = 0;
  const peek = (ahead = 0): Token | undefined => tokens[index + ahead];
  const is = (word: string, ahead = 0): boolean => {
    const token = peek(ahead);
    return (token?.kind === "word" || token?.kind === "symbol") && token.value === word;
  };
  const fail = (expected: string): never => {
    const token = peek();
    throw new GrammarError(
      token === undefined
        ? `syntax error at end of input (expected ${expected})`
        : `syntax error at or near "${token.text}" (expected ${expected})`,
      token?.at ?? length,
    );
  };
  /** Takes all the words, or none of them. */
  const take = (...words: readonly string[]): boolean => {
    if (!words.every((word, ahead) => is(word, ahead))) return false;
    index += words.length;
    return true;
  };
  const expect = (...words: readonly string[]): void => {
    if (!take(...words)) fail(words.join(" ").toUpperCase());
  };
  const next = (expected: string): Token => {
    const token = peek();
    if (token === undefined) return fail(expected);
    index++;
    return token;
  };
  const name = (expected: string): Token => {
    const token = peek();
    if (token?.kind !== "quoted" && (token?.kind !== "word" || RESERVED.has(token.value)))
      return fail(expected);
    index++;
    return token;
  };
  /** `[schema .] name`; up to `database.schema.name`. */
  const qualified = (expected: string): readonly Token[] => {
    const parts = [name(expected)];
    while (parts.length < 3 && take(".")) parts.push(name(expected));
    return parts;
  };
  const names = (expected: string): readonly Token[] => {
    expect("(");
    const found = [name(expected)];
    while (take(",")) found.push(name(expected));
    expect(")");
    return found;
  };
  /** Skips an expression: up to one of `stops` outside of parentheses and CASE, or the end. At least one token. */
  const expression = (expected: string, stops: readonly string[]): void => {
    const start = index;
    let depth = 0;
    for (let token = peek(); token !== undefined; token = peek()) {
      if (depth === 0 && (is(")") || stops.some((stop) => is(stop)))) break;
      if (is("(") || is("case")) depth++;
      else if (is(")") || is("end")) depth--;
      index++;
    }
    if (depth > 0 || index === start) fail(depth > 0 ? ")" : expected);
  };
  const end = (): void => {
    if (peek() !== undefined) fail("the end of the statement");
  };
  return { peek, is, take, expect, next, name, qualified, names, expression, fail, end };
}

/** Words that cannot be names without quotes; the part of Redshift's list that statements of a loader could meet. */
const RESERVED = new Set(
  `all and any array as asc authorization backup between both case cast check collate column constraint create cross
  default desc distinct do else encode end except false for foreign from full grant group having in inner intersect
  into is join leading left like limit natural not notnull null offset on or order outer partition primary references
  right select snapshot some table tag then to top trailing true union unique user using verbose when where with without`.split(
    /\s+/,
  ),
);
