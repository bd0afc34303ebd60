import { type CollectionName, definitions } from "../src/collections/index.ts";
import { recordModule } from "./record-types.ts";

const RECORDS: Readonly<Record<CollectionName, readonly [name: string, doc: string]>> = {
  capsules: ["Capsule", "A Dragon capsule that was built."],
  company: ["Company", "The company itself; the API has exactly one."],
  cores: ["Core", "A first stage or side booster that was built."],
  crew: ["CrewMember", "A person who flew, or is to fly, on a Dragon."],
  dragons: ["Dragon", "A type of Dragon spacecraft, not a single capsule."],
  history: ["HistoryEvent", "A milestone in the company's history."],
  landpads: ["Landpad", "A pad on land or a drone ship where first stages land."],
  launches: ["Launch", "A launch, past or planned, in the shape of version 5 of the API."],
  launchpads: ["Launchpad", "A launch site."],
  payloads: ["Payload", "Something that a rocket carried: a satellite, a Dragon, a lander."],
  roadster: ["Roadster", "The car that Falcon Heavy launched on its first flight; the API has exactly one."],
  rockets: ["Rocket", "A type of rocket."],
  ships: ["Ship", "A ship that recovers stages, fairings or capsules."],
  starlink: ["StarlinkSatellite", "A Starlink satellite, decayed ones included."],
};

/** The generated modules by the names of their files in src/collections/types. */
export function recordModules(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(RECORDS).map(([collection, [name, doc]]) => [
      `${collection}.ts`,
      recordModule(name, doc, definitions[collection as CollectionName].schema()),
    ]),
  );
}
