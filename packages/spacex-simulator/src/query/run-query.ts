import type { RecordList } from "../data/index.ts";
import type { Resource } from "../api/index.ts";
import { castFilter } from "./cast-filter.ts";
import { findMatches, type Matches } from "./find.ts";
import { modelOf } from "./model.ts";
import { envelopeOf, pageBounds, parsePage } from "./page.ts";
import { type Lookup, populator } from "./populate.ts";
import { isPlainObject, QueryError } from "./query-error.ts";
import { parseSelection, type Selection, selectFields } from "./select.ts";
import { parseSort } from "./sort.ts";

/** What a query runs on. */
export interface QueryTarget {
  readonly resource: Resource;
  /** What filters and sorts see, and what is answered unless there is `shape`. */
  readonly list: RecordList;
  /** Turns a stored record into the one that is answered: version 4 of a launch. */
  readonly reshape?: ((record: Uint8Array) => Uint8Array) | undefined;
  readonly lookup: Lookup;
}

/** The body of an answer in pieces, with an estimate of its size in bytes. */
export interface QueryAnswer {
  readonly pieces: Iterable<Uint8Array>;
  readonly estimatedBytes: number;
}

/**
 * Answers `POST <resource>/query` with the envelope of mongoose-paginate-v2. `body` is what the client sent: an object
 * with `query` and `options`; anything else counts as empty.
 *
 * @throws QueryError with the API's text for what it refuses.
 */
export function runQuery(target: QueryTarget, body: unknown): QueryAnswer {
  const { query, options } = partsOf(body);
  const request = parsePage(options);
  if (request.offset !== undefined && request.offset < 0) {
    throw new QueryError(`BSON field 'skip' value must be >= 0, actual value '${request.offset}'`);
  }
  if (target.reshape !== undefined && options["lean"] === true) {
    throw new QueryError("launch.toObject is not a function");
  }
  const selection = parseSelection(options["select"] ?? options["projection"]);
  const populate = populator(target.resource, populateOf(target, options["populate"]), target.lookup);
  const cast = castFilter(modelOf(target.resource.name), query);
  const matches = findMatches(target.list, cast, target.resource.textFields, parseSort(options["sort"]));
  const [from, to] = pageBounds(request, matches.total);
  const total = options["useEstimatedCount"] === true ? target.list.length : matches.total;
  const tail = `],${JSON.stringify(envelopeOf(request, total)).slice(1)}`;
  const transform = transformer(target, selection, populate, options["lean"] === true);
  const share = target.list.length === 0 ? 0 : target.list.bytes / target.list.length;
  return {
    estimatedBytes: Math.ceil((to - from) * share) + tail.length,
    pieces: answerPieces(target.list, matches, from, to, transform, tail),
  };
}

/** Answers `POST /v4/roadster/query`: the object, or undefined (204) if the filter does not match it. */
export function runObjectQuery(target: QueryTarget, body: unknown): Uint8Array | undefined {
  const { query, options } = partsOf(body);
  const cast = castFilter(modelOf(target.resource.name), query);
  const selection = parseSelection(options["select"]);
  if (findMatches(target.list, cast, target.resource.textFields, []).total === 0) return undefined;
  const record = target.list.record(0);
  return transformer(target, selection, undefined, false)?.(record) ?? record;
}

function partsOf(body: unknown): {
  readonly query: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
} {
  const { query, options } = isPlainObject(body) ? body : {};
  return { query: isPlainObject(query) ? query : {}, options: isPlainObject(options) ? options : {} };
}

/** Version 4 stores crew as version 5 does and rewrites the path, but only in these two spellings. */
function populateOf(target: QueryTarget, populate: unknown): unknown {
  if (target.reshape === undefined) return populate;
  if (populate === "crew") return "crew.crew";
  return isPlainObject(populate) && populate["path"] === "crew"
    ? { ...populate, path: "crew.crew" }
    : populate;
}

type Transform = (record: Uint8Array) => Uint8Array;

/** Undefined where a record is answered by its own bytes. */
function transformer(
  target: QueryTarget,
  selection: Selection,
  populate: ((record: Record<string, unknown>) => Record<string, unknown>) | undefined,
  lean: boolean,
): Transform | undefined {
  const plain = selection.mode === "all" && selection.withId && populate === undefined && !lean;
  if (plain) return target.reshape;
  return (bytes) => {
    const shaped = target.reshape !== undefined && populate === undefined ? target.reshape(bytes) : bytes;
    const record = JSON.parse(Buffer.from(shaped).toString()) as Record<string, unknown>;
    let selected = selectFields(selection, record);
    if (lean) selected = { _id: record["id"], ...selected };
    if (populate !== undefined) selected = populate(selected);
    if (target.reshape !== undefined && populate !== undefined) selected = withVersion4Crew(selected);
    return Buffer.from(JSON.stringify(selected));
  };
}

/** Populated or not, each seat becomes its person; a seat whose person is not found stays a seat. */
function withVersion4Crew(record: Record<string, unknown>): Record<string, unknown> {
  const { crew } = record;
  if (!Array.isArray(crew)) return record;
  return {
    ...record,
    crew: crew.map((seat: unknown) => (isPlainObject(seat) ? (seat["crew"] ?? seat) : seat)),
  };
}

function* answerPieces(
  list: RecordList,
  matches: Matches,
  from: number,
  to: number,
  transform: Transform | undefined,
  tail: string,
): Iterable<Uint8Array> {
  yield Buffer.from('{"docs":[');
  if (matches.kind === "stretch" && !matches.descending && transform === undefined) {
    if (to > from) yield* list.chunks(from, to);
  } else {
    for (let at = from; at < to; at++) {
      const position =
        matches.kind === "positions"
          ? (matches.positions[at] ?? 0)
          : matches.descending
            ? matches.total - 1 - at
            : at;
      const record = list.record(position);
      if (at > from) yield Buffer.from(",");
      yield transform?.(record) ?? record;
    }
  }
  yield Buffer.from(tail);
}
