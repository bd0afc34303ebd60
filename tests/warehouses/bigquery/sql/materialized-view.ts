import { invalidQuery } from "../api-error.ts";
import { isSymbol, isWord, type Token } from "./tokens.ts";

/** Words that a materialized view cannot have. */
const FORBIDDEN = [
  "OVER",
  "QUALIFY",
  "HAVING",
  "ORDER",
  "LIMIT",
  "UNION",
  "INTERSECT",
  "LEFT",
  "RIGHT",
  "FULL",
  "TABLESAMPLE",
  "RAND",
  "GENERATE_UUID",
  "SESSION_USER",
] as const;

/**
 * Rules of the engine that no grammar tells, as far as words show them; UNION ALL and LEFT JOIN are a preview and refused
 * here. https://cloud.google.com/bigquery/docs/materialized-views-create#query_limitations
 *
 * @throws ApiError `invalidQuery`.
 */
export function checkMaterializedView(query: readonly Token[]): void {
  query.forEach((token, index) => {
    const named = isSymbol(query[index - 1], ".") || isWord(query[index - 1], "AS");
    const except = isWord(token, "EXCEPT") && !isSymbol(query[index - 1], "*");
    if (!except && (named || !isWord(token, ...FORBIDDEN))) return;
    throw invalidQuery(`Unsupported feature in a materialized view: ${token.text} at ${token.at}`);
  });
}
