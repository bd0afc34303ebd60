import type { RecordList } from "../data/index.ts";
import { type Resource, resources } from "../api/index.ts";
import { castFilter } from "./cast-filter.ts";
import { parsedRecord, storedDocument } from "./documents.ts";
import { matcher } from "./find.ts";
import { modelOf } from "./model.ts";
import { isPlainObject, QueryError } from "./query-error.ts";
import { parseSelection, selectFields } from "./select.ts";

/** Finds the current records of a collection; undefined if there are none. */
export type Lookup = (collection: string) => RecordList | undefined;

interface Population {
  readonly path: string;
  readonly find: (id: string) => unknown;
}

/**
 * Prepares `options.populate`: which ids are replaced by the records they point to. A dangling id becomes null, or
 * leaves an array of ids. A field that holds no ids is silently left as it is.
 */
export function populator(
  resource: Resource,
  populate: unknown,
  lookup: Lookup,
): ((record: Record<string, unknown>) => Record<string, unknown>) | undefined {
  const populations = requests(populate).flatMap((request) => prepare(resource, request, lookup));
  if (populations.length === 0) return undefined;
  return (record) => {
    let result = record;
    for (const { path, find } of populations)
      result = replace(result, path.split("."), find) as typeof record;
    return result;
  };
}

function requests(populate: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof populate === "string") {
    return populate
      .split(/\s+/)
      .filter((path) => path !== "")
      .map((path) => ({ path }));
  }
  if (Array.isArray(populate)) return populate.flatMap(requests);
  if (!isPlainObject(populate) || typeof populate["path"] !== "string") return [];
  const { path, ...rest } = populate;
  return requests(path).map((request) => ({ ...rest, ...request }));
}

function prepare(
  resource: Resource,
  request: Readonly<Record<string, unknown>>,
  lookup: Lookup,
): Population[] {
  const path = String(request["path"]);
  const target = resources.get(resource.references[path] ?? "");
  if (target === undefined) {
    if (modelOf(resource.name).field(path) !== undefined) return [];
    throw new QueryError(
      `Cannot populate path \`${path}\` because it is not in your schema. ` +
        "Set the `strictPopulate` option to false to override.",
    );
  }
  const list = lookup(target.name);
  const selection = parseSelection(request["select"]);
  const match = isPlainObject(request["match"])
    ? matcher(castFilter(modelOf(target.name), request["match"]).filter)
    : undefined;
  const deeper = populator(target, request["populate"], lookup);
  const find = (id: string): unknown => {
    const index = list?.indexOf(id) ?? -1;
    if (list === undefined || index === -1) return null;
    if (match?.(storedDocument(list, index)) === false) return null;
    const record = { ...parsedRecord(list, index) };
    return selectFields(selection, deeper?.(record) ?? record);
  };
  return [{ path, find }];
}

function replace(value: unknown, keys: readonly string[], find: (id: string) => unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) {
    if (Array.isArray(value)) {
      return value.map((id) => (typeof id === "string" ? find(id) : id)).filter((found) => found !== null);
    }
    return typeof value === "string" ? find(value) : value;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => replace(item, keys, find));
  if (!isPlainObject(value) || !(key in value)) return value;
  return { ...value, [key]: replace(value[key], rest, find) };
}
