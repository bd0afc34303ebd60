import { expect } from "vitest";
import type { LoaderSuite, RawRow } from "./loader-target.ts";

type Tables = Readonly<Record<string, readonly RawRow[]>>;

/** What a load that was not committed may leave is nothing, or as much as `schemaBeforeTransaction` allows. */
export function expectAsItWas(suite: LoaderSuite, found: Tables, before: Tables, where?: string): void {
  expect(suite.schemaBeforeTransaction === true ? withoutNewColumns(found, before) : found, where).toEqual(
    before,
  );
}

/** New tables need nothing here: without a row they read like tables that are not there. */
function withoutNewColumns(found: Tables, before: Tables): Tables {
  return Object.fromEntries(
    Object.entries(found).map(([table, rows]) => {
      const known = new Set((before[table] ?? []).flatMap((row) => Object.keys(row)));
      const kept = (row: RawRow) =>
        Object.fromEntries(
          Object.entries(row).filter(([column, value]) => known.has(column) || value !== null),
        );
      return [table, rows.map(kept)];
    }),
  );
}
