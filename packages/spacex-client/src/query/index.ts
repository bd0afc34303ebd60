export { sentFilter, type SentFilter } from "./filter.ts";
export { invalidQuery } from "./invalid-query.ts";
export { type PageSource, pagesOf, parseEnvelope } from "./pages.ts";
export { sentObjectQuery, sentQuery, type SentOptions, type SentQuery } from "./sent-query.ts";
export { type QueryTarget, targetOf, targetOfLaunchesV4 } from "./target.ts";
export { isId } from "./values.ts";
export type {
  BooleanOperators,
  Condition,
  DocumentsOperators,
  ElementFilter,
  EqualityOperators,
  FieldAt,
  FieldPath,
  Filter,
  FilterOf,
  IdOperators,
  ListOperators,
  NumberOperators,
  ObjectOperators,
  ObjectQuery,
  OrderOperators,
  Page,
  Populate,
  PopulatePath,
  Query,
  QueryResult,
  ReferencePath,
  ResultOf,
  Select,
  Sort,
  SortDirection,
  TextOperators,
} from "./types/index.ts";
