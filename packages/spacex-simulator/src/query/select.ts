import { isPlainObject, QueryError } from "./query-error.ts";

/** Which fields of a record an answer keeps. */
export interface Selection {
  readonly mode: "all" | "include" | "exclude";
  /** Nested by key: `links.patch` is `{ links: { patch: {} } }`. An empty node stands for all below it. */
  readonly tree: SelectionTree;
  readonly withId: boolean;
}

type SelectionTree = ReadonlyMap<string, SelectionTree>;

const ALL: Selection = { mode: "all", tree: new Map(), withId: true };

/** Reads `options.select` or `options.projection`: `"name -_id"`, `["name"]` or `{ name: 1 }`. */
export function parseSelection(select: unknown): Selection {
  const flags = new Map<string, boolean>();
  if (typeof select === "string") {
    for (const word of select.split(/\s+/)) addWord(flags, word);
  } else if (Array.isArray(select)) {
    for (const word of select) if (typeof word === "string") addWord(flags, word);
  } else if (isPlainObject(select)) {
    for (const [path, flag] of Object.entries(select)) {
      flags.set(path, !(flag === 0 || flag === false || flag === "0"));
    }
  }
  const withId = flags.get("_id") ?? true;
  const onlyId = flags.size === 1 && flags.get("_id") === true;
  flags.delete("_id");
  const wanted = new Set(flags.values());
  if (wanted.size > 1) throw new QueryError("Cannot do exclusion and inclusion in projection.");
  if (flags.size === 0) return onlyId ? { mode: "include", tree: new Map(), withId } : { ...ALL, withId };
  return { mode: wanted.has(true) ? "include" : "exclude", tree: treeOf(flags.keys()), withId };
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

function addWord(flags: Map<string, boolean>, word: string): void {
  if (word === "") return;
  if (word.startsWith("-")) flags.set(word.slice(1), false);
  else flags.set(word.startsWith("+") ? word.slice(1) : word, true);
}

function treeOf(paths: Iterable<string>): SelectionTree {
  const root = new Map<string, SelectionTree>();
  for (const path of paths) {
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
    if (below !== undefined)
      kept[key] = below.size === 0 ? value : mapObjects(value, (inner) => include(below, inner));
  }
  return kept;
}

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
