import { Query } from "mingo";
import type { RecordList } from "../data/index.ts";
import type { CastFilter } from "./cast-filter.ts";
import { storedDocument, type StoredDocument } from "./documents.ts";
import { QueryError } from "./query-error.ts";
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

export function findMatches(
  list: RecordList,
  { filter, text }: CastFilter,
  textFields: readonly string[],
  sort: SortSpec,
): Matches {
  const everything = Object.keys(filter).length === 0 && text === undefined;
  const [only] = sort;
  const byPosition =
    only === undefined || (list.idsAscend && sort.length === 1 && only[0] === "_id")
      ? (only?.[1] ?? 1)
      : undefined;
  if (everything && byPosition !== undefined) {
    return { kind: "stretch", total: list.length, descending: byPosition === -1 };
  }
  if (list.length > MAX_SCANNED_RECORDS) {
    throw new QueryError(
      `This simulator filters and sorts at most ${MAX_SCANNED_RECORDS} records; the collection has ${list.length}. ` +
        "Use an empty filter and no sort but _id.",
    );
  }
  const documents: StoredDocument[] = [];
  const positions = new Map<StoredDocument, number>();
  const query = matcher(filter);
  const matchesText = text === undefined ? undefined : textSearch(text, textFields);
  for (let index = 0; index < list.length; index++) {
    const document = storedDocument(list, index);
    if (!query(document) || matchesText?.(document) === false) continue;
    positions.set(document, index);
    documents.push(document);
  }
  const sorted = sort.length === 0 ? documents : sortDocuments(documents, sort);
  return {
    kind: "positions",
    total: sorted.length,
    positions: sorted.map((document) => positions.get(document) ?? 0),
  };
}

/** Whether a document matches a filter that was cast. What the query language refuses is refused as by the API. */
export function matcher(filter: Readonly<Record<string, unknown>>): (document: StoredDocument) => boolean {
  const query = refusing(() => new Query<StoredDocument>(filter));
  return (document) => refusing(() => query.test(document));
}

function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new QueryError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function sortDocuments(documents: readonly StoredDocument[], sort: SortSpec): StoredDocument[] {
  return new Query<StoredDocument>({})
    .find<StoredDocument>([...documents])
    .sort(Object.fromEntries(sort))
    .all();
}

/** Any of the words, whole and in any case, in any of the indexed fields. */
function textSearch(words: string, fields: readonly string[]): (document: StoredDocument) => boolean {
  if (fields.length === 0) throw new QueryError("text index required for $text query");
  const wanted = new Set(wordsOf(words));
  return (document) =>
    fields.some((field) => {
      const value = document[field];
      return typeof value === "string" && wordsOf(value).some((word) => wanted.has(word));
    });
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
