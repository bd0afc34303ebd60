import { capsuleSchema } from "./capsules.ts";
import { companySchema } from "./company.ts";
import { coreSchema } from "./cores.ts";
import { crewMemberSchema } from "./crew.ts";
import { dragonSchema } from "./dragons.ts";
import { historyEventSchema } from "./history.ts";
import { landpadSchema } from "./landpads.ts";
import { launchV4Schema } from "./launches-v4.ts";
import { launchSchema } from "./launches.ts";
import { launchpadSchema } from "./launchpads.ts";
import { payloadSchema } from "./payloads.ts";
import { roadsterSchema } from "./roadster.ts";
import { rocketSchema } from "./rockets.ts";
import { shipSchema } from "./ships.ts";
import { starlinkSchema } from "./starlink.ts";

/**
 * The zod schema of one record of each collection, made when it is first read. Unknown fields pass, and a value that an
 * enumeration does not know passes as text.
 */
export const schemas = {
  get capsules() {
    return capsuleSchema();
  },
  get company() {
    return companySchema();
  },
  get cores() {
    return coreSchema();
  },
  get crew() {
    return crewMemberSchema();
  },
  get dragons() {
    return dragonSchema();
  },
  get history() {
    return historyEventSchema();
  },
  get landpads() {
    return landpadSchema();
  },
  get launches() {
    return launchSchema();
  },
  /** Launches in the shape of version 4 of the API. */
  get launchesV4() {
    return launchV4Schema();
  },
  get launchpads() {
    return launchpadSchema();
  },
  get payloads() {
    return payloadSchema();
  },
  get roadster() {
    return roadsterSchema();
  },
  get rockets() {
    return rocketSchema();
  },
  get ships() {
    return shipSchema();
  },
  get starlink() {
    return starlinkSchema();
  },
};
