import { notFound } from "./api-error.ts";
import type { Route } from "./route.ts";

/** Functions and procedures of a dataset, of which there are none: clients ask what a name belongs to. */
export const routineRoutes: readonly Route[] = [
  {
    method: "GET",
    path: /^\/datasets\/(?<dataset>[^/]+)\/routines$/,
    handle: async ({ warehouse, request, names }) => {
      warehouse.dataset(request.projectId, names["dataset"]!);
      return { kind: "bigquery#listRoutinesResponse" };
    },
  },
  {
    method: "GET",
    path: /^\/datasets\/(?<dataset>[^/]+)\/routines\/(?<routine>[^/]+)$/,
    handle: async ({ request, names }) => {
      throw notFound(`Routine ${request.projectId}:${names["dataset"]}.${names["routine"]}`);
    },
  },
];
