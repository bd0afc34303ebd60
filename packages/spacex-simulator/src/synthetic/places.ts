import { snapshotCollection } from "../data/index.ts";

/** Real ids of rockets, launchpads and landpads, which a synthetic corpus shares with the snapshot. */
export interface Places {
  readonly falcon9: string;
  readonly falconHeavy: string;
  readonly launchpads: readonly [Launchpad, ...Launchpad[]];
  readonly landpads: ReadonlyMap<string, readonly [string, ...string[]]>;
}

interface Launchpad {
  readonly id: string;
  readonly hoursFromUtc: number;
}

export function readPlaces(): Places {
  const read = (name: string) => {
    const list = snapshotCollection(name);
    return Array.from(
      { length: list.length },
      (_, index) => JSON.parse(Buffer.from(list.record(index)).toString()) as Record<string, string>,
    );
  };
  const rockets = new Map(read("rockets").map((rocket) => [rocket["name"], rocket["id"] ?? ""]));
  const [first, ...others] = read("launchpads")
    .filter((pad) => pad["status"] === "active")
    .map((pad) => ({
      id: pad["id"] ?? "",
      hoursFromUtc: pad["timezone"] === "America/Los_Angeles" ? -8 : -5,
    }));
  const landpads = new Map<string, [string, ...string[]]>();
  for (const pad of read("landpads")) {
    const type = pad["type"] ?? "";
    const known = landpads.get(type);
    if (known === undefined) landpads.set(type, [pad["id"] ?? ""]);
    else known.push(pad["id"] ?? "");
  }
  if (first === undefined) throw new Error("The embedded snapshot holds no active launchpad");
  return {
    falcon9: rockets.get("Falcon 9") ?? "",
    falconHeavy: rockets.get("Falcon Heavy") ?? "",
    launchpads: [first, ...others],
    landpads,
  };
}
