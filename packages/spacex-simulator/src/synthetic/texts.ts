import type { Random } from "./random.ts";

type Texts = readonly [string, ...string[]];

/** Free text with everything that breaks careless code: quotes, breaks, brackets, no-break spaces, other scripts. */
const ODD_TEXTS: Texts = [
  "",
  " ",
  "Landed\u00a0on the drone\u00a0ship at 28.5\u00c2\u00b0 N.",
  'The "hot fire" took 7 s; see C:\\logs\\static_fire.txt',
  "First line\nsecond line\r\n\tthird line",
  'Unbalanced ]}{[ and ,, inside a text, and \\" after it',
  "Полёт прошёл успешно 🚀 — 打ち上げ成功",
  "null",
  "Ending in a backslash \\",
];
const SENTENCES: Texts = [
  "The vehicle lifted off from its pad at the opening of the window.",
  "The first stage landed on the drone ship waiting downrange.",
  "The second stage reached a parking orbit and relit its engine once.",
  "All payloads separated as planned and were acquired by ground stations.",
  "Both fairing halves were recovered from the water.",
  "The launch was moved by a day because of winds at altitude.",
  "The booster had flown before and was refurbished in a few weeks.",
];
const MISSIONS: Texts = [
  "Starlink Group",
  "Rideshare",
  "Türksat",
  "SAOCOM – GNOMES",
  "Ñusat & “Amigos”",
  "O3b mPower",
  "GPS III",
  "みちびき",
  "NROL",
  "One Web #",
];

/** Text of a few sentences, or an odd one. */
export function freeText(random: Random): string {
  if (random.chance(0.15)) return random.pick(ODD_TEXTS);
  return Array.from({ length: random.integer(2, 6) }, () => random.pick(SENTENCES)).join(" ");
}

export function missionName(random: Random): string {
  return random.pick(MISSIONS);
}

/** The value at the API's rate of null. */
export function unless<T>(random: Random, nullShare: number, value: () => T): T | null {
  return random.chance(nullShare) ? null : value();
}

export function address(random: Random, host: string, path: string, digits: number, end = ""): string {
  return `https://${host}.example/${path}${random.hex(digits)}${end}`;
}
