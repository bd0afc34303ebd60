import { EtlError } from "@spacex-etl/contracts";
import type { PlannedTable } from "../loader/load-plan.ts";
import { assertStageCount } from "../planning/index.ts";
import type { LoadStatistics } from "./job.ts";

/**
 * Holds what a load job says of itself against the manifest: rows, records left out, files. A column that a Parquet file
 * lacks is not among it: BigQuery fills a nullable column with NULL and says nothing, so that only the lake's own proofs
 * (`verify`) find such a file.
 *
 * @throws EtlError STAGE_COUNT, BAD_RECORDS, STAGE_FILES of kind `integrity`.
 */
export function assertLoaded({ table, rows, source }: PlannedTable, load: LoadStatistics | undefined): void {
  const { outputRows = 0, badRecords = 0, inputFiles = 0 } = load ?? {};
  assertStageCount(table, rows, outputRows);
  if (badRecords > 0) {
    throw refuse("BAD_RECORDS", `BigQuery left out ${badRecords} records of ${table}.`, {
      table,
      badRecords,
    });
  }
  const expected = source.parts.length;
  if (inputFiles !== expected) {
    const message = `BigQuery read ${inputFiles} files of ${table}; the manifest has ${expected}.`;
    throw refuse("STAGE_FILES", message, { table, inputFiles, expected });
  }
}

function refuse(code: string, message: string, details: Readonly<Record<string, unknown>>): EtlError {
  return new EtlError({
    kind: "integrity",
    code,
    message,
    hint: "The run's files are not what its manifest says: verify the lake, then run again under a new run id.",
    details,
  });
}
