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

/** Name of a collection. */
export type CollectionName = keyof typeof definitions;

/** The record type of a collection: `RecordOf<"launches">` is `Launch`. */
export type RecordOf<Name extends CollectionName> =
  (typeof definitions)[Name] extends CollectionDefinition<Name, infer Item> ? Item : never;

/** Names of the 14 collections, in alphabetical order. */
export const collectionNames = Object.keys(definitions) as readonly CollectionName[];

export type { CollectionDefinition } from "./collection.ts";
export { type LaunchV4, launchesV4 } from "./launches-v4.ts";
export type { Capsule } from "./types/capsules.ts";
export type { Company } from "./types/company.ts";
export type { Core } from "./types/cores.ts";
export type { CrewMember } from "./types/crew.ts";
export type { Dragon } from "./types/dragons.ts";
export type { HistoryEvent } from "./types/history.ts";
export type { Landpad } from "./types/landpads.ts";
export type { Launch } from "./types/launches.ts";
export type { Launchpad } from "./types/launchpads.ts";
export type { Payload } from "./types/payloads.ts";
export type { Roadster } from "./types/roadster.ts";
export type { Rocket } from "./types/rockets.ts";
export type { Ship } from "./types/ships.ts";
export type { StarlinkSatellite } from "./types/starlink.ts";
export { emptySeatSchema } from "./launches-v4.ts";
export { lazy } from "./fields.ts";
export type {
  CapsuleModel,
  CompanyModel,
  CoreModel,
  CrewModel,
  DragonModel,
  EmptySeat,
  HistoryModel,
  LandpadModel,
  LaunchModel,
  LaunchpadModel,
  LaunchV4Model,
  Model,
  Models,
  PayloadModel,
  RoadsterModel,
  RocketModel,
  ShipModel,
  StarlinkModel,
} from "./models.ts";
export { references, referencesV4, searchable } from "./references.ts";
export { schemas } from "./schemas.ts";
