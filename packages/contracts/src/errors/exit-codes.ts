/**
 * What kind of failure it is. The kind decides the exit code of a process and whether trying the same thing again
 * can help.
 */
export type ErrorKind =
  | "usage"
  | "auth"
  | "source"
  | "busy"
  | "schema"
  | "data"
  | "destination"
  | "transform"
  | "integrity"
  | "bug"
  | "interrupted"
  | "terminated";

/** How a process ends that failed in one of these ways. */
export interface ExitCode {
  readonly exitCode: number;
  /** Whether the same command may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly meaning: string;
}

/** The one table of exit codes; `docs/exit-codes.md` is the same table for people. */
export const EXIT_CODES: Readonly<Record<ErrorKind | "ok", ExitCode>> = {
  ok: { exitCode: 0, retryable: false, meaning: "done" },
  usage: { exitCode: 2, retryable: false, meaning: "usage or configuration" },
  auth: { exitCode: 3, retryable: false, meaning: "authentication or permission" },
  source: { exitCode: 4, retryable: true, meaning: "the source failed or is incomplete" },
  busy: { exitCode: 5, retryable: true, meaning: "busy: quota, rate or lock" },
  schema: { exitCode: 6, retryable: false, meaning: "schema contract" },
  data: { exitCode: 7, retryable: false, meaning: "data rejected" },
  destination: { exitCode: 8, retryable: true, meaning: "lake or warehouse failed" },
  transform: { exitCode: 9, retryable: false, meaning: "dbt failed" },
  integrity: { exitCode: 10, retryable: false, meaning: "checksum, manifest or count" },
  bug: { exitCode: 70, retryable: false, meaning: "a bug in spacex-etl" },
  interrupted: { exitCode: 130, retryable: true, meaning: "interrupted (SIGINT)" },
  terminated: { exitCode: 143, retryable: true, meaning: "terminated (SIGTERM)" },
};
