import { EtlError } from "@spacex-etl/contracts/errors";
import { nearest } from "./nearest.ts";

/** An error of kind `usage`: nothing was done, and the same words will fail again. */
export function usageError(code: string, message: string, hint: string): EtlError {
  return new EtlError({ kind: "usage", code, message, hint });
}

/** "Did you mean …?" where something is near, then what is always true. */
export function didYouMean(text: string, candidates: readonly string[], otherwise: string): string {
  const near = nearest(text, candidates);
  return near === undefined ? otherwise : `Did you mean ${near}? ${otherwise}`;
}
