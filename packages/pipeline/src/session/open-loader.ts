import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import { fetchPart, type ObjectStore } from "@spacex-etl/lake-writers";
import type { Loader } from "@spacex-etl/warehouse-loaders";
import type {
  BigQueryWarehouse,
  DuckDBWarehouse,
  PipelineConfig,
  RedshiftWarehouse,
} from "../config/index.ts";
import type { Engine } from "./engine.ts";
import { iamCredentials, requireIamPeer } from "./redshift-iam/index.ts";
import { requirePassword } from "./redshift-password.ts";

/** What a loader may need of its session. */
export interface LoaderSurroundings {
  readonly config: PipelineConfig;
  readonly store: ObjectStore;
  /** Starts DuckDB, where nothing has yet. */
  engine(): Promise<Engine>;
}

/**
 * The loader of the configured warehouse; its driver and what that needs are loaded only now. Nothing is sent yet. A
 * service needs no DuckDB of ours.
 */
export function openLoader({ config, store, engine }: LoaderSurroundings): Promise<Loader> {
  const { warehouse } = config;
  switch (warehouse.kind) {
    case "duckdb":
      return openDuckDB(warehouse, config, store, engine);
    case "bigquery":
      return openBigQuery(warehouse);
    case "redshift":
      return openRedshift(warehouse, store);
  }
}

async function openDuckDB(
  { path }: DuckDBWarehouse,
  { lockTimeoutMs }: PipelineConfig,
  store: ObjectStore,
  engine: () => Promise<Engine>,
): Promise<Loader> {
  // DuckDB starts on a thread of its own meanwhile.
  const opening = engine();
  opening.catch(() => undefined);
  const { duckdbLoader } = await import("@spacex-etl/warehouse-loaders/duckdb");
  const { connection, workFolder } = await opening;
  return duckdbLoader({
    connection,
    path,
    lockTimeoutMs,
    localPart: (part, options) => fetchPart(store, part, join(workFolder, "parts"), options),
  });
}

async function openBigQuery(warehouse: BigQueryWarehouse): Promise<Loader> {
  const { project, dataset, location, endpoint, jobProject } = warehouse;
  const { kmsKey, impersonate, maximumBytesBilled, labels, partitionBy } = warehouse;
  // It derives all tables from the schemas.
  if (partitionBy !== undefined) (await import("./partitions.ts")).checkPartitions(partitionBy);
  const { bigqueryLoader } = await import("@spacex-etl/warehouse-loaders/bigquery");
  return bigqueryLoader({
    project,
    dataset,
    location,
    endpoint,
    jobProject,
    kmsKey,
    impersonate,
    maximumBytesBilled,
    labels,
    partitionBy,
  });
}

async function openRedshift(warehouse: RedshiftWarehouse, store: ObjectStore): Promise<Loader> {
  const { host, port, database, schema, iamRole, sslmode } = warehouse;
  const who = await signInto(warehouse);
  const ca = await readCertificates(warehouse.ca);
  const { redshiftLoader } = await import("@spacex-etl/warehouse-loaders/redshift");
  return redshiftLoader({
    host,
    port,
    ...who,
    database,
    schema,
    iamRole,
    ssl: sslmode,
    ca,
    manifests: store,
  });
}

/** What is missing is told before anything is loaded; asked again for each connection: temporary ones run out. */
async function signInto(warehouse: RedshiftWarehouse) {
  const { iam, user } = warehouse;
  if (iam === undefined) {
    await requirePassword(warehouse);
    return { user, password: () => requirePassword(warehouse) };
  }
  await requireIamPeer(iam);
  return {
    credentials: ({ signal }: { readonly signal: AbortSignal }) =>
      iamCredentials({ ...warehouse, iam }, signal),
  };
}

async function readCertificates(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new EtlError({
      kind: "usage",
      code: "WAREHOUSE_URL",
      message: `The certificates of the warehouse's address (ca) cannot be read: ${(cause as Error).message}`,
      hint: "Give the path of a PEM file, or leave it out: Node itself trusts those of AWS.",
      cause,
    });
  }
}
