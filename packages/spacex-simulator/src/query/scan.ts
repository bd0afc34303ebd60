import { Query } from "mingo";
import type { Resource } from "../api/index.ts";
import type { RecordList } from "../data/index.ts";
import { castFilter } from "./cast-filter.ts";
import { storedDocument, type StoredDocument } from "./documents.ts";
import { type Matches, MAX_SCANNED_RECORDS, wholeList } from "./matches.ts";
import { modelOf } from "./model.ts";
import { QueryError } from "./query-error.ts";
import type { SortSpec } from "./sort.ts";

/** Looks at every record of a list that is not too long. */
export function scan(
  list: RecordList,
  resource: Resource,
  query: Readonly<Record<string, unknown>>,
  sort: SortSpec,
): Matches {
  const { filter, text } = castFilter(modelOf(resource.name), query);
  // What is left once unknown fields are dropped may be nothing.
  const whole = text === undefined ? wholeList(list, filter, sort) : undefined;
  if (whole !== undefined) return whole;
  if (list.length > MAX_SCANNED_RECORDS) {
    throw new QueryError(
      `This simulator filters and sorts at most ${MAX_SCANNED_RECORDS} records; the collection has ${list.length}. ` +
        "Use an empty filter and no sort but _id.",
    );
  }
  const documents: StoredDocument[] = [];
  const positions = new Map<StoredDocument, number>();
  const matches = matcher(filter);
  const matchesText = text === undefined ? undefined : textSearch(text, resource.textFields);
  for (let index = 0; index < list.length; index++) {
    const document = storedDocument(list, index);
    if (!matches(document) || matchesText?.(document) === false) continue;
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

/** In the database's order: null and absent first. */
export function sortDocuments(documents: readonly StoredDocument[], sort: SortSpec): StoredDocument[] {
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
