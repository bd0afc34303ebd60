import type { z } from "zod";
import type { CollectionDefinition, Model } from "../collections/index.ts";
import type { CallOptions, Transport } from "../http/index.ts";
import {
  type ObjectQuery,
  type QueryTarget,
  type ResultOf,
  type Select,
  sentObjectQuery,
} from "../query/index.ts";
import { getJson } from "./answers.ts";
import { recordReader } from "./record-reader.ts";

/** A collection that is one object. */
export interface ObjectResource<M extends Model> {
  /** The object, checked against its type. */
  get(call?: CallOptions): Promise<M["record"]>;
}

/** A collection that is one object and can be queried. */
export interface QueryableObjectResource<M extends Model> extends ObjectResource<M> {
  /**
   * The object with the selected fields, or null where it does not meet the filter.
   *
   * @throws EtlError of kind `usage`, code `QUERY_INVALID`, before anything is sent.
   */
  query<const S extends Select<M["record"]> | undefined = undefined>(
    query?: ObjectQuery<M, S>,
    call?: CallOptions,
  ): Promise<ResultOf<M, S> | null>;
}

export function objectResource<M extends Model>(
  transport: Transport,
  { route, schema }: CollectionDefinition,
): ObjectResource<M> {
  const reader = recordReader(schema as () => z.ZodType<M["record"]>);
  return { get: async (call) => reader.one(...(await getJson(transport, route, call))) };
}

export function queryableObjectResource<M extends Model>(
  transport: Transport,
  definition: CollectionDefinition,
  target: () => QueryTarget,
): QueryableObjectResource<M> {
  return {
    ...objectResource<M>(transport, definition),
    query: async (query, call) => {
      const { filter, options, schema } = sentObjectQuery(query, target());
      const path = `${definition.route}/query`;
      const answer = await transport.json({
        call,
        method: "POST",
        path,
        body: { query: filter, options },
        accept: [200, 204],
      });
      if (answer === undefined) return null;
      const from = `POST ${transport.requestLine("POST", path).url}`;
      // The schema is that of the selected fields.
      return recordReader(schema).one(answer, from) as never;
    },
  };
}
