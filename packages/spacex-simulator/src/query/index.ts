export { MAX_SCANNED_RECORDS } from "./matches.ts";
export { QueryError } from "./query-error.ts";
export { type QueryAnswer, type QueryTarget, runObjectQuery, runQuery } from "./run-query.ts";
