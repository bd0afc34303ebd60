import { EtlError } from "@spacex-etl/contracts";
import { hash } from "node:crypto";

/** https://docs.aws.amazon.com/redshift/latest/dg/r_names.html */
const MAX_NAME_BYTES = 127;

/**
 * A quoted name.
 *
 * @throws EtlError NAME_UNSUPPORTED of kind `usage`: Redshift folds quoted names to lower case too, and cuts long ones, so
 *   that two names could become one
 */
export function identifier(name: string): string {
  const problem =
    name === ""
      ? "is empty"
      : name.includes("\0")
        ? "holds a NUL character"
        : name !== name.toLowerCase()
          ? "has upper-case letters, which Redshift folds to lower case"
          : Buffer.byteLength(name) > MAX_NAME_BYTES
            ? `has more than ${MAX_NAME_BYTES} bytes`
            : undefined;
  if (problem !== undefined) {
    throw new EtlError({
      kind: "usage",
      code: "NAME_UNSUPPORTED",
      message: `The name ${JSON.stringify(name)} ${problem}.`,
      hint: 'Name the column or table in lower case and shorter: .meta({ column: "another_name" }) in the schema.',
      details: { name },
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html, and what Redshift's own catalog lists beside. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(
  "oid tableoid xmin cmin xmax cmax ctid insertxid deletexid".split(" "),
);

/** The quoted name of a column that is to be made. @throws EtlError NAME_UNSUPPORTED also for a system column's name */
export function newColumn(name: string): string {
  if (SYSTEM_COLUMNS.has(name.toLowerCase())) {
    throw new EtlError({
      kind: "usage",
      code: "NAME_UNSUPPORTED",
      message: `The name ${JSON.stringify(name)} is that of a system column: no column of Redshift's may have it.`,
      hint: 'Name the column otherwise: .meta({ column: "another_name" }) in the schema.',
      details: { name },
    });
  }
  return identifier(name);
}

/** Redshift reads backslashes in plain literals, and has no other kind. */
export function literal(text: string): string {
  if (text.includes("\0")) {
    throw new EtlError({
      kind: "usage",
      code: "TEXT_UNSUPPORTED",
      message: `The text ${JSON.stringify(text.slice(0, 40))} holds a NUL character, which Redshift cannot store.`,
      hint: "Take it out.",
    });
  }
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** ISO 8601 in UTC, up to microseconds, as a TIMESTAMP literal. */
export function timestampLiteral(instant: string): string {
  return `TIMESTAMP ${literal(instant.replace("T", " ").replace(/Z$/, ""))}`;
}

/** A TIMESTAMP as ISO 8601 in UTC to the microsecond. */
export function isoTimestamp(expression: string): string {
  return `to_char(${expression}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

export function rawTable(schema: string, table: string): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** A temporary table: it is found before any other of its name, in a session of its own. */
export function stageTable(table: string): string {
  return temporary("_stage_", table);
}

/** The changes of a collection, by the name of its parent. */
export function changesTable(parent: string): string {
  return temporary("_changes_", parent);
}

function temporary(prefix: string, table: string): string {
  const name = `${prefix}${table}`;
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return identifier(name);
  return identifier(`${prefix}${table.slice(0, 90)}_${hash("sha256", table).slice(0, 16)}`);
}
