/**
 * A double of BigQuery's REST API v2, for tests of what loads into it; `README.md` says what it proves.
 *
 *     await using server = await startBigQuery({ gcsEndpoint });
 *     const client = clientOf(server.endpoint, "project");
 */
export { clientOf } from "./client.ts";
export type { Fault, FaultRule } from "./faults.ts";
export {
  type BigQueryOptions,
  type BigQueryServer,
  type HookedRequest,
  type JobEntry,
  type RequestEntry,
  type ServerHooks,
  startBigQuery,
} from "./server.ts";
