import type { Random } from "./random.ts";

/** WGS-72, on which two-line elements are based: kilometres, and km³/s². */
const EARTH_RADIUS_KM = 6378.135;
const EARTH_MU = 398_600.8;

/** What a generated orbit belongs to. */
export interface CatalogueEntry {
  /** Number in the NORAD catalogue, at most 99999 for two-line elements without letters. */
  readonly noradId: number;
  /** International designator: `2019-029K`. */
  readonly objectId: string;
  readonly objectName: string;
  /** Instant of the elements. */
  readonly epoch: Date;
  readonly decayed: boolean;
}

/** Generated elements and position with the field names of a starlink record. */
export interface GeneratedOrbit {
  readonly elements: {
    readonly CREATION_DATE: string;
    readonly EPOCH: string;
    readonly MEAN_MOTION: number;
    readonly ECCENTRICITY: number;
    readonly INCLINATION: number;
    readonly RA_OF_ASC_NODE: number;
    readonly ARG_OF_PERICENTER: number;
    readonly MEAN_ANOMALY: number;
    readonly ELEMENT_SET_NO: number;
    readonly REV_AT_EPOCH: number;
    readonly BSTAR: number;
    readonly MEAN_MOTION_DOT: number;
    readonly MEAN_MOTION_DDOT: number;
    readonly SEMIMAJOR_AXIS: number;
    readonly PERIOD: number;
    readonly APOAPSIS: number;
    readonly PERIAPSIS: number;
  };
  readonly lines: readonly [string, string, string];
  readonly position: {
    readonly longitude: number | null;
    readonly latitude: number | null;
    readonly height_km: number | null;
    readonly velocity_kms: number | null;
  };
}

/** Makes up an orbit that hangs together: a low, nearly circular one at the height where Starlink flies or decays. */
export function generateOrbit(random: Random, entry: CatalogueEntry): GeneratedOrbit {
  const height = entry.decayed ? random.decimal(150, 220, 3) : random.decimal(540, 556, 3);
  const axis = EARTH_RADIUS_KM + height;
  const MEAN_MOTION = round((86_400 / (2 * Math.PI)) * Math.sqrt(EARTH_MU / axis ** 3), 8);
  const ECCENTRICITY = random.decimal(0.0001, 0.0009, 7);
  const elements = {
    CREATION_DATE: new Date(entry.epoch.getTime() + random.integer(3_600, 14_400) * 1_000)
      .toISOString()
      .slice(0, 19),
    EPOCH: `${entry.epoch.toISOString().slice(0, 23)}${String(random.integer(0, 999)).padStart(3, "0")}`,
    MEAN_MOTION,
    ECCENTRICITY,
    INCLINATION: random.decimal(52.98, 53.08, 4),
    RA_OF_ASC_NODE: random.decimal(0, 359.9999, 4),
    ARG_OF_PERICENTER: random.decimal(20, 340, 4),
    MEAN_ANOMALY: random.decimal(0, 359.9999, 4),
    ELEMENT_SET_NO: 999,
    REV_AT_EPOCH: random.integer(500, 9_900),
    BSTAR: round(random.decimal(-0.0009, 0.0009, 8), 8),
    MEAN_MOTION_DOT: entry.decayed ? random.decimal(0.01, 0.5, 8) : random.decimal(-0.00009, 0.00009, 8),
    MEAN_MOTION_DDOT: entry.decayed ? random.decimal(0.00001, 0.00009, 9) : 0,
    SEMIMAJOR_AXIS: round(axis, 3),
    PERIOD: round(1_440 / MEAN_MOTION, 3),
    APOAPSIS: round(axis * (1 + ECCENTRICITY) - EARTH_RADIUS_KM, 3),
    PERIAPSIS: round(axis * (1 - ECCENTRICITY) - EARTH_RADIUS_KM, 3),
  };
  const nowhere = { longitude: null, latitude: null, height_km: null, velocity_kms: null };
  return {
    elements,
    lines: [`0 ${entry.objectName}`, firstLine(entry, elements), secondLine(entry, elements)],
    position: entry.decayed ? nowhere : somewhere(random, height, elements.INCLINATION),
  };
}

function somewhere(random: Random, height: number, inclination: number): GeneratedOrbit["position"] {
  const height_km = height + random.decimal(0, 20, 9);
  return {
    longitude: random.decimal(-180, 180, 13),
    latitude: random.decimal(-inclination, inclination, 13),
    height_km,
    velocity_kms: Math.sqrt(EARTH_MU / (EARTH_RADIUS_KM + height_km)),
  };
}

/** The catalogue number as it stands in two-line elements; from 100000 to 339999 with a letter in front (Alpha-5). */
export function tleNumber(noradId: number): string {
  const letter = "ABCDEFGHJKLMNPQRSTUVWXYZ"[Math.floor(noradId / 10_000) - 10] ?? "";
  return noradId < 100_000
    ? String(noradId).padStart(5, "0")
    : `${letter}${String(noradId % 10_000).padStart(4, "0")}`;
}

/** Sum of the digits, a minus sign counting 1; its last digit is a line's checksum. */
export function digitSum(text: string): number {
  let sum = 0;
  for (const character of text) sum += character === "-" ? 1 : /\d/.test(character) ? Number(character) : 0;
  return sum;
}

function firstLine(entry: CatalogueEntry, elements: GeneratedOrbit["elements"]): string {
  const [year = "", piece = ""] = entry.objectId.split("-");
  const yearStart = Date.UTC(entry.epoch.getUTCFullYear(), 0, 1);
  const day = 1 + (entry.epoch.getTime() - yearStart) / 86_400_000;
  const epoch =
    String(entry.epoch.getUTCFullYear() % 100).padStart(2, "0") + day.toFixed(8).padStart(12, "0");
  const drag = elements.MEAN_MOTION_DOT;
  return withChecksum(
    `1 ${tleNumber(entry.noradId)}U ${(year.slice(2) + piece).padEnd(8)} ${epoch} ` +
      `${drag < 0 ? "-" : " "}${Math.abs(drag).toFixed(8).slice(1)} ${exponent(elements.MEAN_MOTION_DDOT)} ` +
      `${exponent(elements.BSTAR)} 0 ${String(elements.ELEMENT_SET_NO).padStart(4)}`,
  );
}

function secondLine(entry: CatalogueEntry, elements: GeneratedOrbit["elements"]): string {
  const angle = (degrees: number) => degrees.toFixed(4).padStart(8);
  return withChecksum(
    `2 ${tleNumber(entry.noradId)} ${angle(elements.INCLINATION)} ${angle(elements.RA_OF_ASC_NODE)} ` +
      `${elements.ECCENTRICITY.toFixed(7).slice(2)} ${angle(elements.ARG_OF_PERICENTER)} ${angle(elements.MEAN_ANOMALY)} ` +
      `${elements.MEAN_MOTION.toFixed(8).padStart(11)}${String(elements.REV_AT_EPOCH).padStart(5)}`,
  );
}

function withChecksum(line: string): string {
  return line + String(digitSum(line) % 10);
}

/** `0.00012345` as ` 12345-3`: sign, five digits after an implied point, power of ten. */
function exponent(value: number): string {
  if (value === 0) return " 00000-0";
  const power = Math.floor(Math.log10(Math.abs(value))) + 1;
  const digits = Math.min(99_999, Math.round(Math.abs(value) * 10 ** (5 - power)));
  return `${value < 0 ? "-" : " "}${String(digits).padStart(5, "0")}${power > 0 ? "+" : "-"}${Math.abs(power)}`;
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
