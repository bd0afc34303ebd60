export { type FieldPaths, fieldPaths } from "./field-paths.ts";
export { invalidQuery, sentFilter, type SentFilter } from "./filter.ts";
export { type SentOptions, sentOptions } from "./options.ts";
export { type PageSource, pagesOf, parseEnvelope } from "./pages.ts";
export type {
  Condition,
  FieldPath,
  Filter,
  Page,
  Query,
  QueryOptions,
  QueryResult,
  SortDirection,
} from "./types.ts";
