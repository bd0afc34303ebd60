import { EtlError } from "@spacex-etl/contracts";
import type { PlannedTable } from "../loader/load-plan.ts";
import { type Row, type Session, text } from "../merge/index.ts";
import { partIn } from "./part-in.ts";
import { detailOf, saysS3Failed } from "./redshift-error.ts";
import { identifier, MAX_VARCHAR_BYTES, rawTable, READ_LOAD_ERRORS } from "./sql/index.ts";

/** Failures of a COPY that are not the files' fault: what they say is enough. */
const NOT_THE_FILES = new Set(["auth", "busy", "usage", "interrupted", "terminated"]);
const NOT_THE_FILES_CODES = new Set(["WAREHOUSE_UNREACHABLE", "WAREHOUSE_DISK_FULL", "JOB_CANCELLED"]);

/**
 * What a failed COPY is about, by what Redshift noted of it: file, column and reason.
 *
 * @returns VALUE_TOO_LONG of kind `data`; PART_MISSING or PART_MISMATCH of kind `integrity`, where Redshift says so of a
 *   file; else the error itself
 */
export async function copyError(
  error: unknown,
  session: Session,
  { table, source }: PlannedTable,
  schema: string,
): Promise<unknown> {
  if (!EtlError.isInstance(error) || NOT_THE_FILES.has(error.kind) || NOT_THE_FILES_CODES.has(error.code))
    return error;
  const uris = source.parts.map(({ uri }) => uri);
  const noted = await notedOf(session, uris);
  const [first] = noted;
  const cause: unknown = error.cause;
  const said = `${cause instanceof Error ? cause.message : ""}\n${detailOf(cause)}`;
  const reason = text(first, "error_message") ?? contextOf(cause);
  const missing = /NoSuchKey|specified key does not exist|Status 404/i.test(`${reason}\n${said}`);
  const scan = /Spectrum Scan Error|code:\s+15007\b/i.test(said);
  if (saysS3Failed(reason) || !(missing || scan || first !== undefined)) return error;
  if (first === undefined && error.code === "LAKE_UNREADABLE") return error;

  const { part, among } = partIn(text(first, "file_name") ?? "", uris, partIn(reason, uris));
  const file = part ?? (among === undefined ? undefined : `one of the files ${among}…`);
  const column = text(first, "column_name") || columnIn(reason);
  const details = { table, file: part, column, reason };
  const where = [file ?? `the files of ${table}`, column ? `column ${column}` : ""]
    .filter(Boolean)
    .join(", ");
  if (/longer than the length defined|value too long|exceeds DDL length|exceeds.*varchar/i.test(reason)) {
    const defined = Number(/Table: (\d+)/.exec(reason)?.[1] ?? text(first, "column_length") ?? Number.NaN);
    const found = /Data: (\d+)/.exec(reason)?.[1];
    const widest = !(defined < MAX_VARCHAR_BYTES);
    return new EtlError({
      kind: "data",
      code: "VALUE_TOO_LONG",
      message: `A value of ${table}.${column || "?"} has ${found ?? "more"} bytes, but the column holds ${Number.isNaN(defined) ? "less" : defined}; nothing was cut or loaded. (${file ?? "unknown file"})`,
      hint: widest
        ? `Redshift has no longer text than ${MAX_VARCHAR_BYTES} bytes: leave the field out of the schema, or shorten it at its source.`
        : `Widen the column: ALTER TABLE ${rawTable(schema, table)} ALTER COLUMN ${identifier(column || "column")} TYPE VARCHAR(${MAX_VARCHAR_BYTES}); for tables that are still to be made, raise varcharBytes.`,
      cause,
      details,
    });
  }
  // An unfitting type is one column's: where none is named, the end of the message is missing.
  const cut = !column && !missing && (among !== undefined || /incompatible Parquet/i.test(reason));
  return new EtlError({
    kind: "integrity",
    code: missing ? "PART_MISSING" : "PART_MISMATCH",
    message: missing
      ? `A file of table ${table} is not where the manifest says: ${where} (${reason || error.message}).`
      : `A file does not fit table ${table}: ${where}: ${reason || error.message}${cut ? "… (Redshift cut off the rest; the column is not known)" : ""}`,
    hint: "Restore the part, or delete it and run again under a new run id. `spacex-etl verify` lists all that are damaged.",
    cause,
    details: { ...details, others: Math.max(noted.length - 1, 0) },
  });
}

/** Rows of SYS_LOAD_ERROR_DETAIL that are of these files: the session's last COPY may be an older one. */
async function notedOf(session: Session, uris: readonly string[]): Promise<readonly Row[]> {
  try {
    const rows = await session.finish(READ_LOAD_ERRORS);
    return rows.filter((row) => partIn(text(row, "file_name") ?? "", uris).part !== undefined);
  } catch {
    // The view is not to be read by everyone; the error itself says something too.
    return [];
  }
}

/** What stands in the DETAIL of Redshift's error, where the view has nothing. */
function contextOf(cause: unknown): string {
  const context = /context:[ \t]*(.*)/.exec(detailOf(cause))?.[1]?.trim();
  return context || (cause instanceof Error ? cause.message : "");
}

function columnIn(reason: string): string | undefined {
  return (
    /data column (\S+) is longer/.exec(reason)?.[1] ??
    /for column '[^']*\.([^.']+)'/.exec(reason)?.[1] ??
    /in column (\S+?),/.exec(reason)?.[1]
  );
}
