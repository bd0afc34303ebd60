import type { z } from "zod";

/** What the client and the tables need to know of one collection of the API. */
export interface CollectionDefinition<
  Name extends string = string,
  Item = unknown,
  Single extends boolean = boolean,
> {
  readonly name: Name;
  /** Path under the API's address: `/v5/launches`. */
  readonly route: `/${string}`;
  /** The route answers one object, not a list; there is no route for one record by id. */
  readonly single: Single;
  /** `POST <route>/query` answers `totalDocs`. Not so for the single objects. */
  readonly countable: boolean;
  /** Made at the first call. */
  readonly schema: () => z.ZodType<Item>;
  /** What a record is, for the documentation of its table. */
  readonly description: string;
}

/** Keeps the literal name, the record type and whether it is single. */
export function defineCollection<const Name extends string, Item, const Single extends boolean>(
  definition: CollectionDefinition<Name, Item, Single>,
): CollectionDefinition<Name, Item, Single> {
  return definition;
}
