import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { EtlError } from "@spacex-etl/contracts";
import { type Loader, plannedTables } from "@spacex-etl/warehouse-loaders";
import { schemaRequest } from "../steps/schema-request.ts";

/**
 * Collections that were never loaded into the warehouse: without their tables the models of our project that read them
 * cannot be built.
 */
export async function missingCollections(
  loader: Loader,
  source: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  try {
    return await missingOf(loader, collectionNames, source, signal);
  } catch (error) {
    if (!isMisfit(error)) throw error;
  }
  // One of them is there and would refuse a load, which the others must not suffer from.
  const missing: string[] = [];
  for (const name of collectionNames) {
    try {
      missing.push(...(await missingOf(loader, [name], source, signal)));
    } catch (error) {
      if (!isMisfit(error)) throw error;
    }
  }
  return missing;
}

/** Tables that do not fit are there. */
function isMisfit(error: unknown): boolean {
  return EtlError.isInstance(error) && error.kind === "schema";
}

async function missingOf(
  loader: Loader,
  names: readonly string[],
  source: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  // What a load would have to create is not there; whose rows the others are does not matter.
  const plan = await loader.preflight(schemaRequest({ source, allowSourceChange: true }, names), { signal });
  return plannedTables(plan)
    .filter(({ child, action }) => !child && action === "create")
    .map(({ collection }) => collection);
}
