import { EtlError, type SourceRequestOptions } from "@spacex-etl/contracts";
import { z } from "zod";
import type { CollectionDefinition } from "../collections/index.ts";
import type { Transport } from "../http/index.ts";
import {
  fieldPaths,
  type FieldPaths,
  type Filter,
  invalidQuery,
  type Page,
  pagesOf,
  type Query,
  type QueryResult,
  sentFilter,
  sentOptions,
} from "../query/index.ts";
import { countRecords } from "./count.ts";
import { recordReader } from "./record-reader.ts";

/** Of every method: an abort signal, and callbacks per request and retry. */
export type RequestOptions = SourceRequestOptions;

/** A collection of many records. Every record that comes back is checked against its type. */
export interface CollectionResource<T> {
  /** The whole collection in one request, in the API's order: one consistent state. */
  list(options?: RequestOptions): Promise<readonly T[]>;
  /** One record. An unknown id is an error with the code `NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<T>;
  /**
   * The records that match, page by page. The query is checked at once: a field that the API does not know would make
   * it answer all records.
   *
   * @throws EtlError of kind `usage`, code `QUERY_INVALID`, before anything is sent.
   */
  query<const Selected extends keyof T & string = keyof T & string>(
    query?: Query<T, Selected>,
    options?: RequestOptions,
  ): QueryResult<Pick<T, Selected | (keyof T & "id")>>;
  /** How many records match; all of them without a filter. */
  count(filter?: Filter<T>, options?: RequestOptions): Promise<number>;
}

/** A collection that is one object. */
export interface SingleResource<T> {
  get(options?: RequestOptions): Promise<T>;
}

export function singleResource<T>(
  transport: Transport,
  definition: CollectionDefinition<string, T>,
): SingleResource<T> {
  const reader = recordReader(definition.schema);
  return {
    get: async (options) => reader.one(...(await getJson(transport, definition.route, options))),
  };
}

export function collectionResource<T>(
  transport: Transport,
  definition: CollectionDefinition<string, T>,
): CollectionResource<T> {
  const { name, route, schema } = definition;
  const reader = recordReader(schema);
  let paths: FieldPaths | undefined;
  const fields = (): FieldPaths => (paths ??= fieldPaths(schema));

  return {
    list: async (options) => {
      const [answer, from] = await getJson(transport, route, options);
      if (Array.isArray(answer)) return reader.many(answer, from);
      throw new EtlError({
        kind: "source",
        code: "SOURCE_SHAPE",
        message: `${from} did not answer a list.`,
        hint: "Check that the address is the SpaceX API's, without /v4.",
        retryable: false,
      });
    },
    get: async (id, options) => {
      if (!/^[\w-]+$/.test(id)) {
        throw new EtlError({
          kind: "usage",
          code: "QUERY_INVALID",
          message: `${JSON.stringify(id)} is no id of ${name}.`,
          hint: "An id has 24 hex digits.",
        });
      }
      return reader.one(...(await getJson(transport, `${route}/${id}`, options)));
    },
    query: <Selected extends keyof T & string>(query?: Query<T, Selected>, options?: RequestOptions) => {
      type Item = Pick<T, Selected | (keyof T & "id")>;
      for (const key of Object.keys(query ?? {})) {
        if (key !== "query" && key !== "options")
          throw invalidQuery(
            name,
            `it has the unknown key ${JSON.stringify(key)}`,
            "It is { query, options }.",
          );
      }
      const filter = sentFilter(query?.query, fields(), name);
      const sent = sentOptions({ ...query?.options }, fields(), name);
      const path = `${route}/query`;
      const from = `POST ${transport.requestLine("POST", path).url}`;
      const selected = recordReader(
        (sent.select === undefined ? schema : picked(schema, sent.select)) as unknown as z.ZodType<Item>,
      );
      const pages = (): AsyncGenerator<Page<Item>, void, undefined> =>
        pagesOf(
          {
            from,
            fetchPage: (page) =>
              transport.json({
                ...options,
                method: "POST",
                path,
                body: { query: filter, options: page },
                accept: [200],
              }),
            readRecords: (docs) => selected.many(docs, from),
          },
          sent,
        );
      return { pages, [Symbol.asyncIterator]: () => recordsOf(pages()) };
    },
    count: async (filter, options) =>
      countRecords(transport, definition, sentFilter(filter, fields(), name), options),
  };
}

async function getJson(
  transport: Transport,
  path: string,
  options: RequestOptions | undefined,
): Promise<[answer: unknown, from: string]> {
  const answer = await transport.json({ ...options, method: "GET", path, accept: [200] });
  return [answer, `GET ${transport.requestLine("GET", path).url}`];
}

/** The schema of records with some top-level fields only. The id is always there. */
function picked(schema: z.ZodType, fields: readonly string[]): z.ZodType {
  if (!(schema instanceof z.ZodObject)) return schema;
  const mask: Record<string, true> = Object.fromEntries([...fields, "id"].map((field) => [field, true]));
  return (schema as z.ZodObject<Readonly<Record<string, z.ZodType>>>).pick(mask);
}

async function* recordsOf<T>(pages: AsyncIterable<Page<T>>): AsyncGenerator<T, void, undefined> {
  for await (const page of pages) yield* page.records;
}
