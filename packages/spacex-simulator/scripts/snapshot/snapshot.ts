import { coreFacts, crewFacts, launchFacts, withoutText } from "./facts.ts";
import {
  generateCapsules,
  generateDragons,
  generateHistory,
  generateShips,
  unrecordedCore,
  unrecordedCrewMember,
} from "./generated.ts";
import type { Item, SourceRecords } from "./source-records.ts";
import { generateSatellites } from "./starlink.ts";

/** One collection of the snapshot and where it comes from. */
export interface SnapshotCollection {
  readonly name: string;
  readonly records: readonly Item[];
  readonly recorded: string;
  readonly leftOut: string;
  readonly generated: string;
}

/** All 14 collections, by name. The same source gives the same records. */
export function makeSnapshot(source: SourceRecords): SnapshotCollection[] {
  const cores = coreFacts(source, unrecordedCore);
  const crew = crewFacts(source, unrecordedCrewMember);
  const newCores = cores.length - source.cores.length;
  const newCrew = crew.length - source.crew.length;
  return [
    {
      name: "capsules",
      records: generateCapsules(source),
      recorded: "ids as launches and payloads name them; type, flights and water landings as those say",
      leftOut: "last_update",
      generated: "serial, status, land_landings",
    },
    {
      name: "company",
      records: withoutText([source.company], "summary"),
      recorded: "2021-10-13",
      leftOut: "summary",
      generated: "–",
    },
    {
      name: "cores",
      records: cores,
      recorded: `${source.cores.length} of 2021-10-11; launches and counters computed anew from the frozen launches`,
      leftOut: "last_update",
      generated: `serial, block and status of the ${newCores} cores that only newer launches name`,
    },
    {
      name: "crew",
      records: crew,
      recorded: `${source.crew.length} of 2021-10-16; launches computed anew from the frozen launches`,
      leftOut: "agency, image and wikipedia of the generated ones",
      generated: `name and status of the ${newCrew} members that only newer launches name`,
    },
    {
      name: "dragons",
      records: generateDragons(),
      recorded: "nothing",
      leftOut: "description, wikipedia, flickr_images",
      generated: "all of it",
    },
    {
      name: "history",
      records: generateHistory(source),
      recorded: "dates and article addresses of launches that stand out",
      leftOut: "title, details",
      generated: "the choice of events and their ids",
    },
    {
      name: "landpads",
      records: withoutText(source.landpads, "details"),
      recorded: "2026-03-21",
      leftOut: "details",
      generated: "–",
    },
    {
      name: "launches",
      records: launchFacts(source.launches),
      recorded: "2026-03-21 (version 4); crew seats as in version 5",
      leftOut: "details; failures[].reason",
      generated: "–",
    },
    {
      name: "launchpads",
      records: withoutText(source.launchpads, "details"),
      recorded: "2026-03-21",
      leftOut: "details",
      generated: "–",
    },
    { name: "payloads", records: source.payloads, recorded: "2026-03-21", leftOut: "–", generated: "–" },
    {
      name: "roadster",
      records: withoutText([source.roadster], "details"),
      recorded: "2026-03-21",
      leftOut: "details",
      generated: "–",
    },
    {
      name: "rockets",
      records: withoutText(source.rockets, "description"),
      recorded: "2021-10-16",
      leftOut: "description",
      generated: "–",
    },
    {
      name: "ships",
      records: generateShips(source),
      recorded: "ids as launches name them; flights as those say",
      leftOut: "link, image",
      generated: "everything else",
    },
    {
      name: "starlink",
      records: generateSatellites(source.starlink),
      recorded:
        "2021-04-22: id, version, launch, OBJECT_NAME, OBJECT_ID, NORAD_CAT_ID, LAUNCH_DATE, DECAY_DATE, DECAYED",
      leftOut: "–",
      generated: "all orbital elements, two-line elements, epochs and positions; other catalogue fields",
    },
  ];
}
