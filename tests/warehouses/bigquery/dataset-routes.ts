import { datasetAnswer } from "./answers.ts";
import { alreadyExists, ApiError } from "./api-error.ts";
import { datasetResource, parse } from "./resources.ts";
import type { Route, RouteContext } from "./route.ts";
import { dropTable } from "./table-changes.ts";
import { type Dataset, schemaOf, type Warehouse } from "./warehouse.ts";

const ONE = /^\/datasets\/(?<dataset>[^/]+)$/;

export const datasetRoutes: readonly Route[] = [
  { method: "POST", path: /^\/datasets$/, handle: insert },
  {
    method: "GET",
    path: /^\/datasets$/,
    handle: async ({ warehouse, request }) => ({
      kind: "bigquery#datasetList",
      datasets: [...warehouse.datasets.values()]
        .filter(({ projectId }) => projectId === request.projectId)
        .map(datasetAnswer),
    }),
  },
  { method: "GET", path: ONE, handle: async (context) => datasetAnswer(datasetOf(context)) },
  {
    method: "PATCH",
    path: ONE,
    handle: async (context) => {
      const old = datasetOf(context);
      const { metadata } = resourceOf(context, old.datasetId, old);
      const kept = Object.entries({ ...old.metadata, ...metadata }).filter(([, value]) => value !== null);
      return datasetAnswer(
        put(context.warehouse, { ...old, metadata: Object.fromEntries(kept), version: old.version + 1 }),
      );
    },
  },
  {
    method: "DELETE",
    path: ONE,
    handle: async (context) => {
      const { warehouse, request } = context;
      const { projectId, datasetId } = datasetOf(context);
      const tables = warehouse.tablesOf(projectId, datasetId);
      if (tables.length > 0 && request.query.get("deleteContents") !== "true") {
        throw new ApiError(400, "resourceInUse", `Dataset ${projectId}:${datasetId} is still in use`);
      }
      for (const { reference } of tables) await dropTable(warehouse, reference);
      await execute(warehouse, `DROP SCHEMA ${schemaOf({ projectId, datasetId })} CASCADE`);
      warehouse.datasets.delete(`${projectId}:${datasetId}`);
      return null;
    },
  },
];

const datasetOf = ({ warehouse, request, names }: RouteContext): Dataset =>
  warehouse.dataset(request.projectId, names["dataset"]!);

async function insert(context: RouteContext): Promise<object> {
  const { warehouse, request } = context;
  const { datasetId, location, metadata } = resourceOf(context, undefined, undefined);
  const { projectId } = request;
  if (warehouse.datasets.has(`${projectId}:${datasetId}`))
    throw alreadyExists(`Dataset ${projectId}:${datasetId}`);
  const dataset = put(warehouse, { projectId, datasetId, location: location ?? "US", metadata, version: 1 });
  await execute(warehouse, `CREATE SCHEMA ${schemaOf(dataset)}`);
  return datasetAnswer(dataset);
}

function resourceOf(
  { request }: RouteContext,
  datasetId: string | undefined,
  old: Dataset | undefined,
): {
  readonly datasetId: string;
  readonly location: string | undefined;
  readonly metadata: Record<string, unknown>;
} {
  const body = request.body as object | undefined;
  const reference = datasetId === undefined ? {} : { datasetReference: { datasetId } };
  const { datasetReference, location, ...metadata } = parse(datasetResource, { ...body, ...reference });
  if (old !== undefined && location !== undefined && location !== old.location) {
    throw new ApiError(400, "invalid", "Dataset location cannot be changed");
  }
  for (const own of ["kind", "id", "etag", "selfLink"]) delete metadata[own];
  return { datasetId: datasetReference.datasetId, location, metadata };
}

function put(warehouse: Warehouse, dataset: Dataset): Dataset {
  warehouse.datasets.set(`${dataset.projectId}:${dataset.datasetId}`, dataset);
  return dataset;
}

async function execute(warehouse: Warehouse, sql: string): Promise<void> {
  const connection = await warehouse.connect();
  try {
    await connection.run(sql);
  } finally {
    connection.closeSync();
  }
}
