/** A DuckDB file. */
export interface DuckDBWarehouse {
  readonly kind: "duckdb";
  /** Absolute path of the database file. */
  readonly path: string;
  /** As it can be given to `--warehouse` from anywhere: the absolute path. */
  readonly url: string;
  /** What a person typed or would type: the path, relative to the working directory where it lies inside. */
  readonly display: string;
}

/** A dataset of BigQuery. Credentials are found by the SDK itself. */
export interface BigQueryWarehouse {
  readonly kind: "bigquery";
  /** Project that holds the dataset. */
  readonly project: string;
  readonly dataset: string;
  /** Where the dataset is, or is made: `EU`, `US` or a region in lower case. */
  readonly location: string;
  /** Base address of another server that speaks the API. */
  readonly endpoint?: string;
  /** Project that runs and pays for the jobs; else `project`. */
  readonly jobProject?: string;
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`, for new tables. Else the dataset's default. */
  readonly kmsKey?: string;
  /** Service account to act as. */
  readonly impersonate?: string;
  /** A query that would read more fails before it costs anything. */
  readonly maximumBytesBilled?: number;
  /** Of dataset, tables and jobs that are made. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Table → column of type timestamp or date by whose day a new table is partitioned. */
  readonly partitionBy?: Readonly<Record<string, string>>;
  /** As it can be given to `--warehouse`: the address with all its parameters. It holds no secret. */
  readonly url: string;
  /** For messages: the address without parameters. */
  readonly display: string;
}

/** How the connection to Redshift is protected. */
export type RedshiftSslMode = "verify-full" | "require" | "disable";

/** What is asked for temporary credentials in the name of IAM: a cluster, or a workgroup of Redshift Serverless. */
export interface RedshiftIam {
  readonly kind: "cluster" | "workgroup";
  /** Identifier of the cluster or name of the workgroup. */
  readonly name: string;
  /** Like `eu-central-1`. */
  readonly region: string;
}

/** A schema in a database of Redshift. */
export interface RedshiftWarehouse {
  readonly kind: "redshift";
  readonly host: string;
  readonly port: number;
  /** Of the database. Empty where only IAM says who signs in: it may be left out for a workgroup. */
  readonly user: string;
  readonly database: string;
  /** Of the raw tables. */
  readonly schema: string;
  /** ARN of the role by which COPY reads the lake, several with commas between them, or `default`. */
  readonly iamRole: string;
  readonly sslmode: RedshiftSslMode;
  /** Absolute path of the certificates (PEM) that the server's must be signed by; else those that Node trusts. */
  readonly ca?: string;
  /** Each new connection has temporary credentials of IAM, for one hour. `password` is then asked by nobody. */
  readonly iam?: RedshiftIam;
  /**
   * Asked for each new connection; undefined: there is none. A function, so that printing a configuration prints no
   * password, and so that a program of yours can put one here that fetches temporary credentials.
   */
  readonly password: () => string | undefined | Promise<string | undefined>;
  /** As it can be given to `--warehouse` from anywhere: the address with all its parameters. It holds no secret. */
  readonly url: string;
  /** For messages: the address with no parameter but the schema. */
  readonly display: string;
}

/** Where the warehouse is. */
export type WarehouseLocation = DuckDBWarehouse | BigQueryWarehouse | RedshiftWarehouse;
