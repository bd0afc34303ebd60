import { collectionNames } from "@spacex-etl/spacex-client/tables";
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
  // What a load of all collections would have to create is not there; whose rows the others are does not matter.
  const request = schemaRequest({ source, allowSourceChange: true }, collectionNames);
  const plan = await loader.preflight(request, { signal });
  return plannedTables(plan)
    .filter(({ child, action }) => !child && action === "create")
    .map(({ collection }) => collection);
}
