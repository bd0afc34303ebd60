import { EtlError } from "@spacex-etl/contracts/errors";
import * as z from "zod";

/** Turns parsed JSON into typed records, or says which one does not fit and why. */
export interface RecordReader<T> {
  one(value: unknown, from: string): T;
  many(values: readonly unknown[], from: string): readonly T[];
}

/**
 * Checks with a compiled schema, which is made and compiled with the first record. Unknown fields stay in the record.
 *
 * @throws EtlError of kind `data`, code `RECORD_INVALID`.
 */
export function recordReader<T>(schema: () => z.ZodType<T>): RecordReader<T> {
  let compiled: z.ZodType<T> | undefined;
  const one = (value: unknown, from: string, position?: number): T => {
    compiled ??= z.compile(schema());
    if (compiled.validate(value)) return value as T;
    throw invalidRecord(schema(), value, from, position);
  };
  return {
    one: (value, from) => one(value, from),
    many: (values, from) => values.map((value, index) => one(value, from, index)),
  };
}

function invalidRecord(
  schema: z.ZodType,
  value: unknown,
  from: string,
  position: number | undefined,
): EtlError {
  const id = (value as { id?: unknown } | null | undefined)?.id;
  const which =
    typeof id === "string" ? `the record ${id}` : position === undefined ? "a record" : `record ${position}`;
  const issues = (schema.safeParse(value).error?.issues ?? []).slice(0, 5).map((issue) => ({
    path: issue.path.join("."),
    message: issue.message,
  }));
  const first = issues[0];
  return new EtlError({
    kind: "data",
    code: "RECORD_INVALID",
    message: `${from} sent ${which}, which does not fit its type: ${first === undefined ? "it is invalid" : `${first.path === "" ? "the record" : first.path}: ${first.message}`}.`,
    hint: "The API sends something new. Read the bytes with recordSource(), and report the field.",
    details: {
      issues,
      ...(typeof id === "string" ? { id } : {}),
      ...(position === undefined ? {} : { position }),
    },
  });
}
