import { type FieldPaths, nearestPath } from "./field-paths.ts";
import { invalidQuery } from "./filter.ts";

/** Options as they are sent, for the first page. */
export interface SentOptions {
  readonly limit: number;
  readonly page: number;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly select?: readonly string[];
}

const KNOWN = new Set(["limit", "page", "sort", "select"]);
const DIRECTIONS = new Map<unknown, 1 | -1>([
  [1, 1],
  [-1, -1],
  ["asc", 1],
  ["desc", -1],
]);

/**
 * Checked options with their defaults. Options of the API that are not here would change the answer's shape or make
 * pages overlap.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function sentOptions(
  options: Readonly<Record<string, unknown>>,
  fields: FieldPaths,
  collection: string,
): SentOptions {
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key))
      throw invalidQuery(
        collection,
        `there is no option ${JSON.stringify(key)}`,
        `Known are ${[...KNOWN].join(", ")}.`,
      );
  }
  return {
    limit: positive(options["limit"] ?? 100, "limit", collection),
    page: positive(options["page"] ?? 1, "page", collection),
    sort: sentSort(options["sort"] ?? {}, fields, collection),
    ...(options["select"] === undefined ? {} : { select: sentSelect(options["select"], fields, collection) }),
  };
}

function positive(value: unknown, name: string, collection: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw invalidQuery(collection, `${name} is ${String(value)}`, "It is a whole number from 1.");
}

/** Ends in `_id`. Fields after the id are dropped: no two records have the same, so that they decide nothing. */
function sentSort(sort: unknown, fields: FieldPaths, collection: string): Record<string, 1 | -1> {
  if (typeof sort !== "object" || sort === null || Array.isArray(sort))
    throw invalidQuery(collection, "sort is no object", 'Write for example { date_utc: "desc" }.');
  const sent: Record<string, 1 | -1> = {};
  for (const [key, value] of Object.entries(sort)) {
    const path = key === "id" ? "_id" : key;
    if (!fields.all.has(path)) {
      const nearest = nearestPath(key, fields.all);
      throw invalidQuery(
        collection,
        `sort names ${JSON.stringify(key)}, which is no field`,
        nearest === undefined ? "" : `Did you mean ${JSON.stringify(nearest)}?`,
      );
    }
    const direction = DIRECTIONS.get(value);
    if (direction === undefined)
      throw invalidQuery(collection, `sort has the direction ${String(value)}`, "Use 1, -1, asc or desc.");
    sent[path] = direction;
    if (path === "_id") return sent;
  }
  return { ...sent, _id: 1 };
}

function sentSelect(select: unknown, fields: FieldPaths, collection: string): string[] {
  if (!Array.isArray(select) || select.length === 0)
    throw invalidQuery(collection, "select is no list of fields", 'Write for example ["name", "date_utc"].');
  for (const field of select as readonly unknown[]) {
    if (typeof field !== "string" || !fields.top.has(field)) {
      const nearest = typeof field === "string" ? nearestPath(field, fields.top) : undefined;
      throw invalidQuery(
        collection,
        `select names ${JSON.stringify(field)}, which is no top-level field`,
        nearest === undefined
          ? `The fields are ${[...fields.top].join(", ")}.`
          : `Did you mean ${JSON.stringify(nearest)}?`,
      );
    }
  }
  return [...new Set(select as readonly string[])];
}
