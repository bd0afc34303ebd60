import type { z } from "zod";
import type { CollectionDefinition, Model } from "../collections/index.ts";
import { type CallOptions, SpaceXRequestError, type Transport } from "../http/index.ts";
import type { QueryTarget } from "../query/index.ts";
import { getJson, getList } from "./answers.ts";
import { type CollectionResource, collectionResource } from "./collection-resource.ts";
import { recordReader } from "./record-reader.ts";

/**
 * Launches, with the API's own shortcuts. They go by the field `upcoming`, which stays true for ever: the API's data
 * stopped in late 2022, so that 18 launches of that time are still upcoming and `next` is one of them.
 */
export interface LaunchesResource<M extends Model> extends CollectionResource<M> {
  /** The past launch of the highest flight number; null where there is none. */
  latest(call?: CallOptions): Promise<M["record"] | null>;
  /**
   * The upcoming launch of the lowest flight number; null where there is none. Flight numbers are not unique: among
   * equals it is any of them.
   */
  next(call?: CallOptions): Promise<M["record"] | null>;
  /** Past launches by flight number, which is not quite the order of their dates. */
  past(call?: CallOptions): Promise<readonly M["record"][]>;
  /** Upcoming launches by flight number, which is not quite the order of their dates. */
  upcoming(call?: CallOptions): Promise<readonly M["record"][]>;
}

export function launchesResource<M extends Model>(
  transport: Transport,
  definition: CollectionDefinition,
  target: () => QueryTarget,
): LaunchesResource<M> {
  type Item = M["record"];
  const { route, schema } = definition;
  const reader = recordReader(schema as () => z.ZodType<Item>);

  const many = async (path: string, call: CallOptions | undefined) =>
    reader.many(...(await getList(transport, `${route}/${path}`, call)));
  const one = async (path: string, call: CallOptions | undefined) => {
    try {
      const [answer, from] = await getJson(transport, `${route}/${path}`, call, [200, 204]);
      return answer === undefined ? null : reader.one(answer, from);
    } catch (error) {
      if (isNoLaunch(error)) return null;
      throw error;
    }
  };

  return {
    ...collectionResource<M>(transport, definition, target),
    latest: (call) => one("latest", call),
    next: (call) => one("next", call),
    past: (call) => many("past", call),
    upcoming: (call) => many("upcoming", call),
  };
}

/** Where there is no launch, version 5 answers 204, but version 4 a 400. A 404 is another thing: a wrong address. */
function isNoLaunch(error: unknown): boolean {
  return SpaceXRequestError.isInstance(error) && error.status === 400 && error.code === "NOT_FOUND";
}
