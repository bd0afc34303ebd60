import { type Cursor, GrammarError } from "./cursor.ts";
import type { Token } from "./tokens.ts";

/** A column's type in a definition. */
export interface ColumnType {
  /** How the stand-in's PostgreSQL holds it. */
  readonly sql: string;
  /** Most bytes of a VARCHAR or CHAR. */
  readonly bytes: number | undefined;
}

const SIMPLE: Readonly<Record<string, string>> = {
  smallint: "smallint",
  int2: "smallint",
  integer: "integer",
  int: "integer",
  int4: "integer",
  bigint: "bigint",
  int8: "bigint",
  real: "real",
  float4: "real",
  float: "double precision",
  float8: "double precision",
  boolean: "boolean",
  bool: "boolean",
  date: "date",
  timestamptz: "timestamptz",
  timetz: "timetz",
};
const NOT_HELD = new Set(["super", "varbyte", "varbinary", "geometry", "geography", "hllsketch", "interval"]);
const UNSUPPORTED = new Set(
  "serial bigserial smallserial serial4 serial8 json uuid bytea xml money inet cidr bit point".split(" "),
);
/** Bytes of VARCHAR and TEXT without a length. */
const DEFAULT_BYTES = 256;
const MOST_BYTES = 65_535;
const MOST_CHAR_BYTES = 4_096;

/** Reads a type. @param column `table.column`, for messages. */
export function typeOf(cursor: Cursor, column: string): ColumnType {
  const token = cursor.next("a type");
  if (token.kind !== "word")
    throw new GrammarError(`syntax error at or near "${token.text}" (expected a type)`, token.at);
  const type = knownType(cursor, token);
  if (cursor.is("["))
    throw new GrammarError(`Column "${column}" has unsupported type "${token.value}[]".`, token.at, "0A000");
  if (type !== undefined) return type;
  if (NOT_HELD.has(token.value))
    throw new GrammarError(`The stand-in does not hold columns of type ${token.value}`, token.at, "0A000");
  if (UNSUPPORTED.has(token.value))
    throw new GrammarError(`Column "${column}" has unsupported type "${token.value}".`, token.at, "0A000");
  throw new GrammarError(`type "${token.value}" does not exist`, token.at, "42704");
}

function knownType(cursor: Cursor, { value: word }: Token): ColumnType | undefined {
  const plain = (sql: string): ColumnType => ({ sql, bytes: undefined });
  if (Object.hasOwn(SIMPLE, word)) return plain(SIMPLE[word] ?? word);
  switch (word) {
    case "double":
      cursor.expect("precision");
      return plain("double precision");
    case "decimal":
    case "numeric":
      return plain(`numeric(${decimal(cursor)})`);
    case "time":
    case "timestamp": {
      const zoned = cursor.take("with", "time", "zone");
      if (!zoned) cursor.take("without", "time", "zone");
      return plain(zoned ? `${word}tz` : word);
    }
    case "text":
      return characters("varchar", DEFAULT_BYTES);
    case "varchar":
    case "nvarchar":
      return characters("varchar", length(cursor, DEFAULT_BYTES, MOST_BYTES));
    case "char":
    case "nchar":
    case "bpchar":
      return characters("char", length(cursor, word === "bpchar" ? DEFAULT_BYTES : 1, MOST_CHAR_BYTES));
    case "character":
      return cursor.take("varying")
        ? characters("varchar", length(cursor, DEFAULT_BYTES, MOST_BYTES))
        : characters("char", length(cursor, 1, MOST_CHAR_BYTES));
    default:
      return undefined;
  }
}

function characters(type: "varchar" | "char", bytes: number): ColumnType {
  return { sql: `${type}(${bytes})`, bytes };
}

function length(cursor: Cursor, missing: number, most: number): number {
  if (!cursor.take("(")) return missing;
  const token = cursor.next("a length");
  const bytes = token.value === "max" ? most : token.kind === "number" ? Number(token.value) : Number.NaN;
  if (!Number.isInteger(bytes) || bytes < 1)
    throw new GrammarError(`syntax error at or near "${token.text}" (expected a length)`, token.at);
  if (bytes > most)
    throw new GrammarError(`length for type character varying cannot exceed ${most}`, token.at, "22023");
  cursor.expect(")");
  return bytes;
}

/** Redshift's default is DECIMAL(18,0), the most 38 digits. */
function decimal(cursor: Cursor): string {
  if (!cursor.take("(")) return "18,0";
  const precision = cursor.next("a precision");
  const scale = cursor.take(",") ? cursor.next("a scale").value : "0";
  cursor.expect(")");
  if (!(Number(precision.value) >= 1 && Number(precision.value) <= 38))
    throw new GrammarError(
      `DECIMAL precision ${precision.value} must be between 1 and 38`,
      precision.at,
      "22023",
    );
  return `${precision.value},${scale}`;
}
