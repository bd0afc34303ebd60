import { type Resource, resources } from "../api/index.ts";
import type { RecordList } from "../data/index.ts";
import { castFilter } from "./cast-filter.ts";
import { parsedRecord, storedDocument } from "./documents.ts";
import { modelOf } from "./model.ts";
import type { PopulateRequest } from "./populate-request.ts";
import { isPlainObject, QueryError } from "./query-error.ts";
import { matcher, sortDocuments } from "./scan.ts";
import { parseSelect, selectFields, selectionOf } from "./select.ts";
import { parseSort } from "./sort.ts";
import { parsePopulate } from "./populate-request.ts";

/** Finds the current records of a collection; undefined if there are none. */
export type Lookup = (collection: string) => RecordList | undefined;

export interface Surroundings {
  readonly lookup: Lookup;
  /** Populated records are raw: with `_id` in place of `id`. */
  readonly lean: boolean;
}

type Populate = (record: Record<string, unknown>) => Record<string, unknown>;

/** The record of one id, or null. */
type Find = (id: string) => Readonly<Record<string, unknown>> | null;

/** What one populated path does to the value at its end: one id, or an array of them. */
type Resolve = (value: unknown) => unknown;

/**
 * Prepares `options.populate`: which ids are replaced by the records they point to. A dangling id becomes null, or
 * leaves an array of ids. A field that holds no ids is silently left as it is.
 *
 * @throws QueryError for a path that the model does not have.
 */
export function populator(
  resource: Resource,
  requests: readonly PopulateRequest[],
  around: Surroundings,
): Populate | undefined {
  const populations = requests.flatMap((request) => {
    const resolve = prepare(resource, request, around);
    return resolve === undefined ? [] : [{ keys: request.path.split("."), resolve }];
  });
  if (populations.length === 0) return undefined;
  return (record) => {
    let result: unknown = record;
    for (const { keys, resolve } of populations) result = replace(result, keys, resolve);
    return result as Record<string, unknown>;
  };
}

function prepare(resource: Resource, request: PopulateRequest, around: Surroundings): Resolve | undefined {
  const { path } = request;
  const target = resources.get(
    Object.hasOwn(resource.references, path) ? (resource.references[path] ?? "") : "",
  );
  if (target === undefined) {
    if (path === "id") {
      throw new QueryError(
        "If you are populating a virtual, you must set the localField and foreignField options",
      );
    }
    const model = modelOf(resource.name);
    if (!request.strict || model.field(path) !== undefined || model.below(path)) return undefined;
    throw new QueryError(
      `Cannot populate path \`${path}\` because it is not in your schema. ` +
        "Set the `strictPopulate` option to false to override.",
    );
  }
  const find = finder(target, request, around);
  const { options } = request;
  const sort = parseSort(options["sort"]);
  const skip = Number(options["skip"] ?? 0);
  // The real API spends `limit` on all records of the page together, in the database's order; here it is each record's own.
  const limit = Number(options["limit"] ?? request.perDocumentLimit ?? Number.POSITIVE_INFINITY);
  return (value) => {
    if (!Array.isArray(value)) return typeof value === "string" ? find(value) : value;
    const found = value
      .map((id: unknown) => (typeof id === "string" ? find(id) : null))
      .filter((one) => one !== null);
    const sorted = sort.length === 0 ? found : sortDocuments(found, sort);
    return sorted.slice(skip, skip + limit);
  };
}

function finder(target: Resource, request: PopulateRequest, { lookup, lean }: Surroundings): Find {
  const list = lookup(target.name);
  const deeperRequests = parsePopulate(request.populate);
  const deeper = populator(target, deeperRequests, { lookup, lean });
  const selection = selectionOf(
    parseSelect(undefined, request.select),
    deeperRequests.map(({ path }) => path),
  );
  const match = isPlainObject(request.match)
    ? matcher(castFilter(modelOf(target.name), request.match).filter)
    : undefined;
  return (id) => {
    const index = list?.indexOf(id) ?? -1;
    if (list === undefined || index === -1) return null;
    if (match?.(storedDocument(list, index)) === false) return null;
    const record = selectFields(selection, parsedRecord(list, index));
    return raw(deeper?.(record) ?? record, lean);
  };
}

function raw(record: Readonly<Record<string, unknown>>, lean: boolean): Readonly<Record<string, unknown>> {
  if (!lean || !("id" in record)) return record;
  const { id, ...fields } = record;
  return { _id: id, ...fields };
}

function replace(value: unknown, keys: readonly string[], resolve: Resolve): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return resolve(value);
  if (Array.isArray(value)) return value.map((item: unknown) => replace(item, keys, resolve));
  if (!isPlainObject(value) || !(key in value)) return value;
  return { ...value, [key]: replace(value[key], rest, resolve) };
}
