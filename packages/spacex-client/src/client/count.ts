import { EtlError } from "@spacex-etl/contracts/errors";
import * as z from "zod";
import { type CollectionDefinition, lazy } from "../collections/index.ts";
import type { CallOptions, Transport } from "../http/index.ts";
import type { SentFilter } from "../query/index.ts";

const countSchema = lazy(() => z.looseObject({ totalDocs: z.int().nonnegative() }));

/** How many records match: a query that asks for none of them. */
export async function countRecords(
  transport: Transport,
  definition: CollectionDefinition,
  filter: SentFilter,
  options: CallOptions | undefined,
): Promise<number> {
  const path = `${definition.route}/query`;
  const answer = await transport.json({
    call: options,
    method: "POST",
    path,
    body: { query: filter, options: { limit: 0 } },
    accept: [200],
  });
  const parsed = countSchema().safeParse(answer);
  if (parsed.success) return parsed.data.totalDocs;
  throw new EtlError({
    kind: "source",
    code: "SOURCE_SHAPE",
    message: `POST ${transport.requestLine("POST", path).url} did not answer a count (totalDocs).`,
    hint: "Check that the address is the SpaceX API's, without /v4.",
    retryable: false,
  });
}
