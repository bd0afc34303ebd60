import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A record as it was parsed: key order is the API's. */
export type Item = Record<string, unknown>;

/** The recorded files that the snapshot is made from. */
export interface SourceRecords {
  readonly company: Item;
  readonly roadster: Item;
  readonly cores: readonly Item[];
  readonly crew: readonly Item[];
  readonly landpads: readonly Item[];
  readonly launchpads: readonly Item[];
  readonly launches: readonly Launch[];
  readonly payloads: readonly Payload[];
  readonly rockets: readonly Item[];
  readonly starlink: readonly Satellite[];
}

export interface Launch extends Item {
  readonly id: string;
  readonly date_utc: string;
  readonly date_unix: number;
  readonly upcoming: boolean;
  readonly success: boolean | null;
  readonly rocket: string;
  readonly crew: readonly { readonly crew: string; readonly role: string }[];
  readonly capsules: readonly string[];
  readonly ships: readonly string[];
  readonly fairings: { readonly ships: readonly string[] } | null;
  readonly cores: readonly LaunchCore[];
  readonly failures: readonly Item[];
  readonly links: { readonly article: string | null };
}

export interface LaunchCore {
  readonly core: string | null;
  readonly reused: boolean | null;
  readonly landing_attempt: boolean | null;
  readonly landing_success: boolean | null;
  readonly landing_type: string | null;
}

export interface Payload extends Item {
  readonly type: string | null;
  readonly dragon: { readonly capsule: string | null; readonly water_landing: boolean | null };
}

export interface Satellite extends Item {
  readonly id: string;
  readonly version: string;
  readonly launch: string | null;
  readonly spaceTrack: {
    readonly OBJECT_NAME: string;
    readonly OBJECT_ID: string;
    readonly NORAD_CAT_ID: number;
    readonly LAUNCH_DATE: string;
    readonly DECAY_DATE: string | null;
    readonly DECAYED: number;
  };
}

/**
 * Reads the folder. Launches are the recorded ones of version 4 (original bytes, MIT); only the seats of their crews,
 * which version 4 does not hold, come from the file of version 5.
 */
export function readSource(folder: string): SourceRecords {
  const read = <T>(name: string): T[] =>
    JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as T[];
  const one = (name: string): Item => {
    const [record] = read<Item>(name);
    if (record === undefined) throw new Error(`${name}.json holds no record`);
    return record;
  };
  const seats = new Map(read<Launch>("launches").map((launch) => [launch.id, launch.crew]));
  return {
    company: one("company"),
    roadster: one("roadster"),
    cores: read("cores"),
    crew: read("crew"),
    landpads: read("landpads"),
    launchpads: read("launchpads"),
    launches: read<Launch>("launches-v4").map((launch) => ({ ...launch, crew: seats.get(launch.id) ?? [] })),
    payloads: read("payloads"),
    rockets: read("rockets"),
    starlink: read("starlink"),
  };
}
