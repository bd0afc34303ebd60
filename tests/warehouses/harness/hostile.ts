/** Part of every hostile text, so that it is found where it was taken for SQL. */
export const MARKER = "zq9";

/** What is hostile to some quoting, escaping, templating or encoding. No NUL: PostgreSQL and Redshift cannot store it. */
const PIECES = [
  " ",
  "'",
  "''",
  '"',
  '""',
  "`",
  "``",
  "\\",
  "\\\\",
  "\\'",
  "\\`",
  "$$",
  "$x$",
  "$1",
  "?",
  "@run_id",
  ":name",
  "%s",
  "%",
  "{{ x }}",
  "${x}",
  "--",
  "/*",
  "*/",
  "#",
  ";",
  "); DROP TABLE raw.bystander; --",
  "' OR 1=1 --",
  "E'",
  "r'",
  "'''",
  "\n",
  "\r\n",
  "\t",
  "\u0001",
  "\u007f",
  "null",
  "\\N",
  "select",
  "ORDER BY",
  "naïve",
  "火箭",
  "🚀",
  "e\u0301",
  "\u202e",
  // Not in front: `@duckdb/node-api` leaves it out there when it reads.
  "x\ufeff",
] as const;

/** Another text for each call, and the same ones for the same seed. */
export function hostileText(next: () => number): string {
  const piece = () => PIECES[Math.floor(next() * PIECES.length)]!;
  const before = Array.from({ length: 1 + Math.floor(next() * 4) }, piece).join("");
  const after = Array.from({ length: Math.floor(next() * 4) }, piece).join("");
  return `${before}${MARKER}${Math.floor(next() * 1e6)}${after}`;
}

/** Names of columns that each of the three can hold, BigQuery as a flexible column name. In lower case: Redshift folds them. */
export const HARD_NAMES = [
  `two words ${MARKER}`,
  `it's ${MARKER}`,
  "select",
  "order",
  "user",
  `größe_${MARKER}`,
  `日本語_${MARKER}`,
  `a-b ${MARKER}`,
  `50% + 1 ${MARKER}`,
  `x#y ${MARKER}`,
  `a:b<c>|d ${MARKER}`,
  `1st_${MARKER}`,
] as const;

/** Names that DuckDB and Redshift can hold and BigQuery cannot: https://cloud.google.com/bigquery/docs/schemas#flexible-column-names */
export const IMPOSSIBLE_IN_BIGQUERY = [
  `a"b ${MARKER}`,
  `a\`b ${MARKER}`,
  `a\\b ${MARKER}`,
  `a$$b ${MARKER}`,
  `a;--${MARKER}`,
  `a.b ${MARKER}`,
  `a(b) ${MARKER}`,
] as const;

/** Of objects in a bucket. No `*`, which BigQuery takes for a pattern, nor `?` and `#`, which end a path in a URL. */
export const HARD_PREFIX = `it's "odd" \\ $$ ; -- ${MARKER} größe`;
