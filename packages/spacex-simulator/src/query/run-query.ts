import type { Resource } from "../api/index.ts";
import { memberValue, type RecordList, splice } from "../data/index.ts";
import { type Matches, wholeList } from "./matches.ts";
import { type Envelope, envelopeOf, pageBounds, parsePage } from "./page.ts";
import type { Lookup } from "./populate.ts";
import { type PopulateRequest, parsePopulate, withVersion4Paths } from "./populate-request.ts";
import { isPlainObject, QueryError } from "./query-error.ts";
import { parseSelect, type Selection, selectFields, selectionOf } from "./select.ts";
import { parseSort, type SortSpec } from "./sort.ts";

/** What a query runs on. */
export interface QueryTarget {
  readonly resource: Resource;
  /** What filters and sorts see, and what is answered unless there is `reshape`. */
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

type Fields = Readonly<Record<string, unknown>>;
type Transform = (record: Uint8Array) => Uint8Array;

/**
 * Answers `POST <resource>/query` with the envelope of mongoose-paginate-v2. `body` is what the client sent: an object
 * with `query` and `options`; anything else counts as empty. Of the options, `collation`, `read`, `allowDiskUse`,
 * `forceCountFn` and `options` change nothing here.
 *
 * @throws QueryError with the API's text for what it refuses.
 */
export async function runQuery(target: QueryTarget, body: unknown): Promise<QueryAnswer> {
  const parts = isPlainObject(body) ? body : {};
  const options = isPlainObject(parts["options"]) ? parts["options"] : {};
  const request = parsePage(options);
  if (options["collation"] === null) throw new QueryError("Cannot convert undefined or null to object");
  // Without a limit the API only counts, and nothing else in the options is looked at.
  const view = request.limit === 0 ? undefined : parseView(target, options);
  const filter = filterOf(parts["query"], request.limit === 0);
  const matches = await findMatches(target, filter, view?.sort ?? []);
  if (view !== undefined && request.offset !== undefined && request.offset < 0 && request.paginate) {
    // As MongoDB 5 says it; other versions differ.
    throw new QueryError(`BSON field 'skip' value must be >= 0, actual value '${request.offset}'`);
  }
  const [from, to] = view === undefined ? [0, 0] : pageBounds(request, matches.total);
  const total = options["useEstimatedCount"] === true ? target.list.length : matches.total;
  const envelope = envelopeOf(request, total);
  const transform = view === undefined ? undefined : await transformer(target, view, to > from);
  const share = target.list.length === 0 ? 0 : target.list.bytes / target.list.length;
  return {
    estimatedBytes: Math.ceil((to - from) * share) + envelope.tail.length,
    pieces: answerPieces(target.list, matches, from, to, transform, envelope),
  };
}

/** Answers `POST /v4/roadster/query`: the object, or undefined (204) if the filter does not match it. */
export async function runObjectQuery(target: QueryTarget, body: unknown): Promise<Uint8Array | undefined> {
  const { query, options } = isPlainObject(body) ? body : {};
  if (options === null) throw new QueryError("Cannot read properties of null (reading 'select')");
  const select = isPlainObject(options) ? options["select"] : undefined;
  const selection = selectionOf(parseSelect(undefined, select), []);
  const { total } = await findMatches(target, isPlainObject(query) ? query : {}, []);
  const record = target.list.record(0);
  if (total === 0) return undefined;
  return isEverything(selection) ? record : encoded(selectFields(selection, decoded(record)));
}

/** How the records of an answer are sorted and what of them is answered. */
interface View {
  readonly sort: SortSpec;
  readonly selection: Selection;
  readonly populate: readonly PopulateRequest[];
  readonly lean: boolean;
  readonly leanWithId: boolean;
}

function parseView(target: QueryTarget, options: Fields): View {
  const populate = parsePopulate(
    target.reshape === undefined ? options["populate"] : withVersion4Paths(options["populate"]),
  );
  const selected = parseSelect(options["projection"], options["select"]);
  return {
    sort: parseSort(options["sort"]),
    selection: selectionOf(
      selected,
      populate.map(({ path }) => path),
    ),
    populate,
    lean: Boolean(options["lean"]),
    leanWithId: "leanWithId" in options ? Boolean(options["leanWithId"]) : true,
  };
}

/** Anything falsy is no filter. What else is no object is refused, but not by a mere count. */
function filterOf(query: unknown, counts: boolean): Fields {
  if (!query || isPlainObject(query)) return isPlainObject(query) ? query : {};
  if (counts) return {};
  throw new QueryError(`Parameter "filter" to find() must be an object, got ${String(query)}`);
}

/** Without a filter and a sort that has to look at records, nothing of the query language is loaded. */
async function findMatches(target: QueryTarget, filter: Fields, sort: SortSpec): Promise<Matches> {
  const whole = wholeList(target.list, filter, sort);
  if (whole !== undefined) return whole;
  const { scan } = await import("./scan.ts");
  return scan(target.list, target.resource, filter, sort);
}

function isEverything(selection: Selection): boolean {
  return selection.mode === "all" && selection.withId;
}

/** Undefined where a record is answered by its own bytes. */
async function transformer(
  target: QueryTarget,
  { selection, populate: requests, lean, leanWithId }: View,
  hasRecords: boolean,
): Promise<Transform | undefined> {
  if (!hasRecords) return undefined;
  const { resource, reshape, lookup } = target;
  const populate =
    requests.length === 0
      ? undefined
      : (await import("./populate.ts")).populator(resource, requests, { lookup, lean });
  if (reshape !== undefined && lean) throw new QueryError("launch.toObject is not a function");
  if (isEverything(selection) && populate === undefined && !lean) return reshape;
  return (bytes) => {
    const stored = decoded(reshape === undefined ? bytes : withOwnCrew(reshape(bytes), bytes));
    let record = selectFields(selection, stored);
    if (populate !== undefined) record = populate(record);
    if (lean) record = leanRecord(record, leanWithId);
    if (reshape !== undefined) record = withVersion4Crew(record);
    return encoded(record);
  };
}

/** Version 4 of a launch with the crew as it is stored, which select and populate go by. */
function withOwnCrew(version4: Uint8Array, stored: Uint8Array): Uint8Array {
  const [to, from] = [memberValue(version4, "crew"), memberValue(stored, "crew")];
  return to === undefined || from === undefined
    ? version4
    : splice(version4, to, stored.subarray(from.start, from.end));
}

/** A raw document: `_id` first, and `id` only because the paging adds it. */
function leanRecord(record: Record<string, unknown>, withId: boolean): Record<string, unknown> {
  const { id, ...fields } = record;
  if (id === undefined) return record;
  return withId ? { _id: id, ...fields, id } : { _id: id, ...fields };
}

/** Populated or not, each seat becomes its person; a seat without one stays a seat. */
function withVersion4Crew(record: Record<string, unknown>): Record<string, unknown> {
  const { crew } = record;
  if (!Array.isArray(crew)) return record;
  return {
    ...record,
    crew: crew.map((seat: unknown) => (isPlainObject(seat) ? (seat["crew"] ?? seat) : seat)),
  };
}

function decoded(record: Uint8Array): Record<string, unknown> {
  return JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString()) as Record<
    string,
    unknown
  >;
}

function encoded(record: Fields): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

function* answerPieces(
  list: RecordList,
  matches: Matches,
  from: number,
  to: number,
  transform: Transform | undefined,
  envelope: Envelope,
): Iterable<Uint8Array> {
  yield Buffer.from(envelope.head);
  if (matches.kind === "stretch" && !matches.descending && transform === undefined) {
    if (to > from) yield* list.chunks(from, to);
  } else {
    for (let at = from; at < to; at++) {
      const record = list.record(positionOf(matches, at));
      if (at > from) yield Buffer.from(",");
      yield transform?.(record) ?? record;
    }
  }
  yield Buffer.from(envelope.tail);
}

function positionOf(matches: Matches, at: number): number {
  if (matches.kind === "positions") return matches.positions[at] ?? 0;
  return matches.descending ? matches.total - 1 - at : at;
}
