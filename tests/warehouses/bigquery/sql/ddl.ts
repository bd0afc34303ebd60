import { invalidQuery } from "../api-error.ts";
import { type Field, typeOf } from "../resources.ts";
import { RESERVED } from "./functions.ts";
import { readPath } from "./rewrite.ts";
import { microsOf } from "./timestamp.ts";
import { isSymbol, isWord, type Token, unexpected } from "./tokens.ts";

export interface TableOptions {
  readonly description?: string;
  /** Milliseconds. */
  readonly expirationTime?: number | null;
  readonly labels?: Readonly<Record<string, string>>;
}

export type Alteration =
  | { readonly kind: "add"; readonly field: Field; readonly ifNotExists: boolean }
  | { readonly kind: "relax"; readonly column: string }
  | { readonly kind: "options"; readonly options: TableOptions };

export type Ddl =
  | {
      readonly kind: "create";
      readonly path: readonly string[];
      readonly temporary: boolean;
      readonly exists: "error" | "ignore" | "replace";
      readonly fields: readonly Field[] | null;
      readonly clustering: readonly string[] | null;
      /** A DATE column, or a TIMESTAMP column by day. */
      readonly partition: string | null;
      readonly options: TableOptions;
      readonly query: readonly Token[] | null;
    }
  | {
      readonly kind: "alter";
      readonly path: readonly string[];
      readonly ifExists: boolean;
      readonly changes: readonly Alteration[];
    }
  | { readonly kind: "drop"; readonly path: readonly string[]; readonly ifExists: boolean }
  | { readonly kind: "truncate"; readonly path: readonly string[] };

/** CREATE, ALTER, DROP and TRUNCATE TABLE, as narrow as a loader's. @throws ApiError `invalidQuery`. */
export function parseDdl(tokens: readonly Token[]): Ddl {
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const words = (...wanted: readonly string[]): boolean => {
    if (!wanted.every((word, index) => isWord(tokens[position + index], word))) return false;
    position += wanted.length;
    return true;
  };
  const expect = (...wanted: readonly string[]): void => {
    if (!words(...wanted)) throw unexpected(peek(), wanted.join(" "));
  };
  const symbol = (wanted: string): boolean => {
    if (!isSymbol(peek(), wanted)) return false;
    position++;
    return true;
  };
  const expectSymbol = (wanted: string): void => {
    if (!symbol(wanted)) throw unexpected(peek(), `"${wanted}"`);
  };
  const name = (): string => {
    const token = tokens[position++];
    if (token?.kind !== "quoted" && (token?.kind !== "word" || RESERVED.has(token.value))) {
      throw unexpected(token, "a name");
    }
    return token.kind === "word" ? token.text : token.value;
  };
  const path = (): string[] => {
    const read = readPath(tokens, position);
    position = read.end;
    return read.path;
  };
  const end = (): void => {
    if (peek() !== undefined) throw unexpected(peek(), "end of statement");
  };
  function list<T>(item: () => T): T[] {
    const items = [item()];
    while (symbol(",")) items.push(item());
    return items;
  }

  function options(): TableOptions {
    expectSymbol("(");
    if (symbol(")")) return {};
    const found: { description?: string; expirationTime?: number | null; labels?: Record<string, string> } =
      {};
    list(() => {
      const option = name().toLowerCase();
      expectSymbol("=");
      if (option === "description") found.description = text();
      else if (option === "labels") found.labels = Object.fromEntries(labels());
      else if (option === "expiration_timestamp") {
        if (words("NULL")) found.expirationTime = null;
        else {
          expect("TIMESTAMP");
          found.expirationTime = Number(microsOf(text()) / 1_000n);
        }
      } else throw invalidQuery(`Unknown option: ${option}, or none that this double knows`);
    });
    expectSymbol(")");
    return found;
  }

  function text(): string {
    const token = tokens[position++];
    if (token?.kind !== "string") throw unexpected(token, "a string");
    return token.value;
  }

  function labels(): [string, string][] {
    expectSymbol("[");
    const found = list((): [string, string] => {
      expectSymbol("(");
      const key = text();
      expectSymbol(",");
      const value = text();
      expectSymbol(")");
      return [key, value];
    });
    expectSymbol("]");
    return found;
  }

  function column(): Field {
    const field = { name: name(), type: typeOf(name()).api };
    const mode = words("NOT", "NULL") ? "REQUIRED" : "NULLABLE";
    const { description } = words("OPTIONS") ? options() : {};
    return { ...field, mode, ...(description === undefined ? {} : { description }) };
  }

  function alteration(): Alteration {
    if (words("ADD", "COLUMN")) {
      const ifNotExists = words("IF", "NOT", "EXISTS");
      return { kind: "add", field: column(), ifNotExists };
    }
    if (words("ALTER", "COLUMN")) {
      const changed = name();
      expect("DROP", "NOT", "NULL");
      return { kind: "relax", column: changed };
    }
    expect("SET", "OPTIONS");
    return { kind: "options", options: options() };
  }

  function create(): Ddl {
    const replace = words("OR", "REPLACE");
    const temporary = words("TEMP") || words("TEMPORARY");
    expect("TABLE");
    const exists = replace ? "replace" : words("IF", "NOT", "EXISTS") ? "ignore" : "error";
    const table = path();
    const fields = symbol("(") ? list(column) : null;
    if (fields !== null) expectSymbol(")");
    const partition = words("PARTITION", "BY") ? partitioning() : null;
    const clustering = words("CLUSTER", "BY") ? list(name) : null;
    const set = words("OPTIONS") ? options() : {};
    const query = words("AS") ? tokens.slice(position) : null;
    if (query === null) end();
    if ((fields === null) === (query === null)) {
      throw invalidQuery("CREATE TABLE has either columns or a query in this double");
    }
    return {
      kind: "create",
      path: table,
      temporary,
      exists,
      fields,
      clustering,
      partition,
      options: set,
      query,
    };
  }

  function partitioning(): string {
    if (!isSymbol(tokens[position + 1], "(")) return name();
    expect("DATE");
    expectSymbol("(");
    const of = name();
    expectSymbol(")");
    return of;
  }

  if (words("CREATE")) return create();
  if (words("TRUNCATE", "TABLE")) {
    const table = path();
    end();
    return { kind: "truncate", path: table };
  }
  if (words("DROP", "TABLE")) {
    const ifExists = words("IF", "EXISTS");
    const table = path();
    end();
    return { kind: "drop", path: table, ifExists };
  }
  expect("ALTER", "TABLE");
  const ifExists = words("IF", "EXISTS");
  const table = path();
  const changes = list(alteration);
  end();
  return { kind: "alter", path: table, ifExists, changes };
}
