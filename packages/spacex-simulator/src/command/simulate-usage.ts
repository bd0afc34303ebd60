import { FAULT_PROFILES } from "../faults/index.ts";

/** The text of `simulate --help`. */
export function simulateUsage(): string {
  const width = Math.max(...FAULT_PROFILES.map(({ usage }) => usage.length)) + 2;
  const profiles = FAULT_PROFILES.map(({ usage, description }) => `    ${usage.padEnd(width)}${description}`);
  return [
    "Serves the SpaceX REST API on this machine until it is interrupted.",
    "",
    "  --port N           port to listen on; 0, the default, is any free one",
    "  --data DIR         serve the files <collection>.json of a folder, byte for byte",
    "  --synthetic N      serve N made-up launches, payloads and satellites each",
    "                     (without either: the embedded snapshot)",
    "  --seed S           seed of the made-up records and of the faults (1)",
    "  --fault P[,P...]   what goes wrong, see below",
    "  --no-etag          send no ETag and ignore If-None-Match",
    "  --help             this text",
    "",
    "  Faults, counted for each route on its own. COUNT is 1 unless given; :all never ends.",
    ...profiles,
  ].join("\n");
}
