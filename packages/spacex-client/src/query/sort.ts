import { type Fields, suggestion } from "./fields.ts";
import { invalidQuery, isPlainObject } from "./invalid-query.ts";

/** Fields with their directions as they are sent, in order of weight; the last one is `_id`. */
export type SentSort = Readonly<Record<string, 1 | -1>>;

const DIRECTIONS = new Map<unknown, 1 | -1>([
  [1, 1],
  [-1, -1],
  ["asc", 1],
  ["desc", -1],
]);

/**
 * Ends in `_id`. Fields after the id are dropped: no two records have the same, so that they decide nothing.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function sentSort(sort: unknown, fields: Fields, collection: string): SentSort {
  const sent: Record<string, 1 | -1> = {};
  const lists = new Set<string>();
  for (const [key, value] of sort === undefined ? [] : pairs(sort, collection)) {
    const path = key === "id" ? "_id" : key;
    if (!fields.has(path))
      throw invalidQuery(
        collection,
        `sort names ${JSON.stringify(key)}, which is no field`,
        suggestion(key, fields.keys()),
      );
    const direction = DIRECTIONS.get(value);
    if (direction === undefined)
      throw invalidQuery(collection, `sort has the direction ${String(value)}`, "Use 1, -1, asc or desc.");
    if (Object.hasOwn(sent, path))
      throw invalidQuery(collection, `sort names ${path} twice`, "Leave one of them out.");
    const list = listOn(path, fields);
    if (list !== undefined) lists.add(list);
    if (lists.size > 1) {
      throw invalidQuery(
        collection,
        `sort goes by fields of two lists, ${[...lists].join(" and ")}`,
        "MongoDB sorts by one list at a time.",
      );
    }
    sent[path] = direction;
    if (path === "_id") return sent;
  }
  return { ...sent, _id: 1 };
}

function pairs(sort: unknown, collection: string): (readonly [path: string, direction: unknown])[] {
  if (typeof sort === "string") return [sort.startsWith("-") ? [sort.slice(1), -1] : [sort, 1]];
  if (Array.isArray(sort) && sort.every((pair) => Array.isArray(pair) && pair.length === 2))
    return sort.map(([path, direction]: [unknown, unknown]) => [String(path), direction]);
  if (isPlainObject(sort)) return Object.entries(sort);
  throw invalidQuery(
    collection,
    "sort is neither an object, nor a list of pairs, nor a field",
    'Write { date_unix: "desc" }, [["date_unix", -1]] or "-date_unix".',
  );
}

/** The list that a path goes through or ends in. */
function listOn(path: string, fields: Fields): string | undefined {
  const keys = path.split(".");
  for (let length = 1; length <= keys.length; length++) {
    const part = keys.slice(0, length).join(".");
    const kind = fields.get(part)?.kind;
    if (kind === "documents" || kind === "values") return part;
  }
  return undefined;
}
