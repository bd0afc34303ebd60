import { newRunId, sha256Hex } from "@spacex-etl/contracts";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { LoadRequest } from "@spacex-etl/warehouse-loaders";
import type { PipelineConfig } from "../config/index.ts";

/**
 * The collections' tables without rows, for a plan that is never executed: enough to know what the warehouse's schema
 * lacks. It is of a run that no warehouse knows.
 */
export function schemaRequest(
  { source, allowSourceChange }: Pick<PipelineConfig, "source" | "allowSourceChange">,
  names: readonly string[],
): LoadRequest {
  const runId = newRunId();
  // Later than anything that is loaded, so that the plan is not "superseded".
  const extractedAt = "9999-12-31T00:00:00.000Z";
  return {
    runId,
    source,
    manifestSha256: sha256Hex(runId),
    extractedAt,
    allowDeletes: true,
    allowSourceChange,
    collections: names.map((name) => {
      const { fingerprint, tables } = collections[name as CollectionName];
      return {
        name,
        extractedAt,
        schemaFingerprint: fingerprint,
        quarantinedKeys: [],
        tables: tables.map((spec) => ({ spec, rows: 0, parts: [], contentSha256: sha256Hex("") })),
      };
    }),
  };
}
