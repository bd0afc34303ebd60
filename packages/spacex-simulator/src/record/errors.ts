import { EtlError, type ErrorKind } from "@spacex-etl/contracts/errors";

/** A failed attempt, and how long the API asks to wait before the next one. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly error: EtlError;
  readonly retryAfterMs: number | undefined;

  constructor(error: EtlError, retryAfterMs?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

export function sourceError(
  kind: ErrorKind,
  code: string,
  message: string,
  options: { readonly retryable?: boolean; readonly hint?: string; readonly cause?: unknown } = {},
): EtlError {
  const { hint = "Try again later: what is complete is not fetched again.", ...rest } = options;
  return new EtlError({ kind, code, message, hint, ...rest });
}

/** What an answer that is no success means: this API answers 400 to a plain GET while its database is away. */
export function failureOfStatus(url: string, status: number, text: string, isHtml: boolean): EtlError {
  const says = isHtml ? "a page of HTML" : text === "" ? "no text" : JSON.stringify(text.slice(0, 200));
  const message = `GET ${url} failed with status ${status}: ${says}.`;
  if (status === 404) {
    const hint = "Check the address of the API and the names of the collections.";
    return sourceError("source", "SOURCE_NOT_FOUND", message, { retryable: false, hint });
  }
  if (status === 401 || status === 403 || (isHtml && status < 400)) {
    const hint =
      "Something in front of the API refused this client. Send fewer requests, or come from another network.";
    return sourceError("auth", "SOURCE_REFUSED", message, { retryable: false, hint });
  }
  if (status === 429) return sourceError("busy", "SOURCE_BUSY", message);
  if (status === 400) return sourceError("source", "SOURCE_OUTAGE", message);
  if (status >= 500) return sourceError("source", "SOURCE_UNAVAILABLE", message);
  return sourceError("source", "SOURCE_ANSWER", message, {
    retryable: false,
    hint: "Check the address of the API.",
  });
}

/** What the file system said, as an error that a person can act on. Anything else comes back as it is. */
export function folderError(error: unknown, path: string): unknown {
  if (EtlError.isInstance(error) || !(error instanceof Error) || !("code" in error)) return error;
  const code = String(error.code);
  const base = { cause: error };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new EtlError({
        ...base,
        kind: "destination",
        code: "RECORD_DISK_FULL",
        message: `There is no space left for the recording in ${path}.`,
        hint: "Free some space and run the same command again: complete files are kept.",
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new EtlError({
        ...base,
        kind: "auth",
        code: "RECORD_PERMISSION",
        message: `The folder ${path} cannot be written: ${code === "EROFS" ? "the file system is read-only" : "permission denied"}.`,
        hint: "Give this user write access to the folder, or choose another with --out.",
      });
    case "ENOTDIR":
    case "EEXIST":
      return new EtlError({
        ...base,
        kind: "usage",
        code: "RECORD_NOT_FOLDER",
        message: `${path} is no folder, or a part of the path is a file.`,
        hint: "Choose a folder with --out.",
      });
    default:
      return new EtlError({
        ...base,
        kind: "destination",
        code: "RECORD_IO",
        message: `The recording in ${path} cannot be written: ${error.message}`,
        hint: "Check the path and the disk, then run the same command again: complete files are kept.",
      });
  }
}
