import type { z } from "zod";
import type { CollectionDefinition, Model } from "../collections/index.ts";
import type { CallOptions, Transport } from "../http/index.ts";
import {
  type FilterOf,
  type Page,
  pagesOf,
  type Populate,
  type Query,
  type QueryResult,
  type QueryTarget,
  type ResultOf,
  type Select,
  sentFilter,
  sentQuery,
} from "../query/index.ts";
import { checkedId, getJson, getList } from "./answers.ts";
import { countRecords } from "./count.ts";
import { type RecordReader, recordReader } from "./record-reader.ts";

/**
 * A collection of many records. Every record that comes back is checked against its type; one that does not fit is an
 * `EtlError` of kind `data`, code `RECORD_INVALID`, which names the record and the field.
 */
export interface CollectionResource<M extends Model> {
  /**
   * The whole collection in one request, in the API's order: one consistent state. The API cannot filter here. Sizes:
   * 205 launches 0.4 MB, 225 payloads 0.2 MB, 3,526 satellites of starlink 4.6 MB, all else below 0.1 MB.
   */
  list(call?: CallOptions): Promise<readonly M["record"][]>;
  /**
   * One record by its id of 24 hex digits. An unknown id is a `SpaceXRequestError` with the code `NOT_FOUND`.
   *
   * @throws EtlError of kind `usage`, code `QUERY_INVALID`, for what is no id, before anything is sent.
   */
  get(id: string, call?: CallOptions): Promise<M["record"]>;
  /**
   * The records that match, page by page. The query is checked at once: a field that the API does not know would make
   * it answer all records.
   *
   *     for await (const launch of client.launches.query({ query: { success: false }, select: ["name"] })) …
   *
   * Between pages the API holds nothing: a total that changes, or a page that is short, is an `EtlError` of kind
   * `source`, code `SOURCE_CHANGED`, retryable.
   *
   * @throws EtlError of kind `usage`, code `QUERY_INVALID`, before anything is sent.
   */
  query<
    const S extends Select<M["record"]> | undefined = undefined,
    const P extends Populate<M> | undefined = undefined,
  >(
    query?: Query<M, S, P>,
    call?: CallOptions,
  ): QueryResult<ResultOf<M, S, P>>;
  /** How many records match; all of them without a filter. One request, which answers no record. */
  count(filter?: FilterOf<M>, call?: CallOptions): Promise<number>;
}

/** Shapes of records that are kept ready; a program that makes up queries without end starts anew. */
const KEPT_SHAPES = 64;

export function collectionResource<M extends Model>(
  transport: Transport,
  definition: CollectionDefinition,
  target: () => QueryTarget,
): CollectionResource<M> {
  type Item = M["record"];
  const { route } = definition;
  const readers = new Map<string, RecordReader<unknown>>();

  function readerOf(shape: string, schema: () => z.ZodType): RecordReader<unknown> {
    const known = readers.get(shape);
    if (known !== undefined) return known;
    if (readers.size >= KEPT_SHAPES) readers.clear();
    const reader = recordReader(schema);
    readers.set(shape, reader);
    return reader;
  }
  const whole = (): RecordReader<Item> => readerOf("", definition.schema) as RecordReader<Item>;

  return {
    list: async (call) => whole().many(...(await getList(transport, route, call))),
    get: async (id, call) =>
      whole().one(...(await getJson(transport, `${route}/${checkedId(id, definition.name)}`, call))),
    query: (query, call) => {
      const { filter, options, shape, schema } = sentQuery(query, target());
      transport.checkCall(call);
      const path = `${route}/query`;
      const from = `POST ${transport.requestLine("POST", path).url}`;
      const pages = (): AsyncGenerator<Page<never>, void, undefined> =>
        pagesOf(
          {
            from,
            fetchPage: (page) =>
              transport.json({
                call,
                method: "POST",
                path,
                body: { query: filter, options: page },
                accept: [200],
              }),
            // What is answered is of the type that the schema of the shape says.
            readRecords: (docs) => readerOf(shape, schema).many(docs, from) as readonly never[],
          },
          options,
        );
      return { pages, [Symbol.asyncIterator]: () => recordsOf(pages()) };
    },
    count: async (filter, call) => {
      const { collection, stored, searchable } = target();
      const sent = sentFilter(filter, { collection, fields: stored, searchable });
      return countRecords(transport, definition, sent, call);
    },
  };
}

async function* recordsOf<T>(pages: AsyncIterable<Page<T>>): AsyncGenerator<T, void, undefined> {
  for await (const page of pages) yield* page.records;
}
