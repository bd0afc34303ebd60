import type { RecordSource } from "@spacex-etl/contracts";
import { EtlError } from "@spacex-etl/contracts/errors";
import {
  type CapsuleModel,
  type CollectionName,
  collectionNames,
  type CompanyModel,
  type CoreModel,
  type CrewModel,
  definitions,
  type DragonModel,
  type HistoryModel,
  type LandpadModel,
  type LaunchModel,
  launchesV4,
  type LaunchpadModel,
  type LaunchV4Model,
  type Models,
  type PayloadModel,
  type RoadsterModel,
  type RocketModel,
  type ShipModel,
  type StarlinkModel,
} from "../collections/index.ts";
import { type CallOptions, createTransport } from "../http/index.ts";
import { targetOf, targetOfLaunchesV4 } from "../query/index.ts";
import { type CollectionResource, collectionResource } from "./collection-resource.ts";
import { checkHealth } from "./health.ts";
import { type LaunchesResource, launchesResource } from "./launches-resource.ts";
import {
  type ObjectResource,
  objectResource,
  type QueryableObjectResource,
  queryableObjectResource,
} from "./object-resource.ts";
import { checkedRecordLimit, type SpaceXClientOptions, transportOptions } from "./options.ts";
import { recordSourceOf } from "./record-source.ts";

/** The 51 public routes of the API, all of them reads. */
export interface SpaceXClient {
  /** The address in use, without a slash at the end. */
  readonly baseUrl: string;
  /** Dragon capsules that were built. */
  readonly capsules: CollectionResource<CapsuleModel>;
  /** The company itself, one object. */
  readonly company: ObjectResource<CompanyModel>;
  /** First stages and side boosters that were built. */
  readonly cores: CollectionResource<CoreModel>;
  /** People who flew, or are to fly, on a Dragon. */
  readonly crew: CollectionResource<CrewModel>;
  /** Types of Dragon spacecraft. */
  readonly dragons: CollectionResource<DragonModel>;
  /** Milestones in the company's history. */
  readonly history: CollectionResource<HistoryModel>;
  /** Pads and drone ships where first stages land. */
  readonly landpads: CollectionResource<LandpadModel>;
  /** Launches in the shape of version 5, with the roles of the crew. */
  readonly launches: LaunchesResource<LaunchModel>;
  /** Launch sites. */
  readonly launchpads: CollectionResource<LaunchpadModel>;
  /** Satellites, Dragons and landers that were carried. */
  readonly payloads: CollectionResource<PayloadModel>;
  /** The car in orbit around the Sun, one object. */
  readonly roadster: QueryableObjectResource<RoadsterModel>;
  /** Types of rockets. */
  readonly rockets: CollectionResource<RocketModel>;
  /** Ships that recover stages, fairings or capsules. */
  readonly ships: CollectionResource<ShipModel>;
  /** Satellites of Starlink, those that are no more included. `get` takes the record's id, not the NORAD number. */
  readonly starlink: CollectionResource<StarlinkModel>;
  /** What has an older version beside the newest one: launches. */
  readonly v4: {
    /** Launches in the shape of version 4, with the ids of the crew. Filters and sorts see `crew.crew` all the same. */
    readonly launches: LaunchesResource<LaunchV4Model>;
  };
  /**
   * Resolves when the API says that it is well. Its database is not asked: that can be away all the same.
   *
   * @throws SpaceXRequestError where it does not answer, after retries.
   */
  health(call?: CallOptions): Promise<void>;
  /** A collection as the API's own bytes, for a lake. */
  recordSource(collection: CollectionName): RecordSource;
}

/**
 * A client of the SpaceX API: version 5 of launches, version 4 of everything else. It holds no connection and needs no
 * closing.
 *
 * Errors are `EtlError`s: `source` (failed, cut off, not found), `busy` (429 to the end, or a `Retry-After` beyond the
 * cap), `auth` (401, 403), `usage` (options, a query that the API would misunderstand or refuses), `data` (a record that
 * does not fit its type). Those of requests are `SpaceXRequestError`s, with status and body. An aborted signal throws its
 * own reason.
 *
 * @throws EtlError of kind `usage`, code `CLIENT_OPTION`, for an option that makes no sense.
 */
export function createSpaceXClient(options: SpaceXClientOptions = {}): SpaceXClient {
  const sending = transportOptions(options);
  const transport = createTransport(sending);
  const maxRecordBytes = checkedRecordLimit(options.maxRecordBytes);

  const collection = <Name extends CollectionName>(name: Name): CollectionResource<Models[Name]> =>
    collectionResource(transport, definitions[name], () => targetOf(name));

  return {
    baseUrl: sending.baseUrl,
    capsules: collection("capsules"),
    company: objectResource(transport, definitions.company),
    cores: collection("cores"),
    crew: collection("crew"),
    dragons: collection("dragons"),
    history: collection("history"),
    landpads: collection("landpads"),
    launches: launchesResource(transport, definitions.launches, () => targetOf("launches")),
    launchpads: collection("launchpads"),
    payloads: collection("payloads"),
    roadster: queryableObjectResource(transport, definitions.roadster, () => targetOf("roadster")),
    rockets: collection("rockets"),
    ships: collection("ships"),
    starlink: collection("starlink"),
    v4: { launches: launchesResource(transport, launchesV4, targetOfLaunchesV4) },
    health: (call) => checkHealth(transport, call),
    recordSource: (name) => {
      if (Object.hasOwn(definitions, name))
        return recordSourceOf(transport, definitions[name], maxRecordBytes);
      throw new EtlError({
        kind: "usage",
        code: "COLLECTION_UNKNOWN",
        message: `There is no collection ${JSON.stringify(name)}.`,
        hint: `The collections are ${collectionNames.join(", ")}.`,
      });
    },
  };
}
