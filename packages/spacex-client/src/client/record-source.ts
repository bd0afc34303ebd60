import type { RecordBatch, RecordSource } from "@spacex-etl/contracts";
import { EtlError } from "@spacex-etl/contracts/errors";
import type { CollectionDefinition } from "../collections/index.ts";
import type { Transport } from "../http/index.ts";
import { recordBatches } from "../records/index.ts";
import { countRecords } from "./count.ts";

/**
 * A collection as its records' own bytes: one streamed GET of its route, conditional where an ETag is given.
 */
export function recordSourceOf(
  transport: Transport,
  definition: CollectionDefinition,
  maxRecordBytes: number | undefined,
): RecordSource {
  const { method, url } = transport.requestLine("GET", definition.route);
  const description = `${method} ${url}`;
  return {
    description,
    open: async ({ ifNoneMatch, ...call }) => {
      const answer = await transport.open({
        call,
        method,
        path: definition.route,
        accept: [200],
        ifNoneMatch,
      });
      if (answer.response.status === 304) {
        void answer.response.body?.cancel().catch(() => undefined);
        return { status: "not-modified" };
      }
      const batches = recordBatches(answer.chunks(), {
        shape: definition.single ? "object" : "array",
        from: description,
        maxRecordBytes,
      });
      return {
        status: "ok",
        etag: answer.response.headers.get("etag") ?? undefined,
        batches: readOnce(batches, description),
      };
    },
    ...(definition.countable ? { count: (options) => countRecords(transport, definition, {}, options) } : {}),
  };
}

/** A body can be read once; a second loop over a finished generator would look like an empty collection. */
function readOnce(batches: AsyncGenerator<RecordBatch>, description: string): AsyncIterable<RecordBatch> {
  let started = false;
  return {
    [Symbol.asyncIterator]: () => {
      if (started) {
        throw new EtlError({
          kind: "bug",
          code: "BATCHES_READ_TWICE",
          message: `The batches of ${description} were read a second time.`,
          hint: "Open the source again.",
        });
      }
      started = true;
      return batches;
    },
  };
}
