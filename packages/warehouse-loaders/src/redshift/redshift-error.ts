import { EtlError } from "@spacex-etl/contracts";
import { CONFLICT, CONFLICT_CODES, RULES, S3_IS_ILL } from "./error-rules.ts";

/** A failure of Redshift, of `pg` or of the network as an `EtlError`; what was said goes into message and cause. */
export function redshiftError(error: unknown, location: string, statement?: string): EtlError {
  if (EtlError.isInstance(error)) return error;
  const words = error instanceof Error ? error.message : String(error);
  const code = codeOf(error) ?? "";
  const text = `${words}\n${detailOf(error)}`;
  const rule = RULES.find(({ codes, pattern }) => codes?.has(code) === true || pattern?.test(text) === true);
  const where = statement === undefined ? "" : ` in the statement ${JSON.stringify(statement)}`;
  const said = [code, words].filter((part) => part !== "").join(": ");
  return new EtlError({
    kind: rule?.kind ?? "destination",
    code: rule?.code ?? "WAREHOUSE_REFUSED",
    message: `${rule?.message(location) ?? `${location} refused a statement of the load.`} (${said}${where})`,
    hint: rule?.hint ?? "Tables may have been changed by hand; the cause has Redshift's own words.",
    retryable: rule === undefined ? false : rule.retryable,
    cause: error,
  });
}

/** The end of a wait on a server that says nothing. */
export function unanswered(location: string, milliseconds: number): EtlError {
  return redshiftError(new Error(`timeout expired: no answer within ${milliseconds} ms`), location);
}

/** Whether a text of Redshift's says that S3 failed, not a file. */
export function saysS3Failed(text: string): boolean {
  return S3_IS_ILL.test(text);
}

/** Whether the transaction met another one, and may simply be repeated. */
export function isConflict(error: unknown): boolean {
  if (!EtlError.isInstance(error) || error.code !== "WAREHOUSE_CHANGED") return false;
  const { cause } = error;
  return (
    CONFLICT_CODES.has(codeOf(cause) ?? "") ||
    (cause instanceof Error && CONFLICT.test(`${cause.message}\n${detailOf(cause)}`))
  );
}

/** SQLSTATE, or the code of Node's error. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** The DETAIL of a DatabaseError of `pg`, or nothing. */
export function detailOf(error: unknown): string {
  const detail = (error as { readonly detail?: unknown } | null)?.detail;
  return typeof detail === "string" ? detail : "";
}

/** Whether the connection is gone, so that nobody heard how the statement ended. */
export function isLost(error: unknown): boolean {
  return EtlError.isInstance(error) && error.code === "WAREHOUSE_UNREACHABLE";
}
