import type { RecordList } from "../data/index.ts";
import type { SortSpec } from "./sort.ts";

/**
 * Most records that a query looks at one by one. Longer (synthetic) lists answer queries without a filter that are
 * sorted by `_id` or not at all; others are refused.
 */
export const MAX_SCANNED_RECORDS = 100_000;

/** Positions of matching records in the asked-for order: a stretch of the list, or each on its own. */
export type Matches =
  | { readonly kind: "stretch"; readonly total: number; readonly descending: boolean }
  | { readonly kind: "positions"; readonly total: number; readonly positions: readonly number[] };

/** The whole list, if that is what is asked for and no record has to be looked at. */
export function wholeList(list: RecordList, filter: object, sort: SortSpec): Matches | undefined {
  if (Object.keys(filter).length > 0) return undefined;
  const [only] = sort;
  if (only === undefined) return { kind: "stretch", total: list.length, descending: false };
  if (!list.idsAscend || sort.length > 1 || only[0] !== "_id") return undefined;
  return { kind: "stretch", total: list.length, descending: only[1] === -1 };
}
