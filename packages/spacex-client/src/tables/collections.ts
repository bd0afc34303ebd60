import { type CollectionSpec, defineTables } from "@spacex-etl/contracts";
import {
  type CollectionDefinition,
  collectionNames,
  type CollectionName,
  definitions,
  type RecordOf,
} from "../collections/index.ts";

/** A collection of the API with its schema, its tables and where it is found. */
export interface SpaceXCollection<Item = unknown> extends CollectionSpec<Item> {
  /** Path under the API's address: `/v5/launches`. */
  readonly route: string;
  /** The route answers one object instead of an array: company, roadster. */
  readonly single: boolean;
  /** A query answers `totalDocs`: all but the single objects. */
  readonly countable: boolean;
}

/**
 * The 14 collections by name. Tables and fingerprint of a collection are derived when it is first asked for, then
 * kept: importing this module costs no derivation.
 */
export const collections = lazyCollections();

function lazyCollections(): { readonly [Name in CollectionName]: SpaceXCollection<RecordOf<Name>> } {
  const target = {};
  for (const name of collectionNames) {
    let derived: SpaceXCollection | undefined;
    Object.defineProperty(target, name, {
      enumerable: true,
      get: () => (derived ??= derive(definitions[name])),
    });
  }
  return target as { readonly [Name in CollectionName]: SpaceXCollection<RecordOf<Name>> };
}

function derive(definition: CollectionDefinition): SpaceXCollection {
  const { name, schema, description, route, single, countable } = definition;
  return { ...defineTables({ collection: name, schema: schema(), description }), route, single, countable };
}
