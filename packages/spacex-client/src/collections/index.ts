import { capsules } from "./capsules.ts";
import type { CollectionDefinition } from "./collection.ts";
import { company } from "./company.ts";
import { cores } from "./cores.ts";
import { crew } from "./crew.ts";
import { dragons } from "./dragons.ts";
import { history } from "./history.ts";
import { landpads } from "./landpads.ts";
import { launches } from "./launches.ts";
import { launchpads } from "./launchpads.ts";
import { payloads } from "./payloads.ts";
import { roadster } from "./roadster.ts";
import { rockets } from "./rockets.ts";
import { ships } from "./ships.ts";
import { starlink } from "./starlink.ts";

/** The 14 collections, in alphabetical order. */
export const definitions = {
  capsules,
  company,
  cores,
  crew,
  dragons,
  history,
  landpads,
  launches,
  launchpads,
  payloads,
  roadster,
  rockets,
  ships,
  starlink,
} as const;

export type CollectionName = keyof typeof definitions;

/** The record type of a collection: `RecordOf<"launches">` is `Launch`. */
export type RecordOf<Name extends CollectionName> =
  (typeof definitions)[Name] extends CollectionDefinition<Name, infer Item> ? Item : never;

/** Names of the 14 collections, in alphabetical order. */
export const collectionNames = Object.keys(definitions) as readonly CollectionName[];

export type { CollectionDefinition } from "./collection.ts";
export { type Capsule, capsuleSchema } from "./capsules.ts";
export { type Company, companySchema } from "./company.ts";
export { type Core, coreSchema } from "./cores.ts";
export { type CrewMember, crewMemberSchema } from "./crew.ts";
export { type Dragon, dragonSchema } from "./dragons.ts";
export { type HistoryEvent, historyEventSchema } from "./history.ts";
export { type Landpad, landpadSchema } from "./landpads.ts";
export { type Launch, launchSchema } from "./launches.ts";
export { type Launchpad, launchpadSchema } from "./launchpads.ts";
export { type Payload, payloadSchema } from "./payloads.ts";
export { type Roadster, roadsterSchema } from "./roadster.ts";
export { type Rocket, rocketSchema } from "./rockets.ts";
export { type Ship, shipSchema } from "./ships.ts";
export { type StarlinkSatellite, starlinkSchema } from "./starlink.ts";
