import { EtlError } from "@spacex-etl/contracts";

/** What is wrong with a lake's address; never repeats a value that may be secret. */
export function urlError(message: string, hint: string): EtlError {
  return new EtlError({ kind: "usage", code: "LAKE_URL", message, hint });
}
