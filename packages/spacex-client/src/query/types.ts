type Scalar = string | number | boolean | null;

/** Dotted paths of a record, through arrays without positions: `name`, `cores.core`, `links.patch.small`. */
export type FieldPath<T> = T extends readonly (infer Element)[]
  ? FieldPath<NonNullable<Element>>
  : T extends Scalar
    ? never
    : {
        [Key in keyof T & string]-?: Key | `${Key}.${FieldPath<NonNullable<T[Key]>>}`;
      }[keyof T & string];

/** What a field must be: a value, or operators of MongoDB such as `{ $gte: 3 }`. A `Date` is sent as its ISO text. */
export type Condition =
  | Scalar
  | Date
  | readonly (Scalar | Date)[]
  | { readonly [Operator in `$${string}`]: unknown };

/**
 * A filter of MongoDB over the fields of a record. `id` may be used for `_id`, which the API knows. Dates are compared
 * as text: give them in full (`2022-10-05T16:00:00.000Z`), or compare `date_unix`.
 */
export type Filter<T> = {
  readonly [Path in FieldPath<T> | "_id"]?: Condition;
} & {
  readonly $and?: readonly Filter<T>[];
  readonly $or?: readonly Filter<T>[];
  readonly $nor?: readonly Filter<T>[];
  /** Words in the text fields that the API has indexed. */
  readonly $text?: { readonly $search: string };
};

export type SortDirection = 1 | -1 | "asc" | "desc";

export interface QueryOptions<T, Selected extends keyof T & string> {
  /**
   * Records per request, not in all: a query goes on until its last page.
   * @default 100
   */
  readonly limit?: number | undefined;
  /**
   * Page to begin with, counted from 1.
   * @default 1
   */
  readonly page?: number | undefined;
  /**
   * Fields in order of weight. The id is always added at the end, because nothing else is unique and pages would
   * overlap.
   * @default by id, which is by creation
   */
  readonly sort?: { readonly [Path in FieldPath<T> | "_id"]?: SortDirection } | undefined;
  /**
   * Top-level fields to send; `id` always is.
   * @default all
   */
  readonly select?: readonly Selected[] | undefined;
}

export interface Query<T, Selected extends keyof T & string> {
  readonly query?: Filter<T> | undefined;
  readonly options?: QueryOptions<T, Selected> | undefined;
}

export interface Page<T> {
  readonly records: readonly T[];
  /** Counted from 1. */
  readonly page: number;
  readonly totalPages: number;
  /** Records that match, over all pages. */
  readonly totalRecords: number;
}

/** Matching records, page by page in the background; each iteration asks anew. */
export interface QueryResult<T> extends AsyncIterable<T> {
  /** The same as whole pages. */
  pages(): AsyncIterable<Page<T>>;
}
