import type { SimulatorData } from "@spacex-etl/spacex-simulator";
import type { MartName } from "./marts.ts";

type Json = Record<string, unknown>;

export interface Snapshot {
  /** Parsed anew at each call, so that they may be changed. */
  records(collection: string): Json[];
}

export function readSnapshot(data: SimulatorData): Snapshot {
  return {
    records(collection) {
      const list = data.collections.get(collection);
      if (list === undefined) throw new Error(`The snapshot has no ${collection}`);
      return Array.from(
        { length: list.length },
        (_, index) => JSON.parse(Buffer.from(list.record(index)).toString()) as Json,
      );
    },
  };
}

/** A few edits of the kinds that matter, and what must follow from them. */
export interface Edited {
  /** All records of each collection that an edit touches. */
  readonly replaced: Readonly<Record<string, readonly Json[]>>;
  readonly renamed: string;
  /** Its only change is one field of an element of its array `cores`. */
  readonly landingLost: string;
  readonly removed: string;
  readonly added: string;
  readonly reweighed: { readonly payload: string; readonly launch: string; readonly massKg: number };
  readonly renamedRocket: { readonly rocket: string; readonly launches: readonly string[] };
  /** Keys whose row says something else afterwards, sorted. */
  readonly expectedKeys: Readonly<Record<MartName, readonly string[]>>;
}

export function editSnapshot(snapshot: Snapshot): Edited {
  const launches = snapshot.records("launches");
  const payloads = snapshot.records("payloads");
  const rockets = snapshot.records("rockets");
  const withSatellites = new Set(snapshot.records("starlink").map(({ launch }) => launch));

  const falcon9 = named(rockets, "Falcon 9");
  const heavy = named(rockets, "Falcon Heavy");
  const coresOf = (launch: Json): Json[] => launch["cores"] as Json[];
  const flights = (core: unknown): number =>
    launches.filter((launch) => coresOf(launch).some((slot) => slot["core"] === core)).length;
  const listings = (payload: string): Json[] =>
    launches.filter((launch) => (launch["payloads"] as string[]).includes(payload));

  // Launches of one rocket with one core and one payload of known mass that names no other launch, without satellites.
  const plain = launches.filter((launch) => {
    const [payloadId = "", ...more] = launch["payloads"] as string[];
    const payload = payloads.find(({ id }) => id === payloadId);
    return (
      launch["rocket"] === falcon9["id"] &&
      launch["upcoming"] === false &&
      launch["success"] === true &&
      coresOf(launch).length === 1 &&
      more.length === 0 &&
      typeof payload?.["mass_kg"] === "number" &&
      payload["launch"] === launch["id"] &&
      listings(payloadId).length === 1 &&
      !withSatellites.has(launch["id"])
    );
  });
  const used = new Set<Json>();
  const pick = (fits: (launch: Json) => boolean): Json => {
    // The first and the last launches are left out: the marts have their times.
    const found = plain.slice(5, -5).find((launch) => !used.has(launch) && fits(launch));
    if (found === undefined) throw new Error("The snapshot has no launch for this edit");
    used.add(found);
    return found;
  };
  const coreOf = (launch: Json): unknown => coresOf(launch)[0]?.["core"];
  const renamed = pick((launch) => flights(coreOf(launch)) === 1);
  const landed = pick((launch) => coresOf(launch)[0]?.["landing_success"] === true);
  const removed = pick((launch) => coreOf(launch) !== coreOf(landed) && flights(coreOf(launch)) > 1);
  const heavier = pick((launch) => coreOf(launch) !== coreOf(removed));

  renamed["name"] = "A renamed launch";
  for (const slot of coresOf(landed)) slot["landing_success"] = false;
  const payload = payloads.find(({ id }) => id === (heavier["payloads"] as string[])[0]);
  if (payload === undefined) throw new Error("The payload is gone");
  const massKg = Number(payload["mass_kg"]) + 1000;
  payload["mass_kg"] = massKg;
  heavy["name"] = "A renamed rocket";
  const added: Json = {
    ...structuredClone(launches.find(({ upcoming }) => upcoming === true)),
    id: "f".repeat(24),
    name: "An added launch",
    rocket: falcon9["id"],
    launchpad: heavier["launchpad"],
    payloads: [],
    cores: [],
    crew: [],
    ships: [],
    capsules: [],
    failures: [],
  };
  const after = [...launches.filter((launch) => launch !== removed), added];

  const id = (record: Json): string => String(record["id"]);
  const heavyLaunches = launches.filter(({ rocket }) => rocket === heavy["id"]).map(id);
  const payloadsNaming = (launch: Json): string[] =>
    payloads.filter((each) => each["launch"] === launch["id"]).map(id);
  const sorted = (keys: readonly unknown[]): string[] => [...new Set(keys.map(String))].toSorted();
  return {
    replaced: { launches: after, payloads, rockets },
    renamed: id(renamed),
    landingLost: id(landed),
    removed: id(removed),
    added: id(added),
    reweighed: { payload: id(payload), launch: id(heavier), massKg },
    renamedRocket: { rocket: id(heavy), launches: heavyLaunches },
    expectedKeys: {
      spacex_launches: sorted([renamed, landed, removed, added, heavier].map(id).concat(heavyLaunches)),
      // Their launches, landings and masses; and a name.
      spacex_rockets: sorted([falcon9["id"], heavy["id"]]),
      // The only flight of one is called otherwise, one landed once less, one flew once less.
      spacex_cores: sorted([renamed, landed, removed].map(coreOf)),
      // Name of the launch; a launch that is gone; a mass.
      spacex_payloads: sorted([...payloadsNaming(renamed), ...payloadsNaming(removed), payload["id"]]),
      // One launch less, one planned launch more, and a mass.
      spacex_launch_sites: sorted([removed["launchpad"], heavier["launchpad"]]),
      spacex_starlink: [],
    },
  };
}

function named(records: readonly Json[], name: string): Json {
  const found = records.find((record) => record["name"] === name);
  if (found === undefined) throw new Error(`The snapshot has no ${name}`);
  return found;
}
