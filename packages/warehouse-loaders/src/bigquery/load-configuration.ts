import { lakeColumns } from "@spacex-etl/contracts";
import type { PlannedTable } from "../loader/load-plan.ts";
import { BIGQUERY_TYPES, type RawDataset, type TableOptions } from "./sql/index.ts";

/** Whether a column has a name that every API of BigQuery takes. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** All columns may be null: what is wrong with a file is named by the checks, not by the load. */
function schemaOf({ source }: PlannedTable): object {
  const fields = lakeColumns(source.spec).map(({ name, type }) => ({
    name,
    type: BIGQUERY_TYPES[type],
    mode: "NULLABLE",
  }));
  return { fields };
}

/** `tables.insert` of a stage, but for when it expires. */
export function stageResource(
  { project, dataset }: RawDataset,
  stage: string,
  table: PlannedTable,
  { labels, kmsKey }: TableOptions,
): object {
  return {
    tableReference: { projectId: project, datasetId: dataset, tableId: stage },
    description: `Rows of ${table.table} on their way; may be dropped.`,
    schema: schemaOf(table),
    labels,
    ...(kmsKey === undefined ? {} : { encryptionConfiguration: { kmsKeyName: kmsKey } }),
  };
}

/** Configuration of the load job: all files of the table or none, into its stage, whatever that holds. */
export function loadConfiguration(
  { project, dataset }: RawDataset,
  stage: string,
  table: PlannedTable,
  { kmsKey }: TableOptions,
): object {
  const remote = table.source.parts.filter(({ uri }) => uri.startsWith("gs://"));
  const flexible = lakeColumns(table.source.spec).some(({ name }) => !PLAIN.test(name));
  return {
    load: {
      ...(remote.length === 0 ? {} : { sourceUris: remote.map(({ uri }) => uri) }),
      sourceFormat: "PARQUET",
      destinationTable: { projectId: project, datasetId: dataset, tableId: stage },
      schema: schemaOf(table),
      createDisposition: "CREATE_NEVER",
      writeDisposition: "WRITE_TRUNCATE",
      // https://cloud.google.com/bigquery/docs/schemas#flexible-column-names
      ...(flexible ? { columnNameCharacterMap: "V2" } : {}),
      ...(kmsKey === undefined ? {} : { destinationEncryptionConfiguration: { kmsKeyName: kmsKey } }),
    },
  };
}
