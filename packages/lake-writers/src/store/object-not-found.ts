import { EtlError } from "@spacex-etl/contracts/errors";

/** What reading an object that is not there throws, whatever the store. */
export function objectNotFound(key: string, url: string, cause?: unknown): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "OBJECT_NOT_FOUND",
    message: `${key} is missing in ${url}.`,
    hint: "Restore it, or run again under a new run id. `spacex-etl verify` lists everything that is missing.",
    cause,
    details: { path: key },
  });
}
