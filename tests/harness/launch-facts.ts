import type { Row } from "./database.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a launch comes to, in the few numbers that people ask for. */
export interface LaunchFacts {
  readonly id: string;
  readonly year: number;
  readonly rocket: string | null;
  readonly upcoming: boolean;
  readonly successes: number;
  readonly landings: number;
  readonly crew: number;
  readonly payloads: number;
  /** Sum of the known masses of its payloads. */
  readonly massKg: number | null;
}

/** Of the JSON alone. */
export function launchFacts(launch: Json, recordsOf: (name: string) => readonly Json[]): LaunchFacts {
  const ids = launch["payloads"] as readonly string[];
  const known = ids.flatMap((id) => recordsOf("payloads").filter((payload) => payload["id"] === id));
  const masses = known.map(({ mass_kg }) => mass_kg).filter((mass) => typeof mass === "number");
  const rocket = recordsOf("rockets").find(({ id }) => id === launch["rocket"]);
  return {
    id: String(launch["id"]),
    year: Number(String(launch["date_utc"]).slice(0, 4)),
    rocket: rocket === undefined ? null : String(rocket["name"]),
    upcoming: launch["upcoming"] === true,
    successes: launch["success"] === true ? 1 : 0,
    landings: list(launch["cores"]).filter(({ landing_success }) => landing_success === true).length,
    crew: list(launch["crew"]).length,
    payloads: ids.length,
    massKg: masses.length === 0 ? null : milli(sum(masses)),
  };
}

/** The same of a row of `spacex_launches`. */
export function martFacts(row: Row): LaunchFacts {
  return {
    id: String(row["launch_id"]),
    year: Number(row["launch_year"]),
    rocket: row["rocket_name"] as string | null,
    upcoming: row["upcoming"] === true,
    successes: row["success"] === true ? 1 : 0,
    landings: Number(row["landing_success_count"]),
    crew: Number(row["crew_count"]),
    payloads: Number(row["payload_count"]),
    massKg: row["payload_mass_kg"] === null ? null : milli(Number(row["payload_mass_kg"])),
  };
}

export function totals(facts: readonly LaunchFacts[], group: "year" | "rocket"): Map<unknown, unknown> {
  const groups = Map.groupBy(facts, (fact) => fact[group]);
  return new Map(
    [...groups].map(([key, of]) => [
      key,
      {
        launches: of.length,
        successes: sum(of.map(({ successes }) => successes)),
        landings: sum(of.map(({ landings }) => landings)),
        crew: sum(of.map(({ crew }) => crew)),
        massKg: milli(sum(of.map(({ massKg }) => massKg ?? 0))),
      },
    ]),
  );
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** To the gram: the last digits of a floating-point sum depend on the order of its terms. */
export function milli(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The elements of an array of objects; none of anything else. */
export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
