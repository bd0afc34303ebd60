import type { PipelineConfig, WarehouseLocation } from "../config/index.ts";
import { iamCredentials } from "../session/redshift-iam/index.ts";
import { requirePassword } from "../session/redshift-password.ts";

/** Variables of a process; undefined takes one out, so that what is set for other work does not send this elsewhere. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Variables and words that lead dbt to the warehouse. */
export interface DbtWarehouse {
  /** Every name is one of the project's `profiles.yml`. */
  readonly env: Variables;
  /** Variables of the project, as `--vars` takes them. */
  readonly vars: Readonly<Record<string, string>>;
}

/** Connection settings of the warehouse, as the profile of the project reads them; with credentials of now. */
export async function dbtWarehouse(config: PipelineConfig, signal?: AbortSignal): Promise<DbtWarehouse> {
  const { warehouse } = config;
  switch (warehouse.kind) {
    case "duckdb":
      return {
        env: {
          SPACEX_ETL_DUCKDB_PATH: warehouse.path,
          // Else the project's own limit holds: its joins need more than normalize and load do.
          ...(config.origin.memoryLimit === "default"
            ? {}
            : { SPACEX_ETL_DUCKDB_MEMORY: config.memoryLimit }),
        },
        vars: {},
      };
    case "bigquery":
      return { env: bigqueryVariables(warehouse), vars: schemas(warehouse.dataset) };
    case "redshift":
      return { env: await redshiftVariables(warehouse, signal), vars: schemas(warehouse.schema) };
  }
}

const DEFAULT_RAW = "raw";

/** Each raw schema has a staging and marts of its own; those of `raw` need no prefix. */
function schemas(raw: string): Readonly<Record<string, string>> {
  return { raw_schema: raw, ...(raw === DEFAULT_RAW ? {} : { schema_prefix: `${raw}_` }) };
}

type Of<Kind> = Extract<WarehouseLocation, { readonly kind: Kind }>;

function bigqueryVariables(warehouse: Of<"bigquery">): Variables {
  const { project, location, jobProject, impersonate, maximumBytesBilled, endpoint } = warehouse;
  return {
    SPACEX_ETL_BIGQUERY_PROJECT: project,
    SPACEX_ETL_BIGQUERY_LOCATION: location,
    SPACEX_ETL_BIGQUERY_JOB_PROJECT: jobProject,
    SPACEX_ETL_BIGQUERY_IMPERSONATE: impersonate,
    SPACEX_ETL_BIGQUERY_MAXIMUM_BYTES_BILLED: maximumBytesBilled?.toString(),
    SPACEX_ETL_BIGQUERY_ENDPOINT: endpoint,
  };
}

async function redshiftVariables(
  warehouse: Of<"redshift">,
  signal: AbortSignal | undefined,
): Promise<Variables> {
  // `ca` with a transform was refused: the adapter trusts the certificates of AWS, and takes no others.
  const { host, port, database, sslmode, iam } = warehouse;
  const { user, password } =
    iam === undefined
      ? { user: warehouse.user, password: await requirePassword(warehouse) }
      : await iamCredentials({ ...warehouse, iam }, signal);
  return {
    SPACEX_ETL_REDSHIFT_METHOD: "database",
    SPACEX_ETL_REDSHIFT_HOST: host,
    SPACEX_ETL_REDSHIFT_PORT: String(port),
    SPACEX_ETL_REDSHIFT_USER: user,
    SPACEX_ETL_REDSHIFT_DATABASE: database,
    SPACEX_ETL_REDSHIFT_SSLMODE: sslmode,
    // dbt keeps the values of variables with this prefix out of its logs.
    DBT_ENV_SECRET_REDSHIFT_PASSWORD: password,
  };
}
