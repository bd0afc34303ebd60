import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import { DATETIME } from "./sql/functions.ts";

/** Resources of the REST API v2, as far as the double reads them; what it does not read it keeps. */
const reference = z.looseObject({ projectId: z.string(), datasetId: z.string() });

const field = z.looseObject({
  name: z.string().regex(/^[^\p{Cc}]{1,300}$/u),
  type: z.string(),
  mode: z.enum(["NULLABLE", "REQUIRED"]).default("NULLABLE"),
  description: z.string().optional(),
});
export type Field = z.infer<typeof field>;

const tableSchema = z.looseObject({ fields: z.array(field) });

const labels = z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), z.string().regex(/^[a-z0-9_-]{0,63}$/));

export const datasetResource = z.looseObject({
  datasetReference: z.looseObject({
    projectId: z.string().optional(),
    datasetId: z.string().regex(/^\w{1,1024}$/),
  }),
  location: z.string().optional(),
  labels: labels.optional(),
  description: z.string().nullish(),
});

export const tableReference = reference.extend({
  tableId: z.string().regex(/^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]{1,1024}$/u),
});
export type TableReference = z.infer<typeof tableReference>;

export const tableResource = z.looseObject({
  tableReference,
  schema: tableSchema.optional(),
  clustering: z.looseObject({ fields: z.array(z.string()).min(1).max(4) }).optional(),
  timePartitioning: z.looseObject({ type: z.string(), field: z.string().optional() }).optional(),
  expirationTime: z.union([z.string().regex(/^\d+$/), z.number()]).nullish(),
  labels: labels.optional(),
  description: z.string().nullish(),
});
export type TableResource = z.infer<typeof tableResource>;

export const loadConfiguration = z.looseObject({
  sourceUris: z.array(z.string()).max(10_000).optional(),
  schema: tableSchema.optional(),
  destinationTable: tableReference,
  createDisposition: z.enum(["CREATE_IF_NEEDED", "CREATE_NEVER"]).default("CREATE_IF_NEEDED"),
  writeDisposition: z.enum(["WRITE_TRUNCATE", "WRITE_APPEND", "WRITE_EMPTY"]).default("WRITE_APPEND"),
  sourceFormat: z.literal("PARQUET"),
  clustering: z.looseObject({ fields: z.array(z.string()).min(1).max(4) }).optional(),
  timePartitioning: z.looseObject({ type: z.string(), field: z.string().optional() }).optional(),
  autodetect: z.literal(false).optional(),
  schemaUpdateOptions: z.array(z.string()).max(0).optional(),
  ignoreUnknownValues: z.literal(false).optional(),
  maxBadRecords: z.literal(0).optional(),
  hivePartitioningOptions: z.undefined().optional(),
  fileSetSpecType: z.undefined().optional(),
});
export type LoadConfiguration = z.infer<typeof loadConfiguration>;

const parameter = z.looseObject({
  name: z.string().optional(),
  parameterType: z.looseObject({ type: z.string() }),
  parameterValue: z
    .looseObject({ value: z.union([z.string(), z.number(), z.boolean()]).transform(String).nullish() })
    .optional(),
});
export type QueryParameter = z.infer<typeof parameter>;

export const queryConfiguration = z.looseObject({
  query: z.string(),
  useLegacySql: z.literal(false),
  queryParameters: z.array(parameter).optional(),
  defaultDataset: z.looseObject({ projectId: z.string().optional(), datasetId: z.string() }).nullish(),
  destinationTable: z.undefined().optional(),
  createSession: z.literal(false).optional(),
});
export type QueryConfiguration = z.infer<typeof queryConfiguration>;

export const jobResource = z.looseObject({
  jobReference: z
    .looseObject({
      jobId: z
        .string()
        .regex(/^[\w-]{1,1024}$/)
        .optional(),
      location: z.string().optional(),
    })
    .optional(),
  configuration: z.looseObject({
    load: z.unknown().optional(),
    query: z.unknown().optional(),
    dryRun: z.literal(false).optional(),
    labels: labels.optional(),
  }),
});

/** @throws ApiError 400 `invalid`, also for what the service can do and the double does not. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.join(".");
  throw invalid(`Invalid value or none that this double knows: ${path}: ${issue.message}`, path);
}

export const tableName = ({ projectId, datasetId, tableId }: TableReference): string =>
  `${projectId}:${datasetId}.${tableId}`;

/** The names that the service answers with, whatever alias was sent. */
const TYPES: Readonly<Record<string, readonly [api: string, duckdb: string, sql: string]>> = {
  INT64: ["INTEGER", "BIGINT", "INT64"],
  INTEGER: ["INTEGER", "BIGINT", "INT64"],
  INT: ["INTEGER", "BIGINT", "INT64"],
  BIGINT: ["INTEGER", "BIGINT", "INT64"],
  FLOAT64: ["FLOAT", "DOUBLE", "FLOAT64"],
  FLOAT: ["FLOAT", "DOUBLE", "FLOAT64"],
  BOOL: ["BOOLEAN", "BOOLEAN", "BOOL"],
  BOOLEAN: ["BOOLEAN", "BOOLEAN", "BOOL"],
  STRING: ["STRING", "VARCHAR", "STRING"],
  TIMESTAMP: ["TIMESTAMP", "TIMESTAMP", "TIMESTAMP"],
  DATE: ["DATE", "DATE", "DATE"],
  DATETIME: ["DATETIME", DATETIME, "DATETIME"],
};

/** @throws ApiError for a type outside of those that the double has. */
export function typeOf(name: string): {
  readonly api: string;
  readonly duckdb: string;
  readonly sql: string;
} {
  const found = TYPES[name.toUpperCase()];
  if (found === undefined)
    throw new ApiError(400, "invalid", `Invalid value for type: ${name} is no type that this double knows`);
  return { api: found[0], duckdb: found[1], sql: found[2] };
}

export const isType = (name: string): boolean => Object.hasOwn(TYPES, name.toUpperCase());

export const normalizedFields = (fields: readonly Field[]): Field[] =>
  fields.map((each) => ({ ...each, type: typeOf(each.type).api }));
