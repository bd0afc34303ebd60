import { EtlError } from "@spacex-etl/contracts/errors";

/** A body that is no longer what it was to be: `OBJECT_CHECKSUM`, of kind `integrity`. */
export function changedBody(message: string, key?: string, cause?: unknown): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
    message,
    hint: "Something else writes to the folder for temporary files. Nothing was created: run the same command again.",
    ...(cause === undefined ? {} : { cause }),
    ...(key === undefined ? {} : { details: { path: key } }),
  });
}

/** The bytes that were read have another SHA-256 than the caller said. */
export function otherBytes(key: string): EtlError {
  return changedBody(`What was to be uploaded as ${key} does not have the SHA-256 that it should have.`, key);
}

/** The file ended before the bytes that it had when its upload began. */
export function shrunk(file: string): EtlError {
  return changedBody(`${file} became shorter while it was uploaded.`);
}
