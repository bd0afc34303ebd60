export { parsedRecord } from "./documents.ts";
export { MAX_SCANNED_RECORDS } from "./find.ts";
export { QueryError } from "./query-error.ts";
export { type QueryAnswer, type QueryTarget, runObjectQuery, runQuery } from "./run-query.ts";
