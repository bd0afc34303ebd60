import type { z } from "zod";
import { nearestName } from "../names/index.ts";
import { sentFilter, type SentFilter } from "./filter.ts";
import { invalidQuery, isPlainObject } from "./invalid-query.ts";
import { parsePopulate, type SentPopulate, sentPopulate, withPopulated } from "./populate.ts";
import { parseSelect, sentSelect } from "./select.ts";
import { shapedSchema } from "./shape.ts";
import { sentSort, type SentSort } from "./sort.ts";
import type { QueryTarget } from "./target.ts";

/** Options as they are sent, for the first page. */
export interface SentOptions {
  readonly limit: number;
  readonly page: number;
  readonly sort: SentSort;
  readonly select?: string;
  readonly populate?: SentPopulate;
}

/** A checked query. */
export interface SentQuery {
  readonly filter: SentFilter;
  readonly options: SentOptions;
  /** Tells apart what is answered: the same key has the same schema. */
  readonly shape: string;
  /** Of one record that is answered. */
  schema(): z.ZodType;
}

const KEYS = ["query", "sort", "select", "populate", "limit", "page"];
const OBJECT_KEYS = ["query", "select"];
const DEFAULT_LIMIT = 100;

/** Options of the API that are not offered, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  options: `Its keys stand beside query: { ${KEYS.join(", ")} }.`,
  filter: "The filter stands under query.",
  where: "The filter stands under query.",
  offset: "Pages are counted: use limit and page.",
  pagination: "A query reads every page; list() reads a whole collection in one request.",
  projection: "Use select.",
  lean: "Records are plain objects as it is.",
  leanWithId: "Records have an id as it is.",
  useEstimatedCount: "The total would be that of the whole collection, also with a filter.",
  customLabels: "It renames what tells the pages apart.",
};

/**
 * A query as it is sent, with its defaults. What the API would ignore, misunderstand or refuse is refused here.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function sentQuery(query: unknown, target: QueryTarget): SentQuery {
  const { collection, fields, stored, searchable } = target;
  const given = checkedKeys(query, KEYS, collection);
  const populations = parsePopulate(given["populate"], target);
  const select = withPopulated(parseSelect(given["select"], fields, collection), populations, target);
  const populate = sentPopulate(populations, target);
  const selected = select === undefined ? {} : { select: sentSelect(select) };
  const populated = populate === undefined ? {} : { populate };
  return {
    filter: sentFilter(given["query"], { collection, fields: stored, searchable }),
    options: {
      limit: positive(given["limit"] ?? DEFAULT_LIMIT, "limit", collection),
      page: positive(given["page"] ?? 1, "page", collection),
      sort: sentSort(given["sort"], stored, collection),
      ...selected,
      ...populated,
    },
    shape: JSON.stringify([selected, populated]),
    schema: () => shapedSchema(target, select, populations),
  };
}

/** A query of a resource that is one object: it has no pages, and only its own fields can be selected. */
export function sentObjectQuery(
  query: unknown,
  target: QueryTarget,
): { readonly filter: SentFilter; readonly options: { readonly select?: string }; schema(): z.ZodType } {
  const { collection, fields, stored, searchable } = target;
  const given = checkedKeys(query, OBJECT_KEYS, collection);
  const select = parseSelect(given["select"], fields, collection);
  return {
    filter: sentFilter(given["query"], { collection, fields: stored, searchable }),
    options: select === undefined ? {} : { select: sentSelect(select) },
    schema: () => shapedSchema(target, select, []),
  };
}

function checkedKeys(
  query: unknown,
  known: readonly string[],
  collection: string,
): Readonly<Record<string, unknown>> {
  const shape = `{ ${known.join(", ")} }`;
  if (query === undefined) return {};
  if (!isPlainObject(query)) throw invalidQuery(collection, "it is no object", `It is ${shape}.`);
  for (const key of Object.keys(query)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    const reason = known === KEYS && Object.hasOwn(REFUSED, key) ? REFUSED[key] : undefined;
    throw invalidQuery(
      collection,
      `it has the unknown key ${JSON.stringify(key)}`,
      reason ?? (nearest === undefined ? `It is ${shape}.` : `Did you mean ${nearest}?`),
    );
  }
  return query;
}

function positive(value: unknown, name: string, collection: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw invalidQuery(
    collection,
    `${name} is ${String(value)}`,
    name === "limit" && value === 0 ? "To count records use count()." : "It is a whole number from 1.",
  );
}
