import { EtlError } from "@spacex-etl/contracts/errors";
import { type RecordList, recordsFromParts, type SimulatorData, snapshotCollection } from "../data/index.ts";
import { syntheticLaunches, type SyntheticLaunches } from "./launches.ts";
import { linkedRecords } from "./linked-records.ts";
import { syntheticPayloads } from "./payloads.ts";
import { type GeneratedCollection, makePlan, type Plan } from "./plan.ts";
import { syntheticStarlink } from "./starlink.ts";
import { syntheticList } from "./synthetic-list.ts";
import type { Slot } from "./template.ts";

/** Size and seed of a generated corpus. */
export interface SyntheticOptions {
  /** Launches, payloads and satellites each; a third as many cores; a tenth as many crew, capsules, ships. At most 10,000,000. */
  readonly records: number;
  /** @default 1 */
  readonly seed?: number | undefined;
}

/** Raised when the same options give other records. */
const GENERATOR_VERSION = 1;
const MOST_RECORDS = 10_000_000;
/** How many of its launches a launchpad or landpad lists. */
const LISTED_LAUNCHES = 100;
/** The largest integer that every JSON parser keeps; the real company is worth 74,000,000,000. */
const LARGE_VALUATION = Number.MAX_SAFE_INTEGER;

/**
 * A corpus of any size with the real shapes, rates of null, odd values and links, the same for the same options. Records
 * are made while they are sent, from serialised templates, and never held: a launch has about 2.0 KB, a satellite
 * 1.3 KB. Both sides of every link agree, but a launchpad and a landpad list only their first 100 launches. Rockets,
 * dragons, history, roadster, launchpads and landpads are those of the embedded snapshot.
 *
 * ETags come from the options. Queries with an empty filter, without a sort or sorted by `_id`, cost as much as their
 * page; other queries look at every record and are refused (400) over 100,000.
 *
 * @throws EtlError of kind `usage` if `records` or `seed` is out of range.
 */
export function syntheticData(options: SyntheticOptions): SimulatorData {
  const { records, seed = 1 } = options;
  assertWhole("records", records, MOST_RECORDS);
  assertWhole("seed", seed, 2 ** 32 - 1);
  const plan = makePlan(records, seed);
  const launches = syntheticLaunches(plan);
  const linked = linkedRecords(plan, launches);
  const generated: Readonly<Record<GeneratedCollection, Slot>> = {
    launches: launches.write,
    payloads: syntheticPayloads(plan),
    starlink: syntheticStarlink(plan),
    cores: serialised(linked.cores),
    crew: serialised(linked.crew),
    capsules: serialised(linked.capsules),
    ships: serialised(linked.ships),
  };
  const collections = new Map<string, RecordList>();
  for (const name of Object.keys(generated) as GeneratedCollection[]) {
    collections.set(
      name,
      syntheticList({
        length: plan.counts[name],
        identity: `synthetic ${GENERATOR_VERSION} ${name} ${records} ${seed}`,
        write: generated[name],
        indexOf: plan.ids[name].indexOf,
        upcomingFrom: name === "launches" ? plan.upcomingFrom : undefined,
      }),
    );
  }
  for (const name of ["rockets", "dragons", "history", "roadster"])
    collections.set(name, snapshotCollection(name));
  collections.set(
    "company",
    changed("company", () => ({ valuation: LARGE_VALUATION })),
  );
  collections.set(
    "launchpads",
    changed("launchpads", (pad) => padLaunches(plan, launches, String(pad["id"]))),
  );
  collections.set(
    "landpads",
    changed("landpads", (pad) => landpadLaunches(plan, launches, String(pad["id"]))),
  );
  return { description: `a synthetic corpus of ${records} records (seed ${seed})`, collections };
}

function serialised(recordOf: (index: number) => unknown): Slot {
  return (target, offset, index) => {
    const bytes = Buffer.from(JSON.stringify(recordOf(index)));
    target.set(bytes, offset);
    return offset + bytes.length;
  };
}

type Fields = Readonly<Record<string, unknown>>;

function changed(name: string, change: (record: Fields) => Fields): RecordList {
  const list = snapshotCollection(name);
  return recordsFromParts(
    Array.from({ length: list.length }, (_, index) => {
      const record = JSON.parse(Buffer.from(list.record(index)).toString()) as Fields;
      return Buffer.from(JSON.stringify({ ...record, ...change(record) }));
    }),
  );
}

function padLaunches(plan: Plan, launches: SyntheticLaunches, pad: string): Fields {
  const listed = firstLaunches(plan, (launch) => launches.variantOf(launch).launchpad === pad);
  return { launches: listed, launch_attempts: listed.length, launch_successes: listed.length };
}

function landpadLaunches(plan: Plan, launches: SyntheticLaunches, pad: string): Fields {
  const listed = firstLaunches(plan, (launch) =>
    launches.variantOf(launch).landings.some((landing) => landing.landpad === pad),
  );
  return { launches: listed, landing_attempts: listed.length, landing_successes: listed.length };
}

function firstLaunches(plan: Plan, belongs: (launch: number) => boolean): string[] {
  const found: string[] = [];
  // Every place that is used at all turns up within the first few thousand launches.
  const end = Math.min(plan.upcomingFrom, LISTED_LAUNCHES * 100);
  for (let launch = 0; launch < end && found.length < LISTED_LAUNCHES; launch++) {
    if (belongs(launch)) found.push(plan.ids.launches.text(launch));
  }
  return found;
}

function assertWhole(name: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return;
  throw new EtlError({
    kind: "usage",
    code: "SYNTHETIC_RANGE",
    message: `The synthetic corpus cannot have ${name} ${value}.`,
    hint: `Give a whole number from 0 to ${most}.`,
  });
}
