import { generateOrbit } from "../../src/synthetic/orbit.ts";
import { createRandom } from "../../src/synthetic/random.ts";
import type { Item, Satellite } from "./source-records.ts";

const STATE_OF = Date.UTC(2021, 3, 21);

/**
 * Satellites with recorded identity (name, designator, catalogue number, launch and decay dates, version, launch) and
 * made-up orbits. Nothing of Space-Track's elements is taken over.
 */
export function generateSatellites(recorded: readonly Satellite[]): Item[] {
  return recorded.map((satellite) => {
    const { OBJECT_NAME, OBJECT_ID, NORAD_CAT_ID, LAUNCH_DATE, DECAY_DATE, DECAYED } = satellite.spaceTrack;
    const random = createRandom(`starlink ${NORAD_CAT_ID}`);
    const day = DECAY_DATE === null ? STATE_OF : Date.parse(DECAY_DATE);
    const { elements, lines, position } = generateOrbit(random, {
      noradId: NORAD_CAT_ID,
      objectId: OBJECT_ID,
      objectName: OBJECT_NAME,
      epoch: new Date(day + random.integer(0, 86_399_999)),
      decayed: DECAYED === 1,
    });
    return {
      spaceTrack: {
        CCSDS_OMM_VERS: "2.0",
        COMMENT: "GENERATED ELEMENTS, NOT AN OBSERVATION",
        CREATION_DATE: elements.CREATION_DATE,
        ORIGINATOR: "SPACEX-ETL",
        OBJECT_NAME,
        OBJECT_ID,
        CENTER_NAME: "EARTH",
        REF_FRAME: "TEME",
        TIME_SYSTEM: "UTC",
        MEAN_ELEMENT_THEORY: "SGP4",
        EPOCH: elements.EPOCH,
        MEAN_MOTION: elements.MEAN_MOTION,
        ECCENTRICITY: elements.ECCENTRICITY,
        INCLINATION: elements.INCLINATION,
        RA_OF_ASC_NODE: elements.RA_OF_ASC_NODE,
        ARG_OF_PERICENTER: elements.ARG_OF_PERICENTER,
        MEAN_ANOMALY: elements.MEAN_ANOMALY,
        EPHEMERIS_TYPE: 0,
        CLASSIFICATION_TYPE: "U",
        NORAD_CAT_ID,
        ELEMENT_SET_NO: elements.ELEMENT_SET_NO,
        REV_AT_EPOCH: elements.REV_AT_EPOCH,
        BSTAR: elements.BSTAR,
        MEAN_MOTION_DOT: elements.MEAN_MOTION_DOT,
        MEAN_MOTION_DDOT: elements.MEAN_MOTION_DDOT,
        SEMIMAJOR_AXIS: elements.SEMIMAJOR_AXIS,
        PERIOD: elements.PERIOD,
        APOAPSIS: elements.APOAPSIS,
        PERIAPSIS: elements.PERIAPSIS,
        OBJECT_TYPE: "PAYLOAD",
        RCS_SIZE: random.chance(3 / 1445) ? null : random.chance(14 / 1445) ? "MEDIUM" : "LARGE",
        COUNTRY_CODE: "US",
        LAUNCH_DATE,
        SITE: "AFETR",
        DECAY_DATE,
        DECAYED,
        FILE: random.integer(2_000_000, 3_100_000),
        GP_ID: random.integer(150_000_000, 176_000_000),
        TLE_LINE0: lines[0],
        TLE_LINE1: lines[1],
        TLE_LINE2: lines[2],
      },
      version: satellite.version,
      launch: satellite.launch,
      longitude: position.longitude,
      latitude: position.latitude,
      height_km: position.height_km,
      velocity_kms: position.velocity_kms,
      id: satellite.id,
    };
  });
}
