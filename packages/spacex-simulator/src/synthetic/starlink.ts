import { writeBytes, writeDate, writeInteger, writePadded } from "./digits.ts";
import { digitSum, generateOrbit, tleNumber } from "./orbit.ts";
import { type Plan, scatter } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { compileTemplate, type Slot, type Template } from "./template.ts";

const VARIANTS = 128;
const FIRST_NORAD_ID = 44_235;
/** Two-line elements have no room for higher catalogue numbers; the source leaves them out then. */
const LAST_TLE_ID = 339_999;
const PER_LAUNCH = 60;
const EPOCH = Date.UTC(2022, 10, 30);

/** The satellites of a plan, 60 to a launch, 5 in 100 decayed. */
export function syntheticStarlink(plan: Plan): Slot {
  const random = createRandom(`starlink ${plan.seed}`);
  const pool = Array.from({ length: VARIANTS }, (_, index) => makeVariant(plan, random, index % 20 === 7));
  return (target, offset, index) => {
    const variant = pool[scatter(index, plan.seed + 2) % VARIANTS] as Variant;
    const template = FIRST_NORAD_ID + index <= LAST_TLE_ID ? variant.withLines : variant.withoutLines;
    return template(target, offset, index);
  };
}

interface Variant {
  readonly withLines: Template;
  readonly withoutLines: Template;
}

function makeVariant(plan: Plan, random: Random, decayed: boolean): Variant {
  const day = EPOCH - (decayed ? random.integer(0, 25) * 86_400_000 : 0);
  const { elements, lines, position } = generateOrbit(random, {
    noradId: 0,
    // Catalogue number and designator are patched into the lines; their digits are added to the checksum.
    objectId: "0000-00000",
    objectName: "",
    epoch: new Date(day + random.integer(0, 86_399_999)),
    decayed,
  });
  const slots = starlinkSlots(plan, digitSum(lines[1].slice(0, -1)), digitSum(lines[2].slice(0, -1)));
  const record = {
    spaceTrack: {
      CCSDS_OMM_VERS: "2.0",
      COMMENT: "GENERATED ELEMENTS, NOT AN OBSERVATION",
      CREATION_DATE: elements.CREATION_DATE,
      ORIGINATOR: "SPACEX-ETL",
      OBJECT_NAME: "STARLINK-@{number}",
      OBJECT_ID: "@{objectId}",
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
      NORAD_CAT_ID: "@{#norad}",
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
      LAUNCH_DATE: "@{launchDate}",
      SITE: random.pick(["AFETR", "AFETR", "AFETR", "AFWTR"]),
      DECAY_DATE: decayed ? new Date(day).toISOString().slice(0, 10) : null,
      DECAYED: decayed ? 1 : 0,
      FILE: random.integer(2_000_000, 3_700_000),
      GP_ID: "@{#gpId}",
      TLE_LINE0: "0 STARLINK-@{number}",
      TLE_LINE1: `1 @{tleNumber}U @{tleDesignator}${lines[1].slice(17, -1)}@{checksum1}`,
      TLE_LINE2: `2 @{tleNumber}${lines[2].slice(7, -1)}@{checksum2}`,
    },
    version: random.pick(["v1.0", "v1.0", "v1.5"]),
    launch: "@{launch}",
    ...position,
    id: "@{id}",
  };
  const bare = { ...record, spaceTrack: { ...record.spaceTrack, TLE_LINE1: null, TLE_LINE2: null } };
  return { withLines: compileTemplate(record, slots), withoutLines: compileTemplate(bare, slots) };
}

function starlinkSlots(plan: Plan, sum1: number, sum2: number): Record<string, Slot> {
  const launches = Math.max(1, plan.upcomingFrom);
  const launchOf = (index: number) => Math.floor(index / PER_LAUNCH) % launches;
  const noradId = (index: number) => FIRST_NORAD_ID + index;
  const numberSum = (index: number) => digitSum(tleNumber(noradId(index)));
  /** Year, number of the launch in it, and a letter for the piece: `2019-029K`. */
  const designator = (index: number) => {
    const launch = launchOf(index);
    const year = new Date(plan.launchSecond(launch) * 1_000).getUTCFullYear();
    const piece = index % PER_LAUNCH;
    const letters = `${piece < 24 ? "" : LETTERS.charAt(Math.floor(piece / 24) - 1)}${LETTERS.charAt(piece % 24)}`;
    return { year, number: (launch % 999) + 1, letters };
  };
  return {
    id: plan.ids.starlink.write,
    number: (target, offset, index) => writeInteger(target, offset, index + 1),
    norad: (target, offset, index) => writeInteger(target, offset, noradId(index)),
    gpId: (target, offset, index) => writeInteger(target, offset, 150_000_000 + index),
    launch: (target, offset, index) => plan.ids.launches.write(target, offset, launchOf(index)),
    launchDate: (target, offset, index) => writeDate(target, offset, plan.launchSecond(launchOf(index))),
    objectId(target, start, index) {
      const { year, number, letters } = designator(index);
      let offset = writePadded(target, start, year, 4);
      target[offset++] = 0x2d;
      offset = writePadded(target, offset, number, 3);
      return writeBytes(target, offset, Buffer.from(letters, "latin1"));
    },
    tleNumber: (target, offset, index) =>
      writeBytes(target, offset, Buffer.from(tleNumber(noradId(index)), "latin1")),
    tleDesignator(target, start, index) {
      const { year, number, letters } = designator(index);
      let offset = writePadded(target, start, year % 100, 2);
      offset = writePadded(target, offset, number, 3);
      return writeBytes(target, offset, Buffer.from(letters.padEnd(3), "latin1"));
    },
    checksum1(target, offset, index) {
      const { year, number } = designator(index);
      const sum = sum1 + numberSum(index) + digitsOf(year % 100) + digitsOf(number);
      return writeInteger(target, offset, sum % 10);
    },
    checksum2: (target, offset, index) => writeInteger(target, offset, (sum2 + numberSum(index)) % 10),
  };
}

/** Pieces of a launch are counted without I and O. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";

function digitsOf(value: number): number {
  let sum = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 10)) sum += rest % 10;
  return sum;
}
