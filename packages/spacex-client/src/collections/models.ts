import type { LaunchV4 } from "./launches-v4.ts";
import type { Capsule } from "./types/capsules.ts";
import type { Company } from "./types/company.ts";
import type { Core } from "./types/cores.ts";
import type { CrewMember } from "./types/crew.ts";
import type { Dragon } from "./types/dragons.ts";
import type { HistoryEvent } from "./types/history.ts";
import type { Landpad } from "./types/landpads.ts";
import type { Launch } from "./types/launches.ts";
import type { Launchpad } from "./types/launchpads.ts";
import type { Payload } from "./types/payloads.ts";
import type { Roadster } from "./types/roadster.ts";
import type { Rocket } from "./types/rockets.ts";
import type { Ship } from "./types/ships.ts";
import type { StarlinkSatellite } from "./types/starlink.ts";

/** What the types of queries need to know of a resource. */
export interface Model {
  /** Name of the collection. */
  readonly name: string;
  /** What is answered. */
  readonly record: object;
  /** What filters and sorts see; other than the record in version 4 of launches only. */
  readonly stored: object;
  /** Fields that hold ids, by path, and whose. These can be populated. */
  readonly references: object;
  /** Whether `$text` can be used: the API has indexed some text fields of it. */
  readonly searchable: boolean;
}

interface Of<Name extends string, Record, Searchable extends boolean> {
  readonly name: Name;
  readonly record: Record;
  readonly stored: Record;
  readonly searchable: Searchable;
}

/** Of records that name no other record. */
type NoReferences = Readonly<Record<never, never>>;

interface ToLaunches {
  readonly launches: LaunchModel;
}

/** Dragon capsules, of which `launches` and `dragon` can be populated. */
export interface CapsuleModel extends Of<"capsules", Capsule, true> {
  readonly references: ToLaunches & { readonly dragon: DragonModel };
}

/** The company, which cannot be queried. */
export interface CompanyModel extends Of<"company", Company, false> {
  readonly references: NoReferences;
}

/** Cores, of which `launches` can be populated. */
export interface CoreModel extends Of<"cores", Core, true> {
  readonly references: ToLaunches;
}

/** Crew members, of whom `launches` can be populated. */
export interface CrewModel extends Of<"crew", CrewMember, true> {
  readonly references: ToLaunches;
}

/** Types of Dragon spacecraft, which name no other record. */
export interface DragonModel extends Of<"dragons", Dragon, true> {
  readonly references: NoReferences;
}

/** Milestones, which name no other record. */
export interface HistoryModel extends Of<"history", HistoryEvent, true> {
  readonly references: NoReferences;
}

/** Landpads, of which `launches` can be populated. */
export interface LandpadModel extends Of<"landpads", Landpad, true> {
  readonly references: ToLaunches;
}

/** What both versions of launches can populate. */
interface LaunchReferences {
  readonly rocket: RocketModel;
  readonly launchpad: LaunchpadModel;
  readonly payloads: PayloadModel;
  readonly capsules: CapsuleModel;
  readonly ships: ShipModel;
  readonly "fairings.ships": ShipModel;
  readonly "cores.core": CoreModel;
  readonly "cores.landpad": LandpadModel;
}

/** Launches of version 5, of which everything that holds ids can be populated. */
export interface LaunchModel extends Of<"launches", Launch, true> {
  readonly references: LaunchReferences & { readonly "crew.crew": CrewModel };
}

/** What version 4 answers instead of a crew member whose record does not exist. */
export interface EmptySeat {
  readonly crew: null;
  readonly role: string | null;
}

/** Launches of version 4: as in version 5, but `crew` for `crew.crew`. */
export interface LaunchV4Model {
  readonly name: "launches";
  readonly record: LaunchV4;
  readonly stored: Launch;
  readonly references: LaunchReferences & { readonly crew: CrewModel };
  readonly searchable: true;
  /** What stands in a list for a record that does not exist, where the API keeps its place. */
  readonly dangling: { readonly crew: EmptySeat };
}

/** Launchpads, of which `rockets` and `launches` can be populated. */
export interface LaunchpadModel extends Of<"launchpads", Launchpad, true> {
  readonly references: ToLaunches & { readonly rockets: RocketModel };
}

/** Payloads, of which `launch` and `dragon.capsule` can be populated. */
export interface PayloadModel extends Of<"payloads", Payload, true> {
  readonly references: { readonly launch: LaunchModel; readonly "dragon.capsule": CapsuleModel };
}

/** The roadster, which names no other record. */
export interface RoadsterModel extends Of<"roadster", Roadster, false> {
  readonly references: NoReferences;
}

/** Rockets, which name no other record. */
export interface RocketModel extends Of<"rockets", Rocket, true> {
  readonly references: NoReferences;
}

/** Ships, of which `launches` can be populated. */
export interface ShipModel extends Of<"ships", Ship, true> {
  readonly references: ToLaunches;
}

/** Satellites of Starlink, of which `launch` can be populated. */
export interface StarlinkModel extends Of<"starlink", StarlinkSatellite, false> {
  readonly references: { readonly launch: LaunchModel };
}

/** The models of the 14 collections. */
export interface Models {
  readonly capsules: CapsuleModel;
  readonly company: CompanyModel;
  readonly cores: CoreModel;
  readonly crew: CrewModel;
  readonly dragons: DragonModel;
  readonly history: HistoryModel;
  readonly landpads: LandpadModel;
  readonly launches: LaunchModel;
  readonly launchpads: LaunchpadModel;
  readonly payloads: PayloadModel;
  readonly roadster: RoadsterModel;
  readonly rockets: RocketModel;
  readonly ships: ShipModel;
  readonly starlink: StarlinkModel;
}
