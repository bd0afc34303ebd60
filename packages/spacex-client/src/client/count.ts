import { EtlError, type SourceRequestOptions } from "@spacex-etl/contracts";
import { z } from "zod";
import type { CollectionDefinition } from "../collections/index.ts";
import type { Transport } from "../http/index.ts";
import type { SentFilter } from "../query/index.ts";

const countSchema = z.looseObject({ totalDocs: z.int().nonnegative() });

/** How many records match: a query that asks for none of them. */
export async function countRecords(
  transport: Transport,
  definition: CollectionDefinition,
  filter: SentFilter,
  options: SourceRequestOptions | undefined,
): Promise<number> {
  const path = `${definition.route}/query`;
  const answer = await transport.json({
    ...options,
    method: "POST",
    path,
    body: { query: filter, options: { limit: 0 } },
    accept: [200],
  });
  const parsed = countSchema.safeParse(answer);
  if (parsed.success) return parsed.data.totalDocs;
  throw new EtlError({
    kind: "source",
    code: "SOURCE_SHAPE",
    message: `POST ${transport.requestLine("POST", path).url} did not answer a count (totalDocs).`,
    hint: "Check that the address is the SpaceX API's, without /v4.",
    retryable: false,
  });
}
