import type { LoadWarning } from "../loader/load-plan.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import type { RegisteredTable } from "./warehouse-state.ts";

/** Names of the tables that this run brings or an earlier one brought. */
export function knownTables(
  request: Pick<LoadRequest, "collections">,
  registry: readonly Pick<RegisteredTable, "table">[],
): ReadonlySet<string> {
  const brought = request.collections.flatMap(({ tables }) => tables.map(({ spec }) => spec.name));
  return new Set([...brought, ...registry.map(({ table }) => table)]);
}

/** Says of an option which tables it names that are not known: a slip, or tables that a later run brings. */
export function unusedOption(
  option: string,
  names: readonly string[],
  known: ReadonlySet<string>,
): LoadWarning[] {
  const unused = names.filter((name) => !known.has(name));
  if (unused.length === 0) return [];
  return [
    {
      code: "OPTION_UNUSED",
      message: `${option} names ${unused.join(", ")}: neither this run nor the warehouse has it. It only counts when a table is made.`,
    },
  ];
}
