import { failure, fairings, type Landing, landing, links, NO_LANDING } from "./launch-fields.ts";
import { launchSlots } from "./launch-slots.ts";
import { type Places, readPlaces } from "./places.ts";
import { type LaunchKind, type Plan, scatter } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { compileTemplate, type Slot, type Template } from "./template.ts";
import { freeText, missionName, unless } from "./texts.ts";

/** One of the launches of which all others are copies with patched places. */
export interface LaunchVariant {
  readonly template: Template;
  readonly launchpad: string;
  /** One per core. */
  readonly landings: readonly Landing[];
}

export interface SyntheticLaunches {
  readonly write: Slot;
  variantOf(launch: number): LaunchVariant;
}

const VARIANTS: Readonly<Record<LaunchKind, number>> = { satellite: 96, heavy: 16, cargo: 32, crew: 16 };
const ROLES = ["Commander", "Pilot", "Mission Specialist 1", "Mission Specialist 2"];

/** The launches of a plan: past and upcoming ones of every kind, at the real rates of null. */
export function syntheticLaunches(plan: Plan): SyntheticLaunches {
  const places = readPlaces();
  const pools = new Map<string, readonly LaunchVariant[]>();
  for (const kind of ["satellite", "heavy", "cargo", "crew"] as const) {
    for (const upcoming of [false, true]) {
      const random = createRandom(`launches ${kind} ${upcoming} ${plan.seed}`);
      pools.set(
        poolKey(kind, upcoming),
        Array.from({ length: VARIANTS[kind] }, () => makeVariant(plan, places, random, kind, upcoming)),
      );
    }
  }
  const variantOf = (launch: number): LaunchVariant => {
    const pool = pools.get(poolKey(plan.kindOf(launch), launch >= plan.upcomingFrom)) ?? [];
    return pool[scatter(launch, plan.seed) % pool.length] as LaunchVariant;
  };
  return { variantOf, write: (target, offset, launch) => variantOf(launch).template(target, offset, launch) };
}

function poolKey(kind: LaunchKind, upcoming: boolean): string {
  return upcoming ? `${kind} upcoming` : kind;
}

function makeVariant(
  plan: Plan,
  places: Places,
  random: Random,
  kind: LaunchKind,
  upcoming: boolean,
): LaunchVariant {
  const launchpad = random.pick(places.launchpads);
  const success = upcoming ? null : random.chance(1 / 187) ? null : !random.chance(5 / 187);
  const landings = Array.from({ length: kind === "heavy" ? 3 : 1 }, () =>
    upcoming ? NO_LANDING : landing(random, places),
  );
  const capsule = kind === "cargo" || kind === "crew";
  const tested = upcoming || random.chance(0.35) ? null : ["@{staticUtc}", "@{#staticUnix}"];
  const record = {
    fairings: capsule ? null : fairings(random, upcoming),
    links: links(random, upcoming),
    static_fire_date_utc: tested?.[0] ?? null,
    static_fire_date_unix: tested?.[1] ?? null,
    net: false,
    window: unless(random, upcoming ? 1 : 0.37, () => random.pick([0, 600, 7_200, 14_400])),
    rocket: kind === "heavy" ? places.falconHeavy : places.falcon9,
    success,
    failures: success === false ? [failure(random)] : [],
    details: unless(random, upcoming ? 0.9 : 0.3, () => freeText(random)),
    crew: kind === "crew" ? ROLES.map((role, seat) => ({ crew: `@{crew${seat}}`, role })) : [],
    ships: "@{#ships}",
    capsules: capsule ? ["@{capsule}"] : [],
    payloads: "@{#payloads}",
    launchpad: launchpad.id,
    flight_number: "@{#flight}",
    name: `${missionName(random)} @{number}`,
    date_utc: "@{utc}",
    date_unix: "@{#unix}",
    date_local: "@{local}",
    date_precision: upcoming ? random.pick(["month", "day", "hour"]) : "hour",
    upcoming,
    cores: landings.map((core, place) => ({
      core: upcoming ? null : `@{core${place}}`,
      flight: upcoming ? null : `@{#flightOf${place}}`,
      gridfins: unless(random, 6 / 215, () => true),
      legs: unless(random, 6 / 215, () => true),
      reused: unless(random, 6 / 215, () => random.chance(0.6)),
      landing_attempt: core.attempt,
      landing_success: core.success,
      landing_type: core.type,
      landpad: core.landpad,
    })),
    auto_update: !random.chance(3 / 205),
    tbd: false,
    launch_library_id: unless(random, 133 / 205, () => "@{uuid}"),
    id: "@{id}",
  };
  return {
    template: compileTemplate(record, launchSlots(plan, launchpad.hoursFromUtc)),
    launchpad: launchpad.id,
    landings,
  };
}
