import { etagOf, page, tableAnswer } from "./answers.ts";
import { ApiError, invalid, notFound } from "./api-error.ts";
import { pagingOf, type Route, type RouteContext } from "./route.ts";
import {
  type Field,
  parse,
  tableName,
  type TableReference,
  type TableResource,
  tableResource,
} from "./resources.ts";
import { changeFields, checkFields, createTable, dropTable } from "./table-changes.ts";
import { hiddenResult } from "./result-tables.ts";
import { kindOf, mustHoldRows } from "./views.ts";
import { relationOf, select, type Table } from "./warehouse.ts";

export const tableRoutes: readonly Route[] = [
  { method: "POST", path: /^\/datasets\/(?<dataset>[^/]+)\/tables$/, handle: insert },
  {
    method: "GET",
    path: /^\/datasets\/(?<dataset>[^/]+)\/tables$/,
    handle: async ({ warehouse, request, names }) => {
      const { location } = warehouse.dataset(request.projectId, names["dataset"]!);
      const tables = warehouse.tablesOf(request.projectId, names["dataset"]!);
      return {
        kind: "bigquery#tableList",
        tables: tables.map((table) => tableAnswer(table, location, null)),
        totalItems: tables.length,
      };
    },
  },
  {
    method: "GET",
    path: /^\/datasets\/(?<dataset>[^/]+)\/tables\/(?<table>[^/]+)$/,
    handle: async (context) =>
      hidden(context) ?? answer(context, context.warehouse.table(referenceOf(context))),
  },
  { method: "PATCH", path: /^\/datasets\/(?<dataset>[^/]+)\/tables\/(?<table>[^/]+)$/, handle: change },
  { method: "PUT", path: /^\/datasets\/(?<dataset>[^/]+)\/tables\/(?<table>[^/]+)$/, handle: change },
  {
    method: "DELETE",
    path: /^\/datasets\/(?<dataset>[^/]+)\/tables\/(?<table>[^/]+)$/,
    handle: async (context) => {
      await dropTable(context.warehouse, context.warehouse.table(referenceOf(context)).reference);
      return null;
    },
  },
  {
    method: "GET",
    path: /^\/datasets\/(?<dataset>[^/]+)\/tables\/(?<table>[^/]+)\/data$/,
    handle: async (context) => {
      const found = hiddenResult(context.jobs, referenceOf(context));
      if (found !== undefined)
        return { kind: "bigquery#tableDataList", ...page(found.result, pagingOf(context.request.query)) };
      const table = context.warehouse.table(referenceOf(context));
      mustHoldRows(table);
      const { reference, fields } = table;
      const set = await rowsOf(context, reference);
      return { kind: "bigquery#tableDataList", ...page({ ...set, fields }, pagingOf(context.request.query)) };
    },
  },
];

const referenceOf = ({ request, names }: RouteContext): TableReference => ({
  projectId: request.projectId,
  datasetId: names["dataset"]!,
  tableId: names["table"]!,
});

/** What a SELECT found, as a table. */
function hidden(context: RouteContext): object | undefined {
  const reference = referenceOf(context);
  const found = hiddenResult(context.jobs, reference);
  if (found === undefined) return undefined;
  const { job, result } = found;
  const time = job.endTime ?? job.creationTime;
  const table = { reference, fields: result.fields, metadata: {}, version: 1 };
  const times = { creationTime: time, lastModifiedTime: time, expirationTime: time + 86_400_000 };
  return tableAnswer({ ...table, ...times }, job.location, String(result.rows.length));
}

async function insert(context: RouteContext): Promise<object> {
  const { warehouse, quota, request, names } = context;
  const body = request.body as { readonly tableReference?: object } | undefined;
  const place = { projectId: request.projectId, datasetId: names["dataset"]! };
  const resource = parse(tableResource, { ...body, tableReference: { ...body?.tableReference, ...place } });
  if (resource.schema === undefined)
    throw invalid("Schema is missing; this double makes no table without one");
  quota.updateMetadata(tableName(resource.tableReference));
  const table = await createTable(warehouse, {
    reference: resource.tableReference,
    fields: resource.schema.fields,
    metadata: metadataOf(resource),
    expirationTime: expirationOf(resource.expirationTime),
  });
  return answer(context, table);
}

/** PATCH changes what it names, null takes away; PUT replaces the whole, but keeps a schema that it does not name. */
async function change(context: RouteContext): Promise<object> {
  const { warehouse, quota, request } = context;
  const table = warehouse.table(referenceOf(context));
  if (request.ifMatch !== undefined && request.ifMatch !== "*" && request.ifMatch !== etagOf(table.version)) {
    throw new ApiError(412, "conditionNotMet", "Precondition Failed");
  }
  const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  if (kindOf(table) === "MATERIALIZED_VIEW" && "schema" in body) {
    throw invalid("Schema update for materialized views is not supported.");
  }
  const patch = request.method === "PATCH";
  const merged = patch ? { ...table.metadata, ...body } : body;
  if (patch && typeof body["labels"] === "object" && body["labels"] !== null) {
    Object.assign(merged, {
      labels: withoutNulls({ ...(table.metadata["labels"] as object), ...body["labels"] }),
    });
  }
  const resource = parse(tableResource, { ...withoutNulls(merged), tableReference: table.reference });
  const metadata = metadataOf(resource);
  const expirationTime =
    patch && !("expirationTime" in body) ? table.expirationTime : expirationOf(resource.expirationTime);
  quota.updateMetadata(tableName(table.reference));
  const fields: readonly Field[] = resource.schema?.fields ?? table.fields;
  if (resource.schema === undefined) checkFields(fields, metadata);
  const widened =
    resource.schema === undefined ? table : await changeFields(warehouse, { ...table, metadata }, fields);
  return answer(context, warehouse.putTable({ ...widened, metadata, expirationTime }));
}

/** What the server sets itself is not kept from a body that was read and sent back. */
const OWN = [
  "tableReference",
  "schema",
  "expirationTime",
  "kind",
  "id",
  "etag",
  "selfLink",
  "type",
  "location",
  "view",
  "materializedView",
];
const COUNTED = ["creationTime", "lastModifiedTime", "numRows", "numBytes"];

const metadataOf = (resource: TableResource): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(resource).filter(([key]) => !OWN.includes(key) && !COUNTED.includes(key)),
  );

const withoutNulls = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));

const expirationOf = (value: string | number | null | undefined): number | null =>
  value === undefined || value === null ? null : Number(value);

async function answer(context: RouteContext, table: Table): Promise<object> {
  const { projectId, datasetId } = table.reference;
  const { location } = context.warehouse.dataset(projectId, datasetId);
  const { rows } = await rowsOf(context, table.reference, "count(*)");
  return tableAnswer(table, location, rows[0]![0]!);
}

async function rowsOf(
  { warehouse }: RouteContext,
  reference: TableReference,
  columns = "*",
): ReturnType<typeof select> {
  const connection = await warehouse.connect();
  try {
    return await select(connection, `SELECT ${columns} FROM ${relationOf(reference)}`);
  } catch (error) {
    // Dropped by another request since it was found.
    if (!/ does not exist/.test(String(error))) throw error;
    const { projectId, datasetId, tableId } = reference;
    throw notFound(`Table ${projectId}:${datasetId}.${tableId}`);
  } finally {
    connection.closeSync();
  }
}
