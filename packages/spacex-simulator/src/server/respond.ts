import type { IncomingHttpHeaders } from "node:http";
import type { Route } from "../api/index.ts";
import { type ChunkMemory, createChunkMemory, type RecordList } from "../data/index.ts";
import { QueryError, type QueryTarget, runObjectQuery, runQuery } from "../query/index.ts";
import {
  type Answer,
  emptyAnswer,
  etagFrom,
  etagOf,
  isFresh,
  jsonAnswer,
  streamAnswer,
  textAnswer,
} from "./answer.ts";
import { API_HEADERS, thrown, uncached } from "./api-headers.ts";
import type { CacheMemory } from "./cache-memory.ts";
import { type ServedData, splitLaunches } from "./served-data.ts";

export interface ApiRequest {
  readonly method: string;
  /** As it was asked for, query string included: it is part of the cache's key. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly route: Route;
  /** Parsed; `{}` where there was none. */
  readonly body: unknown;
}

export interface ApiState {
  readonly data: ServedData;
  readonly cache: CacheMemory;
  readonly etags: boolean;
}

/** Bodies up to this size are made before they are sent, so that their ETag is the hash of their bytes. */
const WHOLE_BYTES = 1024 * 1024;

/** The same for queries. Over it, which only a synthetic corpus reaches, an answer has no ETag. */
const WHOLE_QUERY_BYTES = 16 * 1024 * 1024;

/** Answers one request as the API does. Never throws for what a client sends. */
export async function respond(request: ApiRequest, state: ApiState): Promise<Answer> {
  const { route } = request;
  switch (route.kind) {
    case "unknown":
      return textAnswer(404, "Not Found", uncached(API_HEADERS));
    case "protected":
      return textAnswer(401, "https://youtu.be/RfiQYRn7fBg", uncached(API_HEADERS));
    case "health":
      return textAnswer(200, "OK", uncached(API_HEADERS));
    default:
  }
  const seconds = ttlOf(route);
  const headers: Record<string, string> = { ...API_HEADERS, "cache-control": `max-age=${seconds}` };
  if (request.method === "HEAD") return await answerRoute(route, request, state, headers);
  const key = `${request.method}${request.url}${JSON.stringify(request.body)}`;
  headers["spacex-api-cache"] = state.cache.look(key);
  const answer = await answerRoute(route, request, state, headers);
  // A 304 is made of a 200 after the cache has seen it.
  if (answer.status === 200 || answer.status === 304) state.cache.keep(key, seconds);
  return answer;
}

type DataRoute = Extract<Route, { readonly resource: unknown }>;

function ttlOf(route: DataRoute): number {
  const { ttl } = route.resource;
  return route.kind === "query" ? ttl.query : route.kind === "one" ? ttl.one : ttl.list;
}

async function answerRoute(
  route: DataRoute,
  request: ApiRequest,
  state: ApiState,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { resource, shape } = route;
  // Only reading the whole list counts as a read that a changing source changes after.
  const read = route.kind === "list" && request.method === "GET";
  const list = state.data.list(resource.name, shape, read);
  const notFound = () => textAnswer(404, "Not Found", thrown(headers));
  if (list === undefined) return notFound();
  switch (route.kind) {
    case "list":
      return listAnswer(list, request, state, headers);
    case "selection": {
      const { past, upcoming } = splitLaunches(list);
      return listAnswer(route.upcoming ? upcoming : past, request, state, headers);
    }
    case "object":
      return recordAnswer(list.body ?? list.record(0), request, state, headers);
    case "one": {
      const index = /^[0-9a-f]{24}$/.test(route.id) ? list.indexOf(route.id) : -1;
      return index === -1 ? notFound() : recordAnswer(list.record(index), request, state, headers);
    }
    case "pick": {
      const record = pickLaunch(list, route.which);
      if (record !== undefined) return recordAnswer(record, request, state, headers);
      return shape === "v5"
        ? emptyAnswer(204, headers)
        : textAnswer(400, "Cannot read properties of null (reading 'toObject')", thrown(headers));
    }
    case "query":
      return await queryAnswer(route, list, request, state, headers);
  }
}

function listAnswer(
  list: RecordList,
  request: ApiRequest,
  state: ApiState,
  headers: Readonly<Record<string, string>>,
): Answer {
  const etag = listEtag(list);
  const tagged = state.etags ? { ...headers, etag } : headers;
  if (state.etags && isFresh(request.headers, etag)) return emptyAnswer(304, tagged);
  if (list.body !== undefined) return jsonAnswer(list.body, tagged);
  if (list.bytes + 2 <= WHOLE_BYTES) return jsonAnswer(Buffer.concat([...listPieces(list)]), tagged);
  const memory = createChunkMemory();
  return streamAnswer(listPieces(list, memory), list.bytes + 2, tagged, memory);
}

/** Of an exact list the API's own form, so that a client can check the body by it. */
function listEtag(list: RecordList): string {
  if (list.body !== undefined) return etagFrom(list.body.length, list.digest);
  return list.exact ? etagFrom(list.bytes + 2, list.digest) : `"generated-${list.digest}"`;
}

function* listPieces(list: RecordList, memory?: ChunkMemory): Iterable<Uint8Array> {
  yield Buffer.from("[");
  yield* list.chunks(0, list.length, memory);
  yield Buffer.from("]");
}

function recordAnswer(
  record: Uint8Array,
  request: ApiRequest,
  state: ApiState,
  headers: Readonly<Record<string, string>>,
): Answer {
  if (!state.etags) return jsonAnswer(record, headers);
  const tagged = { ...headers, etag: etagOf(record) };
  return isFresh(request.headers, tagged.etag) ? emptyAnswer(304, tagged) : jsonAnswer(record, tagged);
}

async function queryAnswer(
  route: DataRoute,
  list: RecordList,
  request: ApiRequest,
  state: ApiState,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { resource, shape } = route;
  const reshape = state.data.reshape(resource.name, shape);
  const target: QueryTarget = {
    resource,
    list: reshape === undefined ? list : (state.data.list(resource.name, "v5", false) ?? list),
    reshape,
    lookup: (name) => state.data.list(name, "v5", false),
  };
  try {
    if (resource.single) {
      const record = await runObjectQuery(target, request.body);
      return record === undefined ? emptyAnswer(204, headers) : withTag(record, state, headers);
    }
    const { pieces, estimatedBytes } = await runQuery(target, request.body);
    return estimatedBytes > WHOLE_QUERY_BYTES
      ? streamAnswer(pieces, estimatedBytes, headers)
      : withTag(Buffer.concat([...pieces]), state, headers);
  } catch (error) {
    if (error instanceof QueryError) return textAnswer(400, error.message, thrown(headers));
    throw error;
  }
}

/** A query is never answered by 304, but its answer carries an ETag. */
function withTag(bytes: Uint8Array, state: ApiState, headers: Readonly<Record<string, string>>): Answer {
  return jsonAnswer(bytes, state.etags ? { ...headers, etag: etagOf(bytes) } : headers);
}

/** The past launch of the highest flight number, or the upcoming one of the lowest; the first one among equals. */
function pickLaunch(list: RecordList, which: "latest" | "next"): Uint8Array | undefined {
  const { past, upcoming } = splitLaunches(list);
  const candidates = which === "latest" ? past : upcoming;
  if (list.upcomingFrom !== undefined) {
    const index = which === "latest" ? candidates.length - 1 : 0;
    return candidates.length === 0 ? undefined : candidates.record(index);
  }
  let best: { readonly record: Uint8Array; readonly flight: number } | undefined;
  for (let index = 0; index < candidates.length; index++) {
    const record = candidates.record(index);
    const launch: unknown = JSON.parse(Buffer.from(record).toString());
    const number =
      typeof launch === "object" && launch !== null && "flight_number" in launch
        ? Number(launch.flight_number)
        : 0;
    const better = best === undefined || (which === "latest" ? number > best.flight : number < best.flight);
    if (better) best = { record, flight: number };
  }
  return best?.record;
}
