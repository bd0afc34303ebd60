import { EtlError, type ErrorKind } from "@spacex-etl/contracts";

interface Rule {
  readonly pattern: RegExp;
  readonly kind: ErrorKind;
  readonly code: string;
  readonly retryable?: boolean;
  readonly message: (location: string) => string;
  readonly hint: string;
}

/** DuckDB's errors have no code; these are its messages of version 1.5. The first rule that fits decides. */
const RULES: readonly Rule[] = [
  {
    pattern: /newer version of DuckDB|version number \d+, but we can only read/,
    kind: "schema",
    code: "WAREHOUSE_NEWER",
    message: (location) => `${location} was written by a newer DuckDB than this program uses.`,
    hint: "Upgrade this program, or export the file with the newer DuckDB (EXPORT DATABASE) and import it with an older one.",
  },
  {
    pattern: /not a valid DuckDB database file|Is a directory/,
    kind: "destination",
    code: "WAREHOUSE_NOT_DUCKDB",
    retryable: false,
    message: (location) => `${location} exists, but it is no DuckDB database.`,
    hint: "Name another file, or move this one away.",
  },
  {
    pattern: /Corrupt database file|Could not read enough bytes|Failed to load (?:the )?checkpoint|WAL file/,
    kind: "destination",
    code: "WAREHOUSE_DAMAGED",
    retryable: false,
    message: (location) => `${location} is damaged.`,
    hint: "Restore it from a backup, or move it away and load the newest run again: the lake has everything.",
  },
  {
    pattern: /Permission denied|Read-only file system|Operation not permitted|read-only mode/,
    kind: "auth",
    code: "WAREHOUSE_UNWRITABLE",
    message: (location) => `${location} or its folder cannot be written.`,
    hint: "Give this user write permission on the file and its folder, or name another path.",
  },
  {
    pattern: /Not a directory|No such file or directory|File name too long/,
    kind: "destination",
    code: "WAREHOUSE_PATH",
    retryable: false,
    message: (location) => `${location} cannot be opened: its path is not usable.`,
    hint: "Name a path whose folder exists or can be created.",
  },
  {
    pattern: /No space left|disk full|not enough disk space|ENOSPC/i,
    kind: "destination",
    code: "WAREHOUSE_DISK_FULL",
    message: (location) => `The disk of ${location} or of DuckDB's temporary files is full.`,
    hint: "Free some space and run again with the same run id.",
  },
  {
    pattern: /^Out of Memory/,
    kind: "destination",
    code: "WAREHOUSE_MEMORY",
    retryable: false,
    message: (location) => `DuckDB ran out of memory while it loaded ${location}.`,
    hint: "Raise the memory limit and run again with the same run id.",
  },
  {
    pattern: /write-write conflict|Conflict on|altered by a different transaction|already exists/i,
    kind: "busy",
    code: "WAREHOUSE_CHANGED",
    message: (location) => `Another connection changed ${location} during the load.`,
    hint: "Run again with the same run id.",
  },
  {
    pattern: /^(Binder|Catalog|Constraint|Conversion|Parser|Dependency) Error/,
    kind: "destination",
    code: "WAREHOUSE_REFUSED",
    retryable: false,
    message: (location) => `${location} refused a statement of the load.`,
    hint: "The tables may have been changed by hand; the cause has DuckDB's own words.",
  },
];

/** A failure of DuckDB as an `EtlError`; DuckDB's first line goes into the message, all of it into the cause. */
export function duckdbError(error: unknown, location: string): EtlError {
  if (EtlError.isInstance(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  const firstLine = text.split("\n", 1)[0] ?? text;
  return new EtlError({
    kind: rule?.kind ?? "destination",
    code: rule?.code ?? "WAREHOUSE_FAILED",
    message: `${rule?.message(location) ?? `DuckDB failed on ${location}.`} (${firstLine})`,
    hint: rule?.hint ?? "Run again with the same run id; the warehouse is as it was.",
    retryable: rule?.retryable,
    cause: error,
  });
}

/** The process that holds the file, where DuckDB's message about a lock has it; undefined for any other error. */
export function lockHolder(error: unknown): { readonly pid: number | undefined } | undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (
    !/Could not set lock|Conflicting lock|being used by another process|Unique file handle conflict/.test(
      text,
    )
  ) {
    return undefined;
  }
  const pid = /PID (\d+)/.exec(text)?.[1];
  return { pid: pid === undefined ? undefined : Number(pid) };
}
