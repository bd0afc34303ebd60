import type { LoaderTarget, RawRow } from "@spacex-etl/warehouse-loaders/testing";

/** What the loader itself keeps, and is compared with the rest. */
export const BOOKKEEPING = ["_loads", "_tables"] as const;

export type Tables = Readonly<Record<string, readonly RawRow[]>>;

/** All rows of these tables and of the bookkeeping, in an order that depends on nothing but them. */
export async function everything(target: LoaderTarget, tables: readonly string[]): Promise<Tables> {
  const found: Record<string, RawRow[]> = {};
  for (const table of [...tables, ...BOOKKEEPING]) {
    const lines = (await target.read(table)).map((row) => JSON.stringify(row, Object.keys(row).toSorted()));
    found[table] = lines.toSorted().map((line) => JSON.parse(line) as RawRow);
  }
  return found;
}

/**
 * The same where a job of a dead process may still be at work: read again until no load was committed between its first
 * and its last table.
 */
export async function settled(target: LoaderTarget, tables: readonly string[]): Promise<Tables> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const before = (await target.read("_loads")).length;
    const found = await everything(target, tables);
    if (before === (await target.read("_loads")).length) return found;
  }
  throw new Error("The ledger does not come to rest");
}

/** Leaves out what DDL outside of a transaction may have added: columns that `known` does not have, as long as they are null. */
export function withoutNewColumns(found: Tables, known: Tables): Tables {
  return Object.fromEntries(
    Object.entries(found).map(([table, rows]) => {
      const columns = new Set((known[table] ?? []).flatMap((row) => Object.keys(row)));
      const kept = (row: RawRow): RawRow =>
        Object.fromEntries(
          Object.entries(row).filter(([name, value]) => columns.has(name) || value !== null),
        );
      return [table, rows.map(kept)];
    }),
  );
}
