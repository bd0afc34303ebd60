import { EtlError } from "@spacex-etl/contracts/errors";

/** A query that must not be sent. */
export function invalidQuery(collection: string, problem: string, hint = ""): EtlError {
  return new EtlError({
    kind: "usage",
    code: "QUERY_INVALID",
    message: `The query of ${collection} was not sent: ${problem}.`,
    ...(hint === "" ? {} : { hint }),
  });
}

/** An object that was written as one: no array, date, map or instance of a class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
