import type { SyntheticLaunches } from "./launches.ts";
import { type Plan, scatter } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { freeText, unless } from "./texts.ts";

/** Records of the smaller generated collections, each made from its position. */
export interface LinkedRecords {
  cores(index: number): unknown;
  crew(index: number): unknown;
  capsules(index: number): unknown;
  ships(index: number): unknown;
}

const STATUSES = ["active", "inactive", "unknown", "expended", "lost", "retired"] as const;
const CAPSULE_STATUSES = ["active", "retired", "unknown", "destroyed"] as const;

const VARIANTS = 256;

export function linkedRecords(plan: Plan, launches: SyntheticLaunches): LinkedRecords {
  const { ids } = plan;
  const launchIds = (positions: readonly number[]) => positions.map((launch) => ids.launches.text(launch));
  /** What does not depend on the position, made once for all records. */
  const variants = <T>(kind: string, make: (random: Random) => T): ((index: number) => T) => {
    const random = createRandom(`${kind} ${plan.seed}`);
    const pool = Array.from({ length: VARIANTS }, () => make(random));
    return (index) => pool[scatter(index, plan.seed) % VARIANTS] as T;
  };
  const core = variants("core", coreFields);
  const person = variants("crew", crewFields);
  const capsule = variants("capsule", capsuleFields);
  const ship = variants("ship", shipFields);

  return {
    cores(index) {
      const flown = plan.launchesOfCore(index);
      const landings = flown.map((launch) => {
        const place = [0, 1, 2].find((at) => plan.coreOf(launch, at) === index) ?? 0;
        return launches.variantOf(launch).landings[place];
      });
      const count = (type: string, field: "attempt" | "success") =>
        landings.filter((landing) => landing?.type === type && landing[field] === true).length;
      const { block, last_update, status } = core(index);
      return {
        block,
        reuse_count: Math.max(0, flown.length - 1),
        rtls_attempts: count("RTLS", "attempt"),
        rtls_landings: count("RTLS", "success"),
        asds_attempts: count("ASDS", "success"),
        asds_landings: count("ASDS", "success"),
        last_update,
        launches: launchIds(flown),
        serial: `B${1001 + index}`,
        status,
        id: ids.cores.text(index),
      };
    },
    crew(index) {
      const { firstName, ...fields } = person(index);
      return {
        name: `${firstName} ${index + 1}`,
        ...fields,
        launches: launchIds(plan.launchesOfCrew(index)),
        status: "active",
        id: ids.crew.text(index),
      };
    },
    capsules(index) {
      const flown = plan.launchesOfCapsule(index);
      const { last_update, status, type } = capsule(index);
      return {
        reuse_count: Math.max(0, flown.length - 1),
        water_landings: flown.length,
        land_landings: 0,
        last_update,
        launches: launchIds(flown),
        serial: `C${101 + index}`,
        status,
        type,
        id: ids.capsules.text(index),
      };
    },
    ships(index) {
      const { active, legacy, ...fields } = ship(index);
      return {
        legacy_id: legacy ? `SHIP${index + 1}` : null,
        ...fields,
        launches: launchIds(plan.launchesOfShip(index)),
        name: `Recovery Ship ${index + 1}`,
        active,
        id: ids.ships.text(index),
      };
    },
  };
}

function coreFields(random: Random) {
  return {
    block: unless(random, 5 / 73, () => random.integer(1, 5)),
    last_update: unless(random, 9 / 73, () => freeText(random)),
    status: random.pick(STATUSES),
  };
}

function crewFields(random: Random) {
  return {
    firstName: random.pick(["Anne", "Bjørn", "Çelik", "Дмитрий", "野口"]),
    agency: random.pick(["NASA", "SpaceX", "JAXA", "ESA", "Axiom Space"]),
    image: `https://images.example/${random.hex(7)}.png`,
    wikipedia: `https://en.wikipedia.example/wiki/${random.hex(8)}`,
  };
}

function capsuleFields(random: Random) {
  return {
    // The real ones end in a space now and then.
    last_update: `${freeText(random)} `,
    status: random.pick(CAPSULE_STATUSES),
    type: random.pick(["Dragon 1.0", "Dragon 1.1", "Dragon 2.0"]),
  };
}

function shipFields(random: Random) {
  const mass = unless(random, 8 / 29, () => random.integer(15_000, 900_000));
  const classed = unless(random, 11 / 29, () => random.integer(7_000_000, 20_000_000));
  const placed = random.chance(2 / 29);
  return {
    legacy: !random.chance(7 / 29),
    model: unless(random, 26 / 29, () => "Hull type A"),
    type: random.pick(["Tug", "Cargo", "Barge", "High Speed Craft"]),
    roles: [random.pick(["Support Ship", "Fairing Recovery", "ASDS Tug", "Dragon Recovery"])],
    imo: unless(random, 8 / 29, () => random.integer(7_000_000, 9_999_999)),
    mmsi: unless(random, 5 / 29, () => random.integer(366_000_000, 368_999_999)),
    abs: classed,
    class: classed,
    mass_kg: mass,
    mass_lbs: mass === null ? null : Math.round(mass * 2.204_62),
    year_built: unless(random, 3 / 29, () => random.integer(1967, 2019)),
    home_port: random.pick(["Port Canaveral", "Port of Los Angeles"]),
    status: unless(random, 12 / 29, () => ""),
    speed_kn: null,
    course_deg: null,
    latitude: placed ? 28.408 : null,
    longitude: placed ? -80.607 : null,
    last_ais_update: null,
    link: unless(random, 5 / 29, () => `https://ships.example/${random.hex(8)}`),
    image: unless(random, 3 / 29, () => `https://images.example/${random.hex(7)}.jpg`),
    active: random.chance(0.5),
  };
}
