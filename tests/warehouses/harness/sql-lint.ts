export type Dialect = "duckdb" | "bigquery" | "redshift";

/** What no driver may ever send, whatever the warehouse; looked for outside of literals, quoted names and comments. */
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ["TRUNCATE", /\bTRUNCATE\b/i],
  ["DROP … CASCADE", /\bDROP\b[^;]*\bCASCADE\b/i],
  ["ALTER TABLE … APPEND", /\bALTER\s+TABLE\b[^;]*\bAPPEND\b/i],
  ["ON CONFLICT", /\bON\s+CONFLICT\b/i],
  ["RETURNING", /\bRETURNING\b/i],
  ["TRUNCATECOLUMNS", /\bTRUNCATECOLUMNS\b/i],
  ["ACCEPTINVCHARS", /\bACCEPTINVCHARS\b/i],
  ["MAXERROR", /\bMAXERROR\b/i],
  ["credentials", /\b(?:CREDENTIALS|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PASSWORD)\b/i],
];

/** What no statement may hold anywhere, and no configuration of a load job. */
const FORBIDDEN_ANYWHERE: readonly (readonly [string, RegExp])[] = [
  ["keys", /aws_(?:access_key_id|secret_access_key)|private_key|BEGIN [A-Z ]*PRIVATE KEY/i],
  ["ignoreUnknownValues", /"ignoreUnknownValues"\s*:\s*true/],
  ["maxBadRecords", /"maxBadRecords"\s*:\s*[1-9]/],
];

export interface LintOptions {
  readonly dialect: Dialect;
  /** Words that only data and configuration have: outside of quotes they are data that was taken for SQL. */
  readonly marker?: string;
  /** Must not be anywhere. */
  readonly secrets?: readonly string[];
}

/** What is wrong with a statement, or with the JSON of a load job's configuration. */
export function lintSql(sql: string, { dialect, marker, secrets = [] }: LintOptions): string[] {
  const anywhere = [
    ...FORBIDDEN_ANYWHERE.filter(([, pattern]) => pattern.test(sql)).map(([name]) => name),
    ...secrets.filter((secret) => sql.includes(secret)).map(() => "a secret"),
  ];
  if (isJson(sql)) return anywhere;
  const bare = withoutQuoted(sql, dialect);
  if (bare === undefined) return [...anywhere, "a literal that does not end"];
  return [
    ...anywhere,
    ...FORBIDDEN.filter(([, pattern]) => pattern.test(bare)).map(([name]) => name),
    ...(marker !== undefined && bare.includes(marker) ? ["unquoted data"] : []),
  ];
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

interface Quote {
  readonly open: RegExp;
  readonly close: string;
  readonly backslash: boolean;
  /** The closing sign twice stands for itself. */
  readonly doubled: boolean;
  readonly instead: string;
}

const COMMENTS: readonly Quote[] = [
  { open: /--/y, close: "\n", backslash: false, doubled: false, instead: "\n" },
  { open: /\/\*/y, close: "*/", backslash: false, doubled: false, instead: " " },
];
const DOUBLED = { backslash: false, doubled: true } as const;
const ESCAPED = { backslash: true, doubled: false } as const;

const QUOTES: Readonly<Record<Dialect, readonly Quote[]>> = {
  duckdb: [
    { open: /'/y, close: "'", ...DOUBLED, instead: "''" },
    { open: /"/y, close: '"', ...DOUBLED, instead: '""' },
    { open: /\$\$/y, close: "$$", backslash: false, doubled: false, instead: "''" },
    ...COMMENTS,
  ],
  redshift: [
    { open: /'/y, close: "'", backslash: true, doubled: true, instead: "''" },
    { open: /"/y, close: '"', ...DOUBLED, instead: '""' },
    { open: /\$\$/y, close: "$$", backslash: false, doubled: false, instead: "''" },
    ...COMMENTS,
  ],
  bigquery: [
    { open: /[rRbB]{0,2}'''/y, close: "'''", ...ESCAPED, instead: "''" },
    { open: /[rRbB]{0,2}"""/y, close: '"""', ...ESCAPED, instead: "''" },
    { open: /'/y, close: "'", ...ESCAPED, instead: "''" },
    { open: /"/y, close: '"', ...ESCAPED, instead: "''" },
    { open: /`/y, close: "`", ...ESCAPED, instead: "``" },
    { open: /#/y, close: "\n", backslash: false, doubled: false, instead: "\n" },
    ...COMMENTS,
  ],
};

/** The statement with empty literals, names and comments; undefined if one of them does not end. */
export function withoutQuoted(sql: string, dialect: Dialect): string | undefined {
  let bare = "";
  let at = 0;
  while (at < sql.length) {
    const quote = QUOTES[dialect].find(({ open }) => {
      open.lastIndex = at;
      return open.test(sql);
    });
    if (quote === undefined) {
      bare += sql[at];
      at += 1;
      continue;
    }
    const end = endOf(sql, quote, quote.open.lastIndex);
    if (end === undefined) return undefined;
    bare += quote.instead;
    at = end;
  }
  return bare;
}

function endOf(sql: string, { close, backslash, doubled }: Quote, from: number): number | undefined {
  for (let at = from; at < sql.length; at += 1) {
    if (backslash && sql[at] === "\\") at += 1;
    else if (sql.startsWith(close, at)) {
      if (doubled && sql.startsWith(close, at + close.length)) at += close.length;
      else return at + close.length;
    }
  }
  return close === "\n" ? sql.length : undefined;
}
