import { objectNotFound } from "../store/object-not-found.ts";
import { EtlError } from "@spacex-etl/contracts/errors";

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** What the file system said, as an error that a person can act on. Anything else comes back as it is. */
export function storeError(
  error: unknown,
  action: "read" | "write" | "list" | "delete" | "link",
  key: string,
  url: string,
): unknown {
  if (EtlError.isInstance(error)) return error;
  const what = `Cannot ${action === "link" ? "write" : action} ${key === "" ? "objects" : key} in ${url}`;
  const code = codeOf(error);
  // FAT answers a link with EPERM, some network and user-space file systems with the others.
  if (action === "link" && ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code ?? "")) {
    return new EtlError({
      kind: "destination",
      code: "LAKE_NO_LINKS",
      retryable: false,
      message: `${what}: the file system has no hard links, which a lake needs to create files whole.`,
      hint: "Put the lake on another file system.",
      cause: error,
    });
  }
  if (action === "read" && code === "ENOENT") return objectNotFound(key, url, error);
  switch (code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new EtlError({
        kind: "auth",
        code: "LAKE_PERMISSION",
        message: `${what}: ${code === "EROFS" ? "the file system is read-only" : "permission denied"}.`,
        hint: "Give this user read and write access to the folder, or choose another with --lake.",
        cause: error,
      });
    case "ENOTDIR":
    case "EEXIST":
      return new EtlError({
        kind: "usage",
        code: "LAKE_NOT_FOLDER",
        message: `${what}: a part of the path is a file.`,
        hint: "Choose a folder with --lake.",
        cause: error,
      });
    case "ENOSPC":
    case "EDQUOT":
      return new EtlError({
        kind: "destination",
        code: "LAKE_FULL",
        message: `${what}: no space left.`,
        hint: "Free some space (`spacex-etl gc`) and run the same command again; nothing is half-written.",
        cause: error,
      });
    case undefined:
      return error;
    default:
      return new EtlError({
        kind: "destination",
        code: "LAKE_IO",
        message: `${what}: ${(error as Error).message}`,
        hint: "Check the path and the disk, then run the same command again.",
        cause: error,
      });
  }
}
