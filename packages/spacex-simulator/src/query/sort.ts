import { isPlainObject, QueryError } from "./query-error.ts";

/** Paths to sort by, the first one first; 1 ascending, -1 descending. */
export type SortSpec = readonly (readonly [path: string, direction: 1 | -1])[];

const DIRECTIONS = new Map<unknown, 1 | -1>([
  [1, 1],
  ["1", 1],
  ["asc", 1],
  ["ascending", 1],
  [-1, -1],
  ["-1", -1],
  ["desc", -1],
  ["descending", -1],
]);

/** Reads `options.sort`: `"-flight_number name"`, `{ flight_number: "desc" }` or `[["flight_number", -1]]`. */
export function parseSort(sort: unknown): SortSpec {
  if (sort === undefined || sort === null || sort === "") return [];
  if (typeof sort === "string") {
    return sort
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => (word.startsWith("-") ? ([word.slice(1), -1] as const) : ([word, 1] as const)));
  }
  if (Array.isArray(sort)) {
    return sort.map((entry: unknown) => {
      if (!Array.isArray(entry) || typeof entry[0] !== "string") {
        throw new QueryError("Invalid sort() argument, must be array of arrays");
      }
      return [entry[0], direction(entry[0], entry[1])] as const;
    });
  }
  if (isPlainObject(sort)) {
    return Object.entries(sort).map(([path, value]) => [path, direction(path, value)] as const);
  }
  throw new QueryError("Invalid sort() argument. Must be a string, object, array, or map.");
}

function direction(path: string, value: unknown): 1 | -1 {
  const known = DIRECTIONS.get(typeof value === "string" ? value.toLowerCase() : value);
  if (known === undefined) throw new QueryError(`Invalid sort value: { ${path}: ${String(value)} }`);
  return known;
}
