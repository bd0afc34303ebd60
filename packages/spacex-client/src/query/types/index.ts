export type {
  BooleanOperators,
  Condition,
  DocumentsOperators,
  ElementFilter,
  EqualityOperators,
  Filter,
  IdOperators,
  ListOperators,
  NumberOperators,
  ObjectOperators,
  OrderOperators,
  TextOperators,
} from "./filter.ts";
export type { FieldAt, FieldPath } from "./paths.ts";
export type { Populate, PopulatePath, ReferencePath, ResultOf } from "./populate.ts";
export type { FilterOf, ObjectQuery, Page, Query, QueryResult } from "./query.ts";
export type { Select } from "./select.ts";
export type { Sort, SortDirection } from "./sort.ts";
