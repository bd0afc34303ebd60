import type { LoadRequest } from "@spacex-etl/warehouse-loaders";
import type { LoaderTarget, RawRow } from "@spacex-etl/warehouse-loaders/testing";
import { BOOKKEEPING, type Tables } from "./tables.ts";

/**
 * Everything that a load wrote, in the one form in which warehouses are compared.
 *
 * By `LoaderTarget.read`, which every driver's tests use: a 64-bit integer is decimal text, because a JavaScript number
 * cannot hold it; a 64-bit float is the JavaScript number of the same bits; a timestamp is ISO 8601 in UTC with six
 * digits of a second, whatever type and time zone the engine gives it; a date is `YYYY-MM-DD`; text, booleans and null
 * are themselves. Here: columns by name, whatever their order; rows by their content, because tables have no order; the
 * JSON of the ledger's counts as a value, because its text may have other spaces. Nothing else: no rounding, no trimming,
 * no ignored column.
 */
export async function normalized(target: LoaderTarget, request: LoadRequest): Promise<Tables> {
  const names = request.collections.flatMap(({ tables }) => tables.map(({ spec }) => spec.name));
  const found: Record<string, RawRow[]> = {};
  for (const table of [...names, ...BOOKKEEPING]) {
    const lines = (await target.read(table)).map((row) => JSON.stringify(byName(withCounts(row))));
    found[table] = lines.toSorted().map((line) => JSON.parse(line) as RawRow);
  }
  return found;
}

function byName(row: RawRow): RawRow {
  return Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function withCounts(row: RawRow): RawRow {
  const { counts } = row;
  if (typeof counts !== "string" || !("manifest_sha256" in row)) return row;
  const tables = JSON.parse(counts) as Readonly<Record<string, RawRow>>;
  return {
    ...row,
    counts: byName(Object.fromEntries(Object.entries(tables).map(([name, of]) => [name, byName(of)]))),
  };
}
