import { RESERVED } from "./functions.ts";
import { readPath } from "./rewrite.ts";
import { isSymbol, isWord, type Token, unexpected } from "./tokens.ts";

/** Takes a statement's tokens from left to right. What it expects and does not find is `invalidQuery`, with position. */
export interface Reader {
  peek(): Token | undefined;
  next(): Token | undefined;
  /** True when these words come next; they are taken then. */
  words(...wanted: readonly string[]): boolean;
  expect(...wanted: readonly string[]): void;
  symbol(wanted: string): boolean;
  expectSymbol(wanted: string): void;
  /** An identifier, quoted or not reserved. */
  name(): string;
  /** A table's path. */
  path(): string[];
  /** A string literal's value. */
  text(): string;
  /** One or more, between commas. */
  list<T>(item: () => T): T[];
  /** All that is left. */
  rest(): Token[];
  end(): void;
}

export function readerOf(tokens: readonly Token[]): Reader {
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const next = (): Token | undefined => tokens[position++];
  const words = (...wanted: readonly string[]): boolean => {
    if (!wanted.every((word, index) => isWord(tokens[position + index], word))) return false;
    position += wanted.length;
    return true;
  };
  const symbol = (wanted: string): boolean => {
    if (!isSymbol(peek(), wanted)) return false;
    position++;
    return true;
  };
  return {
    peek,
    next,
    words,
    symbol,
    expect: (...wanted) => {
      if (!words(...wanted)) throw unexpected(peek(), wanted.join(" "));
    },
    expectSymbol: (wanted) => {
      if (!symbol(wanted)) throw unexpected(peek(), `"${wanted}"`);
    },
    name: () => {
      const token = next();
      if (token?.kind !== "quoted" && (token?.kind !== "word" || RESERVED.has(token.value))) {
        throw unexpected(token, "a name");
      }
      return token.kind === "word" ? token.text : token.value;
    },
    path: () => {
      const read = readPath(tokens, position);
      position = read.end;
      return read.path;
    },
    text: () => {
      const token = next();
      if (token?.kind !== "string") throw unexpected(token, "a string");
      return token.value;
    },
    list: (item) => {
      const items = [item()];
      while (symbol(",")) items.push(item());
      return items;
    },
    rest: () => {
      const left = tokens.slice(position);
      position = tokens.length;
      return left;
    },
    end: () => {
      if (peek() !== undefined) throw unexpected(peek(), "end of statement");
    },
  };
}
