import { type ColumnSpec, isChild, type TableSpec } from "@spacex-etl/contracts";
import { access, quoteLiteral, typed } from "./expressions.ts";

/** Before every field of the hashed text but the first, and before every piece of a child table's field. */
const FIELD = "\u001F";
const PIECE = "\u001E";

/**
 * `_row_hash`: the MD5, in hex, of a text that says all values of a record and of its child rows, and nothing else.
 * It is computed here and nowhere else; every destination only compares it with the one of the same key, so MD5's
 * 128 bits are ample, and it takes a third of SHA-256's time.
 *
 * The text has these fields, each but the first after U+001F:
 * - nothing; or, in a record with U+001F in one of its strings, the byte lengths of its strings, by column name, with
 *   commas: so what a string contains can never be taken for the next field. Lengths begin with a digit, names do not;
 * - `name=value` of every value that is not null, by column name, instants as microseconds since 1970;
 * - `table=` for every child table with rows, by name: the number of rows, then after U+001E each `name=` and the JSON array
 *   of the column's values, of every column that has one. Where arrays are nested, so are these, numbers included.
 *   JSON writes control characters as escapes.
 *
 * Nulls, columns that are null in all rows and tables without rows leave no trace: a new nullable column changes no hash.
 */
export function rowHash(table: TableSpec, tables: readonly TableSpec[]): string {
  const columns = byName(table.columns);
  const children = byName(tables.filter(isChild)).map(childText);
  return `md5(concat(${[...lengths(columns), ...columns.flatMap(field), ...children].join(", ")}))`;
}

function lengths(columns: readonly ColumnSpec[]): string[] {
  const strings = columns.filter(({ type }) => type === "string").map((column) => plain(column, ""));
  if (strings.length === 0) return [];
  const marked = strings.map((value) => `contains(${value}, ${quoteLiteral(FIELD)})`);
  const each = strings.map((value) => `strlen(${value})`);
  return [`CASE WHEN ${marked.join(" OR ")} THEN concat_ws(',', ${each.join(", ")}) END`];
}

/** What `concat`, to which null is nothing, is given: a text of its own per value would have to be copied once more. */
function field(column: ColumnSpec): string[] {
  const value = plain(column, "");
  const label = `${FIELD}${column.name}=`;
  if (column.type === "boolean") {
    const [yes, no] = ["true", "false"].map((text) => quoteLiteral(label + text));
    return [`CASE WHEN ${value} THEN ${yes} WHEN NOT ${value} THEN ${no} END`];
  }
  const written = quoteLiteral(label);
  return [column.nullable ? `CASE WHEN ${value} IS NOT NULL THEN ${written} END` : written, value];
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
  const pieces = byName(table.columns).flatMap((column) => {
    const values = listOf(table.arrayPath, (base) => plain(column, base));
    const piece = [quoteLiteral(`${PIECE}${column.name}=`), `to_json(${values})`];
    if (depth === 1 && !column.nullable) return piece;
    return [
      `CASE WHEN list_any_value(${flat(values, depth)}) IS NOT NULL THEN concat(${piece.join(", ")}) END`,
    ];
  });
  const head = [quoteLiteral(`${FIELD}${table.name}=`), depth === 1 ? numbers : `to_json(${numbers})`];
  return `CASE WHEN ${rows} > 0 THEN concat(${[...head, ...pieces].join(", ")}) END`;
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
