import { isPlainObject, QueryError } from "./query-error.ts";

/** Paths to sort by, the first one first; 1 ascending, -1 descending. */
export type SortSpec = readonly (readonly [path: string, direction: 1 | -1])[];

const DIRECTIONS: Readonly<Record<string, 1 | -1>> = {
  "1": 1,
  asc: 1,
  ascending: 1,
  "-1": -1,
  desc: -1,
  descending: -1,
};

/** Reads `options.sort`: `"-flight_number name"`, `{ flight_number: "desc" }` or `[["flight_number", -1]]`. */
export function parseSort(sort: unknown): SortSpec {
  if (sort === undefined || sort === null || sort === "" || sort === false || sort === 0) return [];
  if (typeof sort === "string") {
    return sort
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => (word.startsWith("-") ? ([word.slice(1), -1] as const) : ([word, 1] as const)));
  }
  if (Array.isArray(sort)) {
    return sort.map((entry: unknown) => {
      if (!Array.isArray(entry)) throw new QueryError("Invalid sort() argument, must be array of arrays");
      const path = String(entry[0]);
      const known = directionOf(entry[1]);
      if (known === undefined) throw new QueryError(`Invalid sort value: [ ${path}, ${String(entry[1])} ]`);
      return [path, known] as const;
    });
  }
  if (isPlainObject(sort)) {
    return Object.entries(sort).map(([path, value]) => {
      const known = directionOf(value);
      if (known === undefined) throw new QueryError(`Invalid sort value: { ${path}: ${String(value)} }`);
      return [path, known] as const;
    });
  }
  throw new QueryError("Invalid sort() argument. Must be a string, object, or array.");
}

/** Everything falsy is ascending. */
function directionOf(value: unknown): 1 | -1 | undefined {
  const text = String(value ? value : 1).toLowerCase();
  return Object.hasOwn(DIRECTIONS, text) ? DIRECTIONS[text] : undefined;
}
