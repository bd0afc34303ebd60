import { datasetAnswer } from "./answers.ts";
import { ApiError } from "./api-error.ts";
import { createDataset, dropDataset, putDataset } from "./datasets.ts";
import { datasetResource, parse } from "./resources.ts";
import type { Route, RouteContext } from "./route.ts";
import type { Dataset } from "./warehouse.ts";

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
        putDataset(context.warehouse, {
          ...old,
          metadata: Object.fromEntries(kept),
          version: old.version + 1,
        }),
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
      await dropDataset(warehouse, { projectId, datasetId });
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
  return datasetAnswer(
    await createDataset(warehouse, {
      projectId,
      datasetId,
      location: location ?? "US",
      metadata,
      version: 1,
    }),
  );
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
