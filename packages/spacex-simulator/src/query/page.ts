import { isPlainObject } from "./query-error.ts";

/** Which of the matching records an answer holds. */
export interface PageRequest {
  /** Records per page; 0 for a count only. */
  readonly limit: number;
  /** Given or defaulted offset; undefined where a page was asked for instead. NaN if it is no number. */
  readonly offset: number | undefined;
  /** NaN if a page was asked for that is no number. */
  readonly page: number;
  /** False for everything at once, whatever limit, page and offset say. */
  readonly paginate: boolean;
  /** What the fields of the envelope are called: `options.customLabels`. */
  readonly labels: Readonly<Record<string, unknown>>;
}

/** The answer to a query around its records, as JSON text. */
export interface Envelope {
  /** Up to the `[` of the records. */
  readonly head: string;
  /** From the `]` of the records. */
  readonly tail: string;
}

const DEFAULT_LIMIT = 10;

/**
 * Reads `limit`, `offset`, `page`, `pagination` and `customLabels` as mongoose-paginate-v2 1.7 does. Numeric text is a
 * number; everything falsy switches pagination off; an offset wins over a page.
 */
export function parsePage(options: Readonly<Record<string, unknown>>): PageRequest {
  const paginate = Boolean("pagination" in options ? options["pagination"] : true);
  const asked = "limit" in options ? parseInteger(options["limit"]) : DEFAULT_LIMIT;
  const limit = !paginate ? DEFAULT_LIMIT : asked > 0 ? asked : 0;
  const given = options["customLabels"];
  const base = { limit, paginate, labels: isPlainObject(given) ? given : {} };
  if ("offset" in options) return { ...base, offset: parseInteger(options["offset"]), page: 1 };
  if (!("page" in options)) return { ...base, offset: 0, page: 1 };
  const page = parseInteger(options["page"]);
  return { ...base, offset: undefined, page: !paginate || page < 1 ? 1 : page };
}

function parseInteger(value: unknown): number {
  return Number.parseInt(String(value), 10);
}

/** Positions of the page among the matching records: from, and to (exclusive). */
export function pageBounds(request: PageRequest, total: number): readonly [from: number, to: number] {
  if (!request.paginate) return [0, total];
  const skip = request.offset ?? (request.page - 1) * request.limit;
  const from = Math.min(Number.isNaN(skip) ? 0 : skip, total);
  return [from, Math.min(from + request.limit, total)];
}

/** The numbers around the records, in the order in which the API writes them. NaN becomes null in JSON. */
export function envelopeOf(request: PageRequest, total: number): Envelope {
  const { limit, offset, paginate, labels } = request;
  const page = offset === undefined ? request.page : Math.ceil((offset + 1) / limit);
  const pages = Math.max(1, Math.ceil(total / limit));
  // An offset inside of the first page has something before it, which is the first page as well.
  const insideFirst = page === 1 && offset !== undefined && offset !== 0;
  const hasPrevPage = paginate && (page > 1 || insideFirst);
  const hasNextPage = paginate && page < pages;
  const numbers =
    limit === 0
      ? { limit: 0, totalPages: 1, page: 1, pagingCounter: 1, ...NO_NEIGHBOURS }
      : {
          limit: paginate ? limit : total,
          totalPages: paginate ? pages : 1,
          page,
          pagingCounter: (page - 1) * limit + 1,
          hasPrevPage,
          hasNextPage,
          prevPage: hasPrevPage ? Math.max(1, page - 1) : null,
          nextPage: hasNextPage ? page + 1 : null,
        };
  const meta: Record<string, unknown> = {};
  const add = (name: string, value: unknown): void => {
    const label = name in labels ? labels[name] : name;
    // `false` takes a field out.
    if (label !== false) meta[String(label)] = value;
  };
  add("totalDocs", total);
  // The one name that cannot be changed.
  if (offset !== undefined) meta["offset"] = offset;
  for (const [name, value] of Object.entries(numbers)) add(name, value);
  const docs = JSON.stringify(String("docs" in labels ? labels["docs"] : "docs"));
  const around = labels["meta"] ? { [String(labels["meta"])]: meta } : meta;
  const rest = JSON.stringify(around).slice(1);
  return { head: `{${docs}:[`, tail: rest === "}" ? "]}" : `],${rest}` };
}

const NO_NEIGHBOURS = { hasPrevPage: false, hasNextPage: false, prevPage: null, nextPage: null };
