import type { Fields } from "./wire.ts";

/** An error as Redshift words it. @param code SQLSTATE. */
export function errorFields(code: string, message: string, detail?: string): Fields {
  return { S: "ERROR", C: code, M: message, ...(detail === undefined ? {} : { D: detail }) };
}

/** Users report contexts that end in the middle of a word. How much is kept is not documented. */
const CONTEXT_CHARACTERS = 160;

/** The block that Redshift puts into DETAIL, with the beginning of the context. @param code Redshift's own, not an SQLSTATE. */
export function detailBlock(error: string, code: number, context: string, query: number): string {
  const line = "-----------------------------------------------";
  return (
    `\n  ${line}\n  error:  ${error}\n  code:      ${code}\n  context:   ${context.slice(0, CONTEXT_CHARACTERS)}\n  query:     ${query}\n` +
    `  location:  stand-in\n  process:   worker_thread [pid=0]\n  ${line}\n`
  );
}

/** PostgreSQL's error in Redshift's words; positions are dropped, as the statement may have been rewritten. */
export function asRedshift(fields: Fields): Fields {
  const { S = "ERROR", V = S, C = "XX000", M = "", D, H, n: constraint } = fields;
  if (C === "40001")
    return errorFields(
      "XX000",
      "1023",
      "Serializable isolation violation on table - 0, transactions forming the cycle are: 0, 0 (pid:0)",
    );
  const [, type, bytes] = (C === "23514" && /^(var)?char_(\d+)_/.exec(constraint ?? "")) || [];
  if (bytes !== undefined)
    return errorFields(
      "22001",
      `value too long for type character${type === undefined ? "" : " varying"}(${bytes})`,
    );
  if (C === "21000" && M.startsWith("MERGE"))
    return errorFields("XX000", "Found multiple matches to update the same tuple.");
  return { S, V, C, M, ...(D === undefined ? {} : { D }), ...(H === undefined ? {} : { H }) };
}
