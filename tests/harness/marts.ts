import { query, type Row, tablesOf } from "./database.ts";
import { queryAll } from "./query-all.ts";

/** The marts and the column that is their key. */
export const MART_KEYS = {
  spacex_launches: "launch_id",
  spacex_rockets: "rocket_id",
  spacex_cores: "core_id",
  spacex_payloads: "payload_id",
  spacex_launch_sites: "launchpad_id",
  spacex_starlink: "satellite_id",
} as const;
export type MartName = keyof typeof MART_KEYS;

export const MART_NAMES = Object.keys(MART_KEYS) as readonly MartName[];

/** mart → key → row. */
export type Marts = Readonly<Record<MartName, ReadonlyMap<string, Row>>>;

export async function readMarts(warehouse: string): Promise<Marts> {
  const marts: Partial<Record<MartName, ReadonlyMap<string, Row>>> = {};
  const found = await queryAll(
    warehouse,
    MART_NAMES.map((name) => `SELECT * FROM marts.${name}`),
  );
  for (const [index, name] of MART_NAMES.entries()) {
    marts[name] = new Map(found[index]?.map((row) => [String(row[MART_KEYS[name]]), row]));
  }
  return marts as Marts;
}

/** Which load built a row says nothing about launches. */
const BUILD_COLUMNS = ["source_loaded_at", "source_rows"];

export function factsOf(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !BUILD_COLUMNS.includes(column)));
}

/** Keys per mart whose row is new, gone or another one, sorted. `facts`: what it says; `rows`: or when it was built. */
export function changedKeys(
  before: Marts,
  after: Marts,
  compare: "facts" | "rows",
): Record<MartName, string[]> {
  const text = (row: Row | undefined): string =>
    JSON.stringify(row === undefined || compare === "rows" ? row : factsOf(row)) ?? "none";
  return Object.fromEntries(
    MART_NAMES.map((name) => {
      const keys = new Set([...before[name].keys(), ...after[name].keys()]);
      const changed = [...keys].filter((key) => text(before[name].get(key)) !== text(after[name].get(key)));
      return [name, changed.toSorted()];
    }),
  ) as Record<MartName, string[]>;
}

/** Every raw row of every table with its bookkeeping, as one hash per table: equal where no data row was written. */
export async function rawRowsOf(warehouse: string): Promise<Record<string, string>> {
  const tables = await tablesOf(warehouse, "raw");
  const hashes = tables.map(
    (table) =>
      `SELECT '${table}' AS name, count(*) || ' ' || coalesce(bit_xor(hash(t)), 0) AS hash FROM raw."${table}" t`,
  );
  const rows = await query(warehouse, hashes.join(" UNION ALL "));
  return Object.fromEntries(rows.map(({ name, hash }) => [String(name), String(hash)]));
}
