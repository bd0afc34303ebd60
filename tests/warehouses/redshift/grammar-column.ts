import { type Cursor, GrammarError } from "./cursor.ts";
import type { Reading } from "./table-reading.ts";
import { typeOf } from "./types.ts";

/** Names of constraints must differ within a table. */
let constraints = 0;

const ENCODINGS = new Set(
  "auto raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd".split(
    " ",
  ),
);

/**
 * `name type [attribute …]`, of CREATE TABLE and, without keys, of ALTER TABLE ADD. The type becomes PostgreSQL's with a
 * check of its bytes.
 */
export function column(
  { cursor, table, draft, edits }: Reading,
  keys: boolean,
): { notNull: boolean; hasDefault: boolean } {
  if (cursor.is("if")) cursor.fail("a column (Redshift has no ADD COLUMN IF NOT EXISTS)");
  const { value: name } = cursor.name("a column");
  const from = cursor.peek()?.at ?? 0;
  const type = typeOf(cursor, `${table}.${name}`);
  const typeEnd = cursor.peek(-1)?.end ?? from;
  const quoted = `"${name.replaceAll('"', '""')}"`;
  // As text, a CHAR is without its padding.
  const check =
    type.bytes === undefined
      ? ""
      : ` CONSTRAINT ${type.sql.split("(")[0]}_${type.bytes}_${++constraints} CHECK (octet_length(${quoted}::text) <= ${type.bytes})`;
  edits.push({ from, to: typeEnd, text: type.sql + check });
  let notNull = false;
  let hasDefault = false;
  const strip = (start: number): void => {
    edits.push({ from: start, to: cursor.peek(-1)?.end ?? start, text: "" });
  };
  for (let token = cursor.peek(); token !== undefined; token = cursor.peek()) {
    if (cursor.take("not", "null")) notNull = true;
    else if (cursor.take("null")) continue;
    else if (cursor.take("default")) {
      cursor.expression("a value", [
        ",",
        "not",
        "encode",
        "distkey",
        "sortkey",
        "unique",
        "primary",
        "references",
      ]);
      hasDefault = true;
    } else if (cursor.take("encode")) {
      const encoding = cursor.next("an encoding");
      if (!ENCODINGS.has(encoding.value))
        throw new GrammarError(`encoding type "${encoding.value}" is not supported`, encoding.at, "42601");
      draft.encodings[name] = encoding.value;
      strip(token.at);
    } else if (keys && cursor.take("distkey")) {
      draft.distKey = name;
      draft.distStyle ??= "key";
      strip(token.at);
    } else if (keys && cursor.take("sortkey")) {
      draft.sortKeys.push(name);
      strip(token.at);
    } else if (keys && cursor.take("primary", "key")) {
      draft.primaryKey = [name];
      strip(token.at);
    } else if (keys && cursor.take("unique")) {
      draft.unique.push([name]);
      strip(token.at);
    } else if (keys && cursor.take("references")) {
      draft.foreignKeys.push({ columns: [name], references: reference(cursor) });
      strip(token.at);
    } else if (cursor.is("check"))
      throw new GrammarError(
        "ALTER/CREATE TABLE column CHECK constraint is not supported",
        token.at,
        "0A000",
      );
    else break;
  }
  return { notNull, hasDefault };
}

/** The table of a foreign key. */
export function reference(cursor: Cursor): string {
  const table = cursor.qualified("a table").map(({ value }) => value);
  if (cursor.is("(")) cursor.names("a column");
  return table.join(".");
}
