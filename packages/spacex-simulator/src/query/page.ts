import { isPlainObject } from "./query-error.ts";

/** Which of the matching records an answer holds. */
export interface PageRequest {
  /** Records per page; 0 for a count only. */
  readonly limit: number;
  /** Given or defaulted offset; undefined where a page was asked for instead. */
  readonly offset: number | undefined;
  /** NaN if a page was asked for that is no number. */
  readonly page: number;
  readonly paginate: boolean;
}

/** Everything around `docs` in the answer to a query, in the order in which the API writes it. */
export interface Envelope {
  readonly totalDocs: number;
  readonly offset?: number;
  readonly limit: number;
  readonly totalPages: number;
  readonly page: number | null;
  readonly pagingCounter: number | null;
  readonly hasPrevPage: boolean;
  readonly hasNextPage: boolean;
  readonly prevPage: number | null;
  readonly nextPage: number | null;
}

const DEFAULT_LIMIT = 10;

/** Reads `limit`, `offset`, `page` and `pagination` as mongoose-paginate-v2 1.7 does; numeric text is a number. */
export function parsePage(options: unknown): PageRequest {
  const given = isPlainObject(options) ? options : {};
  const asked = "limit" in given ? Number.parseInt(String(given["limit"]), 10) : DEFAULT_LIMIT;
  const limit = asked > 0 ? asked : 0;
  const paginate = given["pagination"] !== false;
  if ("offset" in given) {
    return { limit, offset: Number.parseInt(String(given["offset"]), 10), page: 1, paginate };
  }
  if ("page" in given) {
    const page = Number.parseInt(String(given["page"]), 10);
    return { limit, offset: undefined, page: page < 1 ? 1 : page, paginate };
  }
  return { limit, offset: 0, page: 1, paginate };
}

/** Positions of the page among the matching records: from, and to (exclusive). */
export function pageBounds(request: PageRequest, total: number): readonly [from: number, to: number] {
  if (!request.paginate) return [0, total];
  const skip = request.offset ?? (request.page - 1) * request.limit;
  const from = Math.min(Number.isNaN(skip) ? 0 : skip, total);
  return [from, Math.min(from + request.limit, total)];
}

export function envelopeOf(request: PageRequest, total: number): Envelope {
  const limit = request.paginate ? request.limit : total;
  const { offset } = request;
  const start = { totalDocs: total, ...(offset === undefined ? {} : { offset }) };
  if (limit === 0) {
    return { ...start, limit, totalPages: 1, page: 1, pagingCounter: 1, ...NO_NEIGHBOURS };
  }
  const page = offset !== undefined ? Math.ceil((offset + 1) / limit) : request.paginate ? request.page : 1;
  const totalPages = request.paginate ? Math.max(1, Math.ceil(total / limit)) : 1;
  const counter = (page - 1) * limit + 1;
  const numbers = {
    limit,
    totalPages,
    page: Number.isNaN(page) ? null : page,
    pagingCounter: Number.isNaN(counter) ? null : counter,
  };
  if (!request.paginate) return { ...start, ...numbers, ...NO_NEIGHBOURS };
  const insideFirst = page === 1 && offset !== undefined && offset !== 0;
  const hasPrevPage = page > 1 || insideFirst;
  const hasNextPage = page < totalPages;
  return {
    ...start,
    ...numbers,
    hasPrevPage,
    hasNextPage,
    prevPage: page > 1 ? page - 1 : insideFirst ? 1 : null,
    nextPage: hasNextPage ? page + 1 : null,
  };
}

const NO_NEIGHBOURS = { hasPrevPage: false, hasNextPage: false, prevPage: null, nextPage: null };
