import { createIds, type Ids } from "./ids.ts";

/** Position in a block of 20 launches → how many payloads it has; 20 in all, so that both lists are equally long. */
const PAYLOADS_PER_LAUNCH = [1, 1, 3, 1, 1, 1, 1, 0, 1, 1, 0, 1, 2, 1, 1, 1, 0, 1, 1, 1];
const BLOCK = PAYLOADS_PER_LAUNCH.length;
/** Position in a block of 20 launches → first payload of the block that is its own. */
const FIRST_PAYLOAD = PAYLOADS_PER_LAUNCH.map((_, position) =>
  PAYLOADS_PER_LAUNCH.slice(0, position).reduce((sum, count) => sum + count, 0),
);
/** Position in a block of 20 payloads → position of its launch. */
const LAUNCH_OF_PAYLOAD = PAYLOADS_PER_LAUNCH.flatMap((count, position) =>
  Array<number>(count).fill(position),
);
/** Ships that support a launch, by its number modulo 5. */
const SHIPS_PER_LAUNCH = [2, 1, 0, 3, 1];
/** 18 of the 205 real launches are upcoming. */
const UPCOMING_SHARE = 18 / 205;

/** From the first to the last past launch of the real data, in seconds. */
const FIRST_LAUNCH = Date.UTC(2006, 2, 24) / 1_000;
const LAST_LAUNCH = Date.UTC(2022, 9, 5) / 1_000;

/**
 * How the records of a synthetic corpus are linked, by position. Everything is computed, nothing is stored, so that any
 * record can be made at any time, and both sides of a link agree.
 */
export interface Plan {
  readonly records: number;
  readonly seed: number;
  readonly counts: Readonly<Record<GeneratedCollection, number>>;
  readonly ids: Readonly<Record<GeneratedCollection, Ids>>;
  /** Launches from this position on are upcoming. */
  readonly upcomingFrom: number;
  /** Lift-off in seconds since 1970-01-01 UTC; it grows with the position. */
  launchSecond(launch: number): number;
  kindOf(launch: number): LaunchKind;
  payloadsOf(launch: number): readonly [first: number, count: number];
  launchOfPayload(payload: number): number;
  coreOf(launch: number, place: number): number;
  /** Which flight of the core a launch is, from 1. */
  flightOf(core: number, launch: number): number;
  launchesOfCore(core: number): readonly number[];
  capsuleOf(launch: number): number;
  launchesOfCapsule(capsule: number): readonly number[];
  crewOf(launch: number, seat: number): number;
  launchesOfCrew(member: number): readonly number[];
  shipCount(launch: number): number;
  shipOf(launch: number, place: number): number;
  launchesOfShip(ship: number): readonly number[];
}

/** Satellites under a fairing, three cores, cargo without fairing, four people. */
export type LaunchKind = "satellite" | "heavy" | "cargo" | "crew";

export type GeneratedCollection =
  | "launches"
  | "payloads"
  | "starlink"
  | "cores"
  | "crew"
  | "capsules"
  | "ships";

export const CREW_SEATS = 4;

export function makePlan(records: number, seed: number): Plan {
  const share = (divisor: number) => (records === 0 ? 0 : Math.max(1, Math.floor(records / divisor)));
  const counts = {
    launches: records,
    payloads: records,
    starlink: records,
    cores: share(3),
    crew: share(10),
    capsules: share(10),
    ships: share(10),
  };
  const { cores, capsules, ships } = counts;
  const ids = Object.fromEntries(
    Object.entries(counts).map(([name, length]) => [name, createIds(name, seed, length)]),
  ) as Record<GeneratedCollection, Ids>;
  const upcomingFrom = records - Math.round(records * UPCOMING_SHARE);
  const step = upcomingFrom <= 1 ? 0 : (LAST_LAUNCH - FIRST_LAUNCH) / (upcomingFrom - 1);
  const coreSteps = [0, Math.floor(cores / 3), Math.floor((2 * cores) / 3)];
  const shipStep = Math.max(1, Math.floor(ships / 5));
  const fullBlocks = records - (records % BLOCK);

  const kindOf = (launch: number): LaunchKind => {
    if (launch % 40 === 39) return "crew";
    if (launch % 5 === 4) return "cargo";
    return launch % 40 === 12 && cores >= 3 ? "heavy" : "satellite";
  };
  const shipCount = (launch: number) => Math.min(SHIPS_PER_LAUNCH[launch % 5] ?? 0, ships);
  /** Past launches at every `modulus`-th position from `first` on that pass the test. */
  const every = (first: number, modulus: number, found: number[], test?: (launch: number) => boolean) => {
    for (let launch = first; launch < upcomingFrom; launch += modulus) {
      if (test === undefined || test(launch)) found.push(launch);
    }
  };
  const launchesOfCore = (core: number): number[] => {
    const found: number[] = [];
    coreSteps.forEach((offset, place) => {
      if (place === 0) every(core, cores, found);
      else if (cores >= 3)
        every((core - offset + cores) % cores, cores, found, (launch) => kindOf(launch) === "heavy");
    });
    return found.sort((one, other) => one - other);
  };
  return {
    records,
    seed,
    counts,
    ids,
    upcomingFrom,
    launchSecond: (launch) => Math.floor((FIRST_LAUNCH + launch * step) / 60) * 60,
    kindOf,
    payloadsOf(launch) {
      if (launch >= fullBlocks) return [launch, 1];
      const position = launch % BLOCK;
      return [launch - position + (FIRST_PAYLOAD[position] ?? 0), PAYLOADS_PER_LAUNCH[position] ?? 0];
    },
    launchOfPayload(payload) {
      if (payload >= fullBlocks) return payload;
      const position = payload % BLOCK;
      return payload - position + (LAUNCH_OF_PAYLOAD[position] ?? 0);
    },
    coreOf: (launch, place) => (launch + (coreSteps[place] ?? 0)) % cores,
    flightOf(core, launch) {
      const flown = launchesOfCore(core);
      return flown.indexOf(launch) + 1;
    },
    launchesOfCore,
    capsuleOf: (launch) => Math.floor(launch / 5) % capsules,
    launchesOfCapsule(capsule) {
      const found: number[] = [];
      every(5 * capsule + 4, 5 * capsules, found);
      return found;
    },
    crewOf: (launch, seat) => Math.floor(launch / 40) * CREW_SEATS + seat,
    launchesOfCrew(member) {
      const launch = Math.floor(member / CREW_SEATS) * 40 + 39;
      return launch < upcomingFrom ? [launch] : [];
    },
    shipCount,
    shipOf: (launch, place) => (launch + place * shipStep) % ships,
    launchesOfShip(ship) {
      const found = new Set<number>();
      for (let place = 0; place < 3; place++) {
        const launches: number[] = [];
        const first = (((ship - place * shipStep) % ships) + ships) % ships;
        every(first, ships, launches, (launch) => shipCount(launch) > place);
        for (const launch of launches) found.add(launch);
      }
      return [...found].sort((one, other) => one - other);
    },
  };
}

/** A well-mixed number from a position and a seed, by which the variant of a record is chosen. */
export function scatter(index: number, seed: number): number {
  let mixed = Math.imul(index ^ Math.imul(seed, 0x9e37_79b1), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
