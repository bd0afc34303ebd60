import { isSymbol, isWord, type Token, tokenize, unexpected } from "./tokens.ts";

/** A script as a tree; expressions and SQL statements stay tokens. */
export type Statement =
  | {
      readonly kind: "declare";
      readonly names: readonly string[];
      readonly type: string | null;
      readonly value: Token[] | null;
    }
  | { readonly kind: "set"; readonly name: string; readonly value: Token[] }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: readonly Statement[] }
  | {
      readonly kind: "block";
      readonly body: readonly Statement[];
      readonly handler: readonly Statement[] | null;
    }
  | { readonly kind: "begin" | "commit" | "rollback" }
  | { readonly kind: "assert"; readonly condition: Token[]; readonly message: string }
  | { readonly kind: "raise"; readonly message: Token[] | null }
  | { readonly kind: "sql"; readonly tokens: readonly Token[] };

interface Branch {
  readonly condition: Token[];
  readonly body: readonly Statement[];
}

/** Only a script, not a lone statement, has child jobs. */
export const isScript = (statements: readonly Statement[]): boolean =>
  statements.length !== 1 || statements[0]!.kind !== "sql";

/** @throws ApiError `invalidQuery`. */
export function parseScript(sql: string): Statement[] {
  const tokens = tokenize(sql);
  let position = 0;

  const peek = (ahead = 0): Token | undefined => tokens[position + ahead];
  const skip = (...words: readonly string[]): boolean => {
    if (!isWord(peek(), ...words)) return false;
    position++;
    return true;
  };
  const expectWord = (word: string): void => {
    if (!skip(word)) throw unexpected(peek(), word);
  };
  const name = (): string => {
    const token = tokens[position++];
    if (token?.kind !== "word" && token?.kind !== "quoted") throw unexpected(token, "a name");
    return token.kind === "word" ? token.text : token.value;
  };

  /** Tokens up to one of the words, or a semicolon, outside of parentheses and CASE … END. */
  function until(...words: readonly string[]): Token[] {
    const found: Token[] = [];
    let depth = 0;
    for (let token = peek(); token !== undefined; token = peek()) {
      if (depth === 0 && (isSymbol(token, ";") || isWord(token, ...words))) break;
      if (isSymbol(token, "(") || isWord(token, "CASE")) depth++;
      else if (isSymbol(token, ")") || isWord(token, "END")) depth--;
      if (depth < 0) throw unexpected(token, "end of statement");
      found.push(token);
      position++;
    }
    if (depth > 0) throw unexpected(peek(), '")"');
    if (found.length === 0) throw unexpected(peek(), "an expression");
    return found;
  }

  function list(...ends: readonly string[]): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      while (isSymbol(peek(), ";")) position++;
      if (peek() === undefined || isWord(peek(), ...ends)) return statements;
      statements.push(statement());
      if (peek() !== undefined && !isSymbol(peek(), ";")) throw unexpected(peek(), '";"');
    }
  }

  function statement(): Statement {
    if (skip("DECLARE")) return declare();
    if (skip("SET")) {
      const variable = name();
      if (!isSymbol(peek(), "=")) throw unexpected(peek(), '"="');
      position++;
      return { kind: "set", name: variable, value: until() };
    }
    if (skip("IF")) return conditional();
    if (skip("COMMIT")) return end("commit");
    if (skip("ROLLBACK")) return end("rollback");
    if (skip("ASSERT")) {
      const condition = until("AS");
      if (!skip("AS")) return { kind: "assert", condition, message: "Assertion failed" };
      const message = tokens[position++];
      if (message?.kind !== "string") throw unexpected(message, "a string");
      return { kind: "assert", condition, message: message.value };
    }
    if (skip("RAISE")) {
      if (!skip("USING")) return { kind: "raise", message: null };
      expectWord("MESSAGE");
      if (!isSymbol(peek(), "=")) throw unexpected(peek(), '"="');
      position++;
      return { kind: "raise", message: until() };
    }
    if (skip("BEGIN")) {
      if (peek() === undefined || isSymbol(peek(), ";") || isWord(peek(), "TRANSACTION")) return end("begin");
      return block();
    }
    return { kind: "sql", tokens: until() };
  }

  function end(kind: "begin" | "commit" | "rollback"): Statement {
    skip("TRANSACTION");
    return { kind };
  }

  function declare(): Statement {
    const names = [name()];
    while (isSymbol(peek(), ",")) {
      position++;
      names.push(name());
    }
    const type = isWord(peek(), "DEFAULT") ? null : name().toUpperCase();
    const value = skip("DEFAULT") ? until() : null;
    if (type === null && value === null) throw unexpected(peek(), "a type");
    return { kind: "declare", names, type, value };
  }

  function conditional(): Statement {
    const branches: Branch[] = [];
    do {
      const condition = until("THEN");
      expectWord("THEN");
      branches.push({ condition, body: list("ELSEIF", "ELSE", "END") });
    } while (skip("ELSEIF"));
    const otherwise = skip("ELSE") ? list("END") : [];
    expectWord("END");
    expectWord("IF");
    return { kind: "if", branches, otherwise };
  }

  function block(): Statement {
    const body = list("EXCEPTION", "END");
    let handler: Statement[] | null = null;
    if (skip("EXCEPTION")) {
      for (const word of ["WHEN", "ERROR", "THEN"]) expectWord(word);
      handler = list("END");
    }
    expectWord("END");
    return { kind: "block", body, handler };
  }

  const statements = list();
  if (statements.length === 0) throw unexpected(undefined, "a statement");
  return statements;
}
