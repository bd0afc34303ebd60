import { createRandom } from "../../src/synthetic/random.ts";
import { idsInLaunches, pastLaunches } from "./facts.ts";
import type { Item, Launch, SourceRecords } from "./source-records.ts";

const CAPSULE_TYPES = new Map([
  ["Crew Dragon", "Dragon 2.0"],
  ["Dragon 2.0", "Dragon 2.0"],
  ["Dragon 1.1", "Dragon 1.1"],
]);

/** A core of which only the id is known. */
export function unrecordedCore(id: string, index: number): Item {
  return {
    block: 5,
    reuse_count: 0,
    rtls_attempts: 0,
    rtls_landings: 0,
    asds_attempts: 0,
    asds_landings: 0,
    last_update: null,
    launches: [],
    serial: `B19${String(index + 1).padStart(2, "0")}`,
    status: "active",
    id,
  };
}

/** A crew member of whom only the id is known. */
export function unrecordedCrewMember(id: string, index: number): Item {
  return {
    name: `Crew member ${index + 19}`,
    agency: null,
    image: null,
    wikipedia: null,
    launches: [],
    status: "unknown",
    id,
  };
}

/** Capsules by the ids in launches and payloads; type and flights are what those say, the rest is made up. */
export function generateCapsules(source: SourceRecords): Item[] {
  const ids = idsInLaunches(source, (launch) => launch.capsules);
  for (const { dragon } of source.payloads) {
    if (dragon.capsule !== null && !ids.includes(dragon.capsule)) ids.push(dragon.capsule);
  }
  return ids.map((id, index) => {
    const carried = source.payloads.filter((payload) => payload.dragon.capsule === id);
    const flown = pastLaunches(source, (launch) => launch.capsules.includes(id));
    const type = CAPSULE_TYPES.get(carried[0]?.type ?? "") ?? "Dragon 1.0";
    const landings = carried.filter((payload) => payload.dragon.water_landing === true).length;
    return {
      reuse_count: Math.max(0, flown.length - 1),
      water_landings: landings,
      land_landings: 0,
      last_update: null,
      launches: flown.map((launch) => launch.id),
      serial: `C${101 + index}`,
      status: type === "Dragon 2.0" ? "active" : landings === 0 ? "unknown" : "retired",
      type,
      id,
    };
  });
}

const SHIP_TYPES = ["Tug", "Cargo", "Barge", "High Speed Craft"] as const;
const SHIP_ROLES = {
  Tug: ["ASDS Tug"],
  Cargo: ["Support Ship", "Dragon Recovery"],
  Barge: ["ASDS barge"],
  "High Speed Craft": ["Fairing Recovery"],
} as const;
const SHIP_PORTS = ["Port Canaveral", "Port of Los Angeles", "Fort Lauderdale"] as const;

/** Ships by the ids in launches; their flights are what those say, the rest is made up at the API's rates of null. */
export function generateShips(source: SourceRecords): Item[] {
  const ids = idsInLaunches(source, (launch) => [...launch.ships, ...(launch.fairings?.ships ?? [])]);
  return ids.map((id, index) => {
    const random = createRandom(`ship ${id}`);
    const flown = pastLaunches(
      source,
      (launch) => launch.ships.includes(id) || (launch.fairings?.ships.includes(id) ?? false),
    );
    const type = SHIP_TYPES[index < 12 ? 0 : index < 23 ? 1 : index < 27 ? 2 : 3] ?? "Tug";
    const number = String(index + 1).padStart(2, "0");
    const mass = random.chance(8 / 29) ? null : random.integer(150, 9_000) * 100;
    const registered = !random.chance(11 / 29);
    const classed = registered ? random.integer(7_000_000, 20_000_000) : null;
    const placed = index < 2;
    return {
      legacy_id: random.chance(7 / 29) ? null : `SHIP${number}`,
      model: index % 10 === 9 ? "Hull type A" : null,
      type,
      roles: SHIP_ROLES[type],
      imo: random.chance(8 / 29) ? null : random.integer(7_000_000, 9_999_999),
      mmsi: random.chance(5 / 29) ? null : random.integer(366_000_000, 368_999_999),
      abs: classed,
      class: classed,
      mass_kg: mass,
      mass_lbs: mass === null ? null : Math.round(mass * 2.204_62),
      year_built: random.chance(3 / 29) ? null : random.integer(1967, 2019),
      home_port: random.pick(SHIP_PORTS),
      status: index % 5 < 3 ? "" : null,
      speed_kn: null,
      course_deg: null,
      latitude: placed ? 28.408 : null,
      longitude: placed ? -80.607 : null,
      last_ais_update: null,
      link: null,
      image: null,
      launches: flown.map((launch) => launch.id),
      name: `Recovery Ship ${number}`,
      active: flown.some((launch) => launch.date_utc >= "2021"),
      id,
    };
  });
}

/** Two spacecraft types with round made-up numbers of the right order. */
export function generateDragons(): Item[] {
  const volume = (cubicMeters: number) => ({
    cubic_meters: cubicMeters,
    cubic_feet: Math.round(cubicMeters * 35.3147),
  });
  const mass = (kg: number) => ({ kg, lb: Math.round(kg * 2.204_62) });
  const dragon = (index: 1 | 2, own: Item): Item => ({
    heat_shield: { material: "Ablator", size_meters: 3.6, temp_degrees: 3000, dev_partner: null },
    launch_payload_mass: mass(6000),
    launch_payload_vol: volume(25),
    return_payload_mass: mass(3000),
    return_payload_vol: volume(11),
    pressurized_capsule: { payload_volume: volume(11) },
    trunk: { trunk_volume: volume(14), cargo: { solar_array: 2, unpressurized_cargo: true } },
    height_w_trunk: { meters: 7.2, feet: 23.6 },
    diameter: { meters: 3.7, feet: 12 },
    flickr_images: [],
    name: `Dragon ${index}`,
    type: "capsule",
    sidewall_angle_deg: 15,
    orbit_duration_yr: 2,
    ...own,
    wikipedia: null,
    description: null,
    id: `5e9d0000${createRandom(`dragon ${index}`).hex(16)}`,
  });
  const thruster = (type: string, amount: number, kN: number) => ({
    type,
    amount,
    pods: 4,
    fuel_1: "nitrogen tetroxide",
    fuel_2: "monomethylhydrazine",
    isp: 300,
    thrust: { kN, lbf: Math.round(kN * 224.809) },
  });
  return [
    dragon(1, {
      active: false,
      crew_capacity: 0,
      dry_mass_kg: 4200,
      dry_mass_lb: 9259,
      first_flight: "2010-12-08",
      thrusters: [thruster("Attitude thruster", 18, 0.4)],
    }),
    dragon(2, {
      active: true,
      crew_capacity: 7,
      dry_mass_kg: 7000,
      dry_mass_lb: 15_432,
      first_flight: "2019-03-02",
      thrusters: [thruster("Attitude thruster", 16, 0.4), thruster("Abort engine", 8, 70)],
    }),
  ];
}

/** Fifteen dates that stand out in the launches; without title and text. */
export function generateHistory(source: SourceRecords): Item[] {
  const past = source.launches.filter((launch) => !launch.upcoming);
  const landed = (type: string) => (launch: Launch) =>
    launch.cores.some((core) => core.landing_type === type && core.landing_success === true);
  const rules: readonly ((launch: Launch) => boolean)[] = [
    (launch) => launch.success === false,
    (launch) => launch.success === true,
    (launch) => launch.capsules.length > 0,
    landed("RTLS"),
    landed("ASDS"),
    (launch) => launch.cores.some((core) => core.reused === true),
    (launch) => launch.cores.length === 3,
    (launch) => launch.crew.length > 0,
    (launch) => launch.ships.length > 0,
    (launch) => launch.fairings?.ships.length === 2,
    ...source.rockets.map((rocket) => (launch: Launch) => launch.rocket === rocket["id"]),
    ...[2014, 2016, 2018, 2020, 2021, 2022].map(
      (year) => (launch: Launch) => launch.date_utc.startsWith(`${year}-`),
    ),
  ];
  const chosen = new Set(rules.map((rule) => past.find(rule)).filter((launch) => launch !== undefined));
  for (const launch of past.filter((_, index) => index % 12 === 5)) {
    if (chosen.size >= 15) break;
    chosen.add(launch);
  }
  return [...chosen]
    .slice(0, 15)
    .sort((one, other) => past.indexOf(one) - past.indexOf(other))
    .map((launch, index) => ({
      links: { article: index % 8 === 3 ? null : launch.links.article },
      title: null,
      event_date_utc: launch.date_utc.replace(/\.\d{3}Z$/, "Z"),
      event_date_unix: launch.date_unix,
      details: null,
      id: `5f6fb2${createRandom(`history ${index}`).hex(18)}`,
    }));
}
