import type { FieldPath } from "./paths.ts";

/** 1 and `asc`: small to large, null first. -1 and `desc`: large to small, null last. */
export type SortDirection = 1 | -1 | "asc" | "desc";

type SortPath<T> = FieldPath<T> | "_id";

/**
 * Fields in order of weight: `{ success: 1, date_unix: -1 }`, `[["success", 1], ["date_unix", -1]]`, or one field as
 * text, with a minus for large to small: `"-date_unix"`.
 */
export type Sort<T> =
  | { readonly [Path in SortPath<T>]?: SortDirection }
  | readonly (readonly [path: SortPath<T>, direction: SortDirection])[]
  | SortPath<T>
  | `-${SortPath<T>}`;
