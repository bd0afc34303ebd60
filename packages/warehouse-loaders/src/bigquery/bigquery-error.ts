import { EtlError } from "@spacex-etl/contracts";
import { BigQueryFailure } from "./failure.ts";
import { meaningOf, type Scene } from "./meaning.ts";

/** A failure as an `EtlError`, with the service's own words. Anything else is handed back as it is. */
export function bigqueryError(error: unknown, scene: Scene): unknown {
  if (!(error instanceof BigQueryFailure)) return error;
  const { facts, message } = error;
  const { retry: _, ...meaning } = meaningOf(facts, message, scene);
  const { reason, status, jobId, location } = facts;
  const known = Object.entries({ reason, status, jobId, location }).filter(
    ([, value]) => value !== undefined,
  );
  const numbers = [reason, ...(status === undefined ? [] : [`HTTP ${status}`]), jobId].filter(
    (part) => part !== undefined,
  );
  const words = `Cannot ${scene.what} in ${scene.place}: ${message}${numbers.length === 0 ? "" : ` (${numbers.join(", ")})`}.`;
  return new EtlError({
    ...meaning,
    message: meaning.message ?? words,
    cause: Object.assign(new Error(message), { name: "BigQueryError", ...Object.fromEntries(known) }),
    details: Object.fromEntries(known),
  });
}
