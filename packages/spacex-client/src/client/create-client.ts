import { EtlError, type RecordSource } from "@spacex-etl/contracts";
import {
  type CollectionDefinition,
  type CollectionName,
  collectionNames,
  definitions,
  type RecordOf,
} from "../collections/index.ts";
import { createTransport, retryPolicy } from "../http/index.ts";
import {
  checkedBaseUrl,
  checkedHeaders,
  checkedRecordLimit,
  checkedTimeout,
  type SpaceXClientOptions,
} from "./options.ts";
import { recordSourceOf } from "./record-source.ts";
import {
  type CollectionResource,
  collectionResource,
  type SingleResource,
  singleResource,
} from "./resources.ts";

type SingleName = {
  [Name in CollectionName]: (typeof definitions)[Name]["single"] extends true ? Name : never;
}[CollectionName];

/** One member per collection, and every collection as bytes. */
export type SpaceXClient = {
  readonly [Name in Exclude<CollectionName, SingleName>]: CollectionResource<RecordOf<Name>>;
} & {
  readonly [Name in SingleName]: SingleResource<RecordOf<Name>>;
} & {
  /** The address in use, without a slash at the end. */
  readonly baseUrl: string;
  /** A collection as the API's own bytes, for a lake. */
  recordSource(collection: CollectionName): RecordSource;
};

/**
 * A client of the SpaceX API: version 5 of launches, version 4 of everything else. It holds no connection and needs no
 * closing.
 *
 * Errors are `EtlError`s: `source` (failed, cut off, not found), `busy` (429 to the end, or a `Retry-After` beyond the
 * cap), `auth` (401, 403), `usage` (options, a query that the API would misunderstand or refuses), `data` (a record that
 * does not fit its type). An aborted signal throws its own reason.
 *
 * @throws EtlError of kind `usage`, code `CLIENT_OPTION`, for an option that makes no sense.
 */
export function createSpaceXClient(options: SpaceXClientOptions = {}): SpaceXClient {
  const baseUrl = checkedBaseUrl(options.baseUrl);
  const maxRecordBytes = checkedRecordLimit(options.maxRecordBytes);
  const transport = createTransport({
    baseUrl,
    fetch: options.fetch,
    headers: checkedHeaders(options.headers),
    retry: retryPolicy(options.retry),
    timeoutMs: checkedTimeout(options.timeout),
  });
  const resources = Object.fromEntries(
    collectionNames.map((name) => {
      const definition: CollectionDefinition = definitions[name];
      return [
        name,
        definition.single ? singleResource(transport, definition) : collectionResource(transport, definition),
      ];
    }),
  );
  return {
    ...resources,
    baseUrl,
    recordSource: (collection: CollectionName) => {
      if (!Object.hasOwn(definitions, collection)) {
        throw new EtlError({
          kind: "usage",
          code: "COLLECTION_UNKNOWN",
          message: `There is no collection ${JSON.stringify(collection)}.`,
          hint: `The collections are ${collectionNames.join(", ")}.`,
        });
      }
      return recordSourceOf(transport, definitions[collection], maxRecordBytes);
    },
  } as unknown as SpaceXClient;
}
