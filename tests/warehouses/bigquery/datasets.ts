import { alreadyExists } from "./api-error.ts";
import { dropTable } from "./table-changes.ts";
import { type Dataset, schemaOf, type Warehouse } from "./warehouse.ts";

/** @throws ApiError 409 when it exists. */
export async function createDataset(warehouse: Warehouse, dataset: Dataset): Promise<Dataset> {
  const { projectId, datasetId } = dataset;
  if (warehouse.datasets.has(`${projectId}:${datasetId}`))
    throw alreadyExists(`Dataset ${projectId}:${datasetId}`);
  putDataset(warehouse, dataset);
  await execute(warehouse, `CREATE SCHEMA ${schemaOf(dataset)}`);
  return dataset;
}

export function putDataset(warehouse: Warehouse, dataset: Dataset): Dataset {
  warehouse.datasets.set(`${dataset.projectId}:${dataset.datasetId}`, dataset);
  return dataset;
}

/** With all that is in it. */
export async function dropDataset(
  warehouse: Warehouse,
  { projectId, datasetId }: Pick<Dataset, "projectId" | "datasetId">,
): Promise<void> {
  for (const { reference } of warehouse.tablesOf(projectId, datasetId)) await dropTable(warehouse, reference);
  await execute(warehouse, `DROP SCHEMA ${schemaOf({ projectId, datasetId })} CASCADE`);
  warehouse.datasets.delete(`${projectId}:${datasetId}`);
}

async function execute(warehouse: Warehouse, sql: string): Promise<void> {
  const connection = await warehouse.connect();
  try {
    await connection.run(sql);
  } finally {
    connection.closeSync();
  }
}
