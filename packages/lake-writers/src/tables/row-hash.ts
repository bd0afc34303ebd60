import { type ColumnSpec, isChild, type TableSpec } from "@spacex-etl/contracts";
import { access, quoteLiteral, typed } from "./expressions.ts";

/** Between the fields of the hashed text, and inside the field of a child table. */
const FIELD = "chr(31)";
const PIECE = "chr(30)";

/**
 * `_row_hash`: the MD5, in hex, of a text that says all values of a record and of its child rows, and nothing else.
 * It is computed here and nowhere else; every destination only compares it with the one of the same key, so MD5's
 * 128 bits are ample, and it takes a third of SHA-256's time.
 *
 * The text has these fields, between U+001F:
 * - the byte lengths of the strings that follow, by column name, with commas: what a string contains can so never be
 *   taken for the next field, and numbers, truth values and instants (microseconds since 1970) need no length;
 * - `name=value` of every value that is not null, by column name;
 * - `table=` for every child table with rows, by name: the number of rows, then between U+001E `name=` and the JSON array
 *   of the column's values, of every column that has one. Where arrays are nested, so are these, numbers included.
 *
 * Nulls, columns that are null in all rows and tables without rows leave no trace: a new nullable column changes no hash.
 */
export function rowHash(table: TableSpec, tables: readonly TableSpec[]): string {
  const columns = byName(table.columns);
  const lengths = columns
    .filter(({ type }) => type === "string")
    .map((column) => `strlen(${plain(column, "")})`);
  const values = columns.map((column) => `${quoteLiteral(`${column.name}=`)} || ${plain(column, "")}`);
  const children = byName(tables.filter(isChild)).map(childText);
  const fields = [`concat_ws(${["','", ...lengths].join(", ")})`, ...values, ...children];
  return `md5(concat_ws(${[FIELD, ...fields].join(", ")}))`;
}

function byName<T extends { readonly name: string }>(named: readonly T[]): T[] {
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A value that is written alike wherever it is equal. */
function plain(column: ColumnSpec, base: string): string {
  const value = typed(column, base);
  return column.type === "timestamp" ? `epoch_us(${value})` : value;
}

/** Column by column, because DuckDB writes a list of one type many times faster than it joins texts per element. */
function childText(table: TableSpec): string {
  const depth = table.arrayPath.length;
  const numbers = listOf(table.arrayPath.slice(0, -1), (base) => {
    const number = `len(${access(base, table.arrayPath.at(-1) ?? [])})`;
    return depth === 1 ? number : `coalesce(${number}, 0)`;
  });
  const rows = depth === 1 ? numbers : `list_sum(${flat(numbers, depth - 1)})`;
  const columns = byName(table.columns).map((column) => {
    const values = listOf(table.arrayPath, (base) => plain(column, base));
    const name = quoteLiteral(`${column.name}=`);
    return `CASE WHEN list_any_value(${flat(values, depth)}) IS NOT NULL THEN ${name} || to_json(${values}) END`;
  });
  const pieces = [PIECE, depth === 1 ? numbers : `to_json(${numbers})`, ...columns];
  return `CASE WHEN ${rows} > 0 THEN ${quoteLiteral(`${table.name}=`)} || concat_ws(${pieces.join(", ")}) END`;
}

/** The list, of lists where there are more levels, of what `leaf` makes of every element. */
function listOf(levels: readonly (readonly string[])[], leaf: (base: string) => string, base = ""): string {
  const [level, ...deeper] = levels;
  if (level === undefined) return leaf(base);
  const element = `e${levels.length}`;
  const array = base === "" ? access(base, level) : `coalesce(${access(base, level)}, [])`;
  const made = listOf(deeper, leaf, element);
  return made === element ? array : `list_transform(${array}, lambda ${element}: ${made})`;
}

function flat(list: string, depth: number): string {
  return depth <= 1 ? list : flat(`flatten(${list})`, depth - 1);
}
