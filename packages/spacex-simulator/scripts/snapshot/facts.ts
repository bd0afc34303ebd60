import type { Item, Launch, SourceRecords } from "./source-records.ts";

/** The recorded collections without their free text. */
export function launchFacts(launches: readonly Launch[]): Item[] {
  return launches.map((launch) => ({
    ...launch,
    failures: launch.failures.map(withoutReason),
    details: null,
  }));
}

function withoutReason(failure: Item): Item {
  return Object.fromEntries(Object.entries(failure).filter(([field]) => field !== "reason"));
}

export function withoutText(records: readonly Item[], ...fields: readonly string[]): Item[] {
  return records.map((record) => {
    const kept = { ...record };
    for (const field of fields) kept[field] = null;
    return kept;
  });
}

/** Past launches that an id takes part in, in the API's order. */
export function pastLaunches(source: SourceRecords, takesPart: (launch: Launch) => boolean): Launch[] {
  return source.launches.filter((launch) => !launch.upcoming && takesPart(launch));
}

/** Ids in the order in which launches first name them. */
export function idsInLaunches(
  source: SourceRecords,
  idsOf: (launch: Launch) => readonly (string | null)[],
): string[] {
  return [...new Set(source.launches.flatMap(idsOf).filter((id) => id !== null))];
}

/**
 * Cores: the recorded ones, then those that newer launches name. What the API's job computes from launches (`launches`
 * and the counters) is computed anew here, so that it fits the frozen launches; the job counts successes as attempts on
 * drone ships.
 */
export function coreFacts(source: SourceRecords, unrecorded: (id: string, index: number) => Item): Item[] {
  const recorded = new Set(source.cores.map((core) => core["id"]));
  const missing = idsInLaunches(source, (launch) => launch.cores.map(({ core }) => core))
    .filter((id) => !recorded.has(id))
    .map(unrecorded);
  return [...withoutText(source.cores, "last_update"), ...missing].map((core) => {
    const flown = pastLaunches(source, (launch) => launch.cores.some((used) => used.core === core["id"]));
    const flights = flown.flatMap((launch) => launch.cores.filter((used) => used.core === core["id"]));
    const count = (type: string, field: "landing_attempt" | "landing_success") =>
      flights.filter((flight) => flight.landing_type === type && flight[field] === true).length;
    return {
      ...core,
      reuse_count: Math.max(0, flights.length - 1),
      rtls_attempts: count("RTLS", "landing_attempt"),
      rtls_landings: count("RTLS", "landing_success"),
      asds_attempts: count("ASDS", "landing_success"),
      asds_landings: count("ASDS", "landing_success"),
      launches: flown.map((launch) => launch.id),
    };
  });
}

/** Crew: the recorded ones, then those that newer launches name; `launches` is computed anew. */
export function crewFacts(source: SourceRecords, unrecorded: (id: string, index: number) => Item): Item[] {
  const recorded = new Set(source.crew.map((member) => member["id"]));
  const missing = idsInLaunches(source, (launch) => launch.crew.map(({ crew }) => crew))
    .filter((id) => !recorded.has(id))
    .map(unrecorded);
  return [...source.crew, ...missing].map((member) => ({
    ...member,
    launches: pastLaunches(source, (launch) => launch.crew.some((seat) => seat.crew === member["id"])).map(
      (launch) => launch.id,
    ),
  }));
}
