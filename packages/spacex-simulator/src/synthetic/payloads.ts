import { writeInteger } from "./digits.ts";
import { type LaunchKind, type Plan, scatter } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { compileTemplate, type Slot, type Template } from "./template.ts";
import { address, missionName, unless } from "./texts.ts";

const VARIANTS = 64;
const FIRST_NORAD_ID = 60_000;
/** Odd but valid: a whole number that is written as a fraction. */
const WHOLE_AS_FRACTION = "@{=1350.0}";

/** The payloads of a plan: satellites, and Dragons where the launch has a capsule. */
export function syntheticPayloads(plan: Plan): Slot {
  const pool = (kind: LaunchKind): readonly Template[] => {
    const random = createRandom(`payloads ${kind} ${plan.seed}`);
    return Array.from({ length: VARIANTS }, () => compileTemplate(payload(random, kind), payloadSlots(plan)));
  };
  const satellites = pool("satellite");
  const pools: Readonly<Record<LaunchKind, readonly Template[]>> = {
    satellite: satellites,
    heavy: satellites,
    cargo: pool("cargo"),
    crew: pool("crew"),
  };
  return (target, offset, index) => {
    const templates = pools[plan.kindOf(plan.launchOfPayload(index))];
    return (templates[scatter(index, plan.seed + 1) % VARIANTS] as Template)(target, offset, index);
  };
}

function payload(random: Random, kind: LaunchKind) {
  const dragon = kind === "cargo" || kind === "crew";
  const mass = unless(random, 29 / 225, () => random.integer(20, 12_000));
  const orbiting = !random.chance(111 / 225);
  const element = (low: number, high: number, decimals: number) =>
    orbiting ? random.decimal(low, high, decimals) : null;
  return {
    dragon: {
      capsule: dragon ? "@{capsule}" : null,
      mass_returned_kg: dragon ? unless(random, 0.3, () => random.decimal(500, 3_000, 1)) : null,
      mass_returned_lbs: dragon ? unless(random, 0.3, () => random.decimal(1_100, 6_600, 1)) : null,
      flight_time_sec: dragon ? unless(random, 0.2, () => random.integer(10_000, 15_000_000)) : null,
      manifest: dragon
        ? unless(random, 0.4, () => address(random, "www.nasa", "manifest/", 8, ".pdf"))
        : null,
      water_landing: dragon ? unless(random, 0.1, () => true) : null,
      land_landing: dragon ? unless(random, 0.2, () => false) : null,
    },
    name: `${missionName(random)} payload @{number}`,
    type:
      kind === "crew"
        ? "Crew Dragon"
        : kind === "cargo"
          ? random.pick(["Dragon 1.1", "Dragon 2.0"])
          : "Satellite",
    reused: dragon && random.chance(0.5),
    launch: "@{launch}",
    customers: random.chance(0.02)
      ? []
      : [random.pick(["NASA", "SpaceX", "SES", "Iridium", "Çağrı Uydu A.Ş.", "US Air Force"])],
    norad_ids: random.chance(108 / 225) ? [] : ["@{#norad}"],
    nationalities: random.chance(0.02)
      ? []
      : [random.pick(["United States", "Luxembourg", "Japan", "Türkiye"])],
    manufacturers: random.chance(0.08)
      ? []
      : [random.pick(["SpaceX", "Boeing", "Thales Alenia Space", "SSL"])],
    mass_kg: mass === null ? null : random.chance(0.05) ? WHOLE_AS_FRACTION : mass,
    mass_lbs:
      mass === null ? null : random.chance(0.05) ? "@{=2976.20}" : Number((mass * 2.204_62).toFixed(1)),
    orbit: dragon
      ? "ISS"
      : unless(random, 1 / 225, () => random.pick(["VLEO", "GTO", "LEO", "PO", "SSO", "MEO"])),
    reference_system: unless(random, 1 / 225, () => "geocentric"),
    regime: unless(random, 3 / 225, () => random.pick(["low-earth", "geostationary", "sun-synchronous", ""])),
    longitude: unless(random, 189 / 225, () => random.integer(-140, 160)),
    semi_major_axis_km: element(6_600, 42_166, 3),
    eccentricity: element(0.0001, 0.02, 7),
    periapsis_km: element(250, 35_780, 3),
    apoapsis_km: element(300, 35_800, 3),
    inclination_deg: element(0, 98, 4),
    period_min: element(88, 1_436, 3),
    lifespan_years: unless(random, 156 / 225, () => random.pick([0.005_479_45, 5, 15, 3_500_000])),
    epoch: orbiting ? `2022-11-${String(random.integer(1, 30)).padStart(2, "0")}T14:38:43.000Z` : null,
    mean_motion: element(1, 16, 8),
    raan: element(0, 360, 4),
    arg_of_pericenter: element(0, 360, 4),
    mean_anomaly: element(0, 360, 4),
    id: "@{id}",
  };
}

function payloadSlots(plan: Plan): Record<string, Slot> {
  const { ids } = plan;
  return {
    id: ids.payloads.write,
    number: (target, offset, index) => writeInteger(target, offset, index + 1),
    norad: (target, offset, index) => writeInteger(target, offset, FIRST_NORAD_ID + index),
    launch: (target, offset, index) => ids.launches.write(target, offset, plan.launchOfPayload(index)),
    capsule: (target, offset, index) =>
      ids.capsules.write(target, offset, plan.capsuleOf(plan.launchOfPayload(index))),
  };
}
