import { EtlError } from "@spacex-etl/contracts";
import { isAbsolute } from "node:path";
import type { PlannedTable } from "../loader/load-plan.ts";
import type { LoadPart } from "../loader/load-request.ts";
import { inLanes } from "../loader/lanes.ts";
import type { DuckDBLoaderOptions } from "./options.ts";

type LocalPart = DuckDBLoaderOptions["localPart"];

/**
 * The tables with parts that all lie on this machine.
 *
 * @throws EtlError PART_URI of kind `usage` where nothing can bring a part here, or what was brought is no path
 */
export async function localTables(
  tables: readonly PlannedTable[],
  localPart: LocalPart,
  signal: AbortSignal | undefined,
): Promise<readonly PlannedTable[]> {
  const remote = tables.flatMap(({ source }) => source.parts).filter((part) => !isAbsolute(part.uri));
  if (remote.length === 0) return tables;
  const paths = await inLanes(remote, signal, (part) => bring(part, localPart, signal));
  const local = new Map(remote.map((part, index) => [part, paths[index]]));
  return tables.map((table) => ({
    ...table,
    source: {
      ...table.source,
      parts: table.source.parts.map((part) => ({ ...part, uri: local.get(part) ?? part.uri })),
    },
  }));
}

async function bring(part: LoadPart, localPart: LocalPart, signal: AbortSignal | undefined): Promise<string> {
  const path = await localPart?.(part, { signal });
  if (path !== undefined && isAbsolute(path)) return path;
  throw new EtlError({
    kind: "usage",
    code: "PART_URI",
    message: `DuckDB reads parts from local absolute paths; ${path ?? part.uri} is none.`,
    hint: "Use a file lake with a DuckDB warehouse, or give the loader a `localPart` that brings parts to this machine.",
  });
}
