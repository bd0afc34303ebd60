import { isPlainObject, QueryError } from "./query-error.ts";

/** Which fields of a record an answer keeps. */
export interface Selection {
  readonly mode: "all" | "include" | "exclude";
  /** Nested by key: `links.patch` is `{ links: { patch: {} } }`. An empty node stands for all below it. */
  readonly tree: SelectionTree;
  readonly withId: boolean;
}

type SelectionTree = ReadonlyMap<string, SelectionTree>;

/** What a client asks for by path: true to keep it, false to leave it out. */
type Flags = ReadonlyMap<string, boolean>;

/** What was selected, before it is known which paths are populated. */
export interface SelectRequest {
  readonly flags: Flags;
}

/**
 * Reads `options.projection` and `options.select`, each of them `"name -_id"`, `["name"]` or `{ name: 1 }`; the second
 * adds to the first.
 */
export function parseSelect(projection: unknown, select: unknown): SelectRequest {
  const flags = new Map(parseFlags(projection));
  const first = [...flags].filter(([path]) => path !== "_id");
  const inclusive = first.some(([, keep]) => keep);
  const exclusive = first.length > 0 && !inclusive;
  for (const [path, keep] of parseFlags(select)) {
    if ((inclusive && !keep) || (exclusive && keep)) {
      for (const known of flags.keys()) if (isBelow(path, known)) flags.delete(known);
    } else flags.set(path, keep);
  }
  return { flags };
}

function isBelow(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}.`);
}

function parseFlags(select: unknown): Flags {
  if (select === undefined || select === null || select === "" || select === false || select === 0)
    return new Map();
  const words = typeof select === "string" ? select.split(/\s+/) : select;
  if (Array.isArray(words)) {
    const named = words.filter((word): word is string => typeof word === "string" && word !== "");
    // A plus asks for a field that a schema hides; this one hides none.
    return new Map(
      named
        .filter((word) => !word.startsWith("+"))
        .map((word) => (word.startsWith("-") ? [word.slice(1), false] : [word, true])),
    );
  }
  if (!isPlainObject(words)) throw new QueryError("Invalid select() argument. Must be string or object.");
  return new Map(
    Object.entries(words).map(([path, flag]) => {
      if (typeof flag === "object" && flag !== null) {
        throw new QueryError(
          `This simulator has no projection by operator (${path}), only fields to keep or to leave out.`,
        );
      }
      return [path, Boolean(flag)];
    }),
  );
}

/**
 * The selection once the populated paths are known: what is populated is selected too, unless it is left out by name
 * (mongoose, `selectPopulatedPaths`).
 *
 * @throws QueryError for what MongoDB refuses; its texts differ between its versions.
 */
export function selectionOf({ flags }: SelectRequest, populated: readonly string[]): Selection {
  const paths = new Map(flags);
  if ([...flags.values()].includes(true)) {
    for (const path of populated) if (!isNamed(flags, path)) paths.set(path, true);
  }
  const withId = paths.get("_id") ?? true;
  const onlyId = paths.size === 1 && paths.get("_id") === true;
  paths.delete("_id");
  const wanted = new Set(paths.values());
  if (wanted.size > 1) throw new QueryError("Cannot do exclusion and inclusion in projection.");
  if (onlyId) return { mode: "include", tree: new Map(), withId };
  if (paths.size === 0) return { mode: "all", tree: new Map(), withId };
  return { mode: wanted.has(true) ? "include" : "exclude", tree: treeOf([...paths.keys()]), withId };
}

function isNamed(flags: Flags, path: string): boolean {
  const keys = path.split(".");
  return keys.some((_, index) => flags.has(keys.slice(0, index + 1).join(".")));
}

/** The selected part of a record, in the record's own order of keys. */
export function selectFields(
  selection: Selection,
  record: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { mode, tree, withId } = selection;
  const kept =
    mode === "all" ? { ...record } : mode === "include" ? include(tree, record) : exclude(tree, record);
  if (!withId) delete kept["id"];
  else if (mode === "include" && "id" in record) {
    // Re-added so that it stands last, where the computed id always stands.
    delete kept["id"];
    kept["id"] = record["id"];
  }
  return kept;
}

function treeOf(paths: readonly string[]): SelectionTree {
  const root = new Map<string, SelectionTree>();
  for (const path of paths) {
    const above = paths.find((other) => other !== path && isBelow(other, path));
    if (above !== undefined) {
      throw new QueryError(`Path collision at ${path} remaining portion ${path.slice(above.length + 1)}`);
    }
    let node = root;
    for (const key of path.split(".")) {
      const next =
        (node.get(key) as Map<string, SelectionTree> | undefined) ?? new Map<string, SelectionTree>();
      node.set(key, next);
      node = next;
    }
  }
  return root;
}

function include(tree: SelectionTree, record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const below = tree.get(key);
    if (below === undefined) continue;
    // Selecting below an object that is null brings it back with the defaults of its fields.
    const whole = value === null && key === "fairings" ? NO_FAIRINGS : value;
    kept[key] = below.size === 0 ? value : mapObjects(whole, (inner) => include(below, inner));
  }
  return kept;
}

/** Defaults of the one object between a record and its fields that may be null (models/launches.js of the API). */
const NO_FAIRINGS = { reused: null, recovery_attempt: null, recovered: null, ships: [] };

function exclude(tree: SelectionTree, record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const below = tree.get(key);
    // The id is computed after the projection: naming it excludes nothing.
    if (below === undefined || key === "id") kept[key] = value;
    else if (below.size > 0) kept[key] = mapObjects(value, (inner) => exclude(below, inner));
  }
  return kept;
}

function mapObjects(
  value: unknown,
  map: (inner: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => (isPlainObject(item) ? map(item) : item));
  return isPlainObject(value) ? map(value) : value;
}
