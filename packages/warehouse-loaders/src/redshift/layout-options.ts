import { EtlError } from "@spacex-etl/contracts";
import type { LoadWarning } from "../loader/load-plan.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import { knownTables, rawColumns, type RegisteredTable, unusedOption } from "../planning/index.ts";
import type { RedshiftLoaderOptions } from "./options.ts";
import { BOOKKEEPING } from "./sql/index.ts";

/**
 * Looks at options for tables and columns that do not exist, which nobody would notice before the tables are large. A table
 * may be one that another run brings, so that is a warning; a column that its table lacks is refused.
 *
 * @throws EtlError LOADER_OPTIONS of kind `usage`
 */
export function checkLayout(
  { distribution = {}, sortKeys = {}, varcharBytes = {} }: RedshiftLoaderOptions,
  request: LoadRequest,
  registry: readonly Pick<RegisteredTable, "table">[],
): LoadWarning[] {
  const brought = request.collections.flatMap(({ tables }) =>
    tables.map(({ spec }) => [spec.name, rawColumns(spec)] as const),
  );
  const columns = new Map([...brought, ...BOOKKEEPING.map((table) => [table.name, table.columns] as const)]);
  const known = new Set([...columns.keys(), ...knownTables(request, registry)]);
  // A column's name may hold a dot.
  const tableOf = (name: string): string =>
    [...known].find((table) => name === table || name.startsWith(`${table}.`)) ?? name;
  const wrong = Object.keys(varcharBytes).find((name) => {
    const table = tableOf(name);
    const there = columns.get(table);
    return (
      name !== table && there !== undefined && !there.some((column) => name === `${table}.${column.name}`)
    );
  });
  if (wrong !== undefined) {
    throw new EtlError({
      kind: "usage",
      code: "LOADER_OPTIONS",
      message: `redshiftLoader: varcharBytes names ${wrong}, which is no column of ${tableOf(wrong)}.`,
      hint: `Its columns are ${columns
        .get(tableOf(wrong))
        ?.map(({ name }) => name)
        .join(", ")}.`,
    });
  }
  return [
    ...unusedOption("distribution", Object.keys(distribution), known),
    ...unusedOption("sortKeys", Object.keys(sortKeys), known),
    ...unusedOption("varcharBytes", Object.keys(varcharBytes).map(tableOf), known),
  ];
}
