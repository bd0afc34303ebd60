import { type Drift, EtlError, type Quarantine, toEtlError } from "@spacex-etl/contracts";
import type { QuarantineWriter } from "./quarantine.ts";

export function rejected(
  collection: string,
  records: number,
  invalid: QuarantineWriter,
  stored: Quarantine | null,
  maxInvalid: number,
): EtlError {
  const { first, count } = invalid;
  const example =
    first === undefined ? "" : `; the first is ${first.key ?? `number ${first.position}`}: ${first.issue}`;
  return new EtlError({
    kind: "data",
    code: "RECORDS_INVALID",
    message: `${collection}: ${count} of ${records + count} records do not fit the schema (allowed: ${maxInvalid})${example}.`,
    hint:
      `The records and all reasons are in ${stored?.path ?? "the quarantine file"} of the lake. ` +
      `To go on without them: --max-invalid ${count}.`,
    details: { collection, invalid: count, quarantine: stored?.path },
  });
}

export function duplicates(collection: string, keys: readonly string[], total: number): EtlError {
  return new EtlError({
    kind: "data",
    code: "DUPLICATE_KEYS",
    message: `${collection}: ${total} records have a key that came before, for example ${keys.join(", ")}.`,
    hint: "The source must be mended: rows cannot be merged by a key that is not unique.",
    details: { collection, keys },
  });
}

export function drifted(collection: string, drift: readonly Drift[]): EtlError {
  const fields = drift.slice(0, 5).map(({ path, records }) => `${path} (${records} records)`);
  return new EtlError({
    kind: "schema",
    code: "SCHEMA_DRIFT",
    message: `${collection}: the source has ${drift.length} fields that the schema does not know: ${fields.join(", ")}.`,
    hint: "Leave out --strict to keep them in the raw zone only, or add them to the schema.",
    details: { collection, drift },
  });
}

export function countMismatch(
  collection: string,
  description: string,
  read: number,
  total: number,
): EtlError {
  return new EtlError({
    kind: "source",
    code: "COUNT_MISMATCH",
    message: `${collection}: ${description} gave ${read} records twice over, but the source counts ${total}.`,
    hint: "The source is changing or broken. Run the same command again; complete collections are not read again.",
    details: { collection, read, total },
  });
}

/** One error for all collections that failed; the others are complete. */
export function incomplete(
  runId: string,
  failed: readonly { readonly collection: string; readonly error: unknown }[],
  total: number,
): EtlError {
  const errors = failed.map(({ collection, error }) => ({ collection, error: toEtlError(error) }));
  // A rerun mends what the source broke; so the kind that a rerun does not mend is the one to report.
  const worst = errors.find(({ error }) => !error.retryable) ?? errors[0];
  const others =
    errors.length > 1
      ? ` Also failed: ${errors
          .filter((e) => e !== worst)
          .map((e) => `${e.collection} (${e.error.code})`)
          .join(", ")}.`
      : "";
  const first = worst?.error ?? toEtlError(undefined);
  const complete = total - errors.length;
  return new EtlError({
    kind: first.kind,
    code: first.code,
    message: `${first.message}${others}`,
    hint: `${first.hint ?? ""} ${complete} of ${total} collections are complete; --run-id ${runId} goes on with the rest.`.trim(),
    retryable: first.retryable,
    cause: first.cause ?? first,
    details: {
      ...first.details,
      failed: errors.map(({ collection, error }) => ({
        collection,
        code: error.code,
        message: error.message,
      })),
    },
  });
}
