/**
 * The part of `Client` of `pg` that is used here, typed by structure: every 8.x client fits. It must be connected, and
 * nothing else may use it while a method of the loader runs.
 */
export interface RedshiftClient {
  query(
    sql: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[]; readonly rowCount: number | null }>;
  end(): Promise<void>;
  on?(event: "error", listener: (error: Error) => void): unknown;
  off?(event: "error", listener: (error: Error) => void): unknown;
}

/** A user and a password, for example temporary ones that IAM gave. */
export interface RedshiftCredentials {
  readonly user: string;
  readonly password: string;
}

/** Where the manifests of COPY are written: an S3 `ObjectStore` of the lake writers, or anything that can as much. */
export interface ManifestStore {
  /** `s3://bucket/prefix`, in the region of the cluster and readable for the role. */
  readonly url: string;
  /** Creates the object unless the key exists. */
  createIfAbsent(
    key: string,
    body: Uint8Array,
    options?: { readonly contentType?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<"created" | "exists">;
}

/**
 * How TLS is used. `verify-full`: the certificate must be trusted and of this host. `require`: encrypted, but whoever
 * answers is believed. `disable`: passwords and rows go in the clear.
 */
export type RedshiftSsl = "verify-full" | "require" | "disable";

/** How Redshift spreads a table's rows: by itself, evenly, all of them on every node, or by a column's value. */
export type Distribution = "auto" | "even" | "all" | { readonly key: string };

interface CommonOptions {
  /** Schema of the raw tables, in lower case; made by the first load if it is not there. @default "raw" */
  readonly schema?: string | undefined;
  /**
   * By what right COPY reads the lake: the ARN of a role that is attached to the cluster or workgroup, several of them
   * (or one text with commas) where each is assumed by the one before it, or `default` for the cluster's default role.
   * It needs `s3:GetObject` on the lake's objects and on the manifests.
   *
   * @see https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
   */
  readonly iamRole: string | readonly string[];
  /** Where to write the manifest of each COPY, as `copy/run=<run id>/<table>-<hash>.manifest`; never overwritten. */
  readonly manifests: ManifestStore;
  /**
   * By table. Applied when a table is made; later changes of it are yours (`ALTER TABLE … ALTER DISTSTYLE`).
   *
   * @default by the record's key, so that a record and its children lie on one node
   */
  readonly distribution?: Readonly<Record<string, Distribution>> | undefined;
  /** Columns by table, as `distribution`; an empty list leaves it to Redshift (`AUTO`). @default the table's key */
  readonly sortKeys?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Bytes (not characters) of text columns, by table (`orders`) or column (`orders.note`), from 1 to 65,535, for tables
   * and columns that a load makes. A longer value is refused (VALUE_TOO_LONG), never cut. Joins reserve memory by these
   * widths: keys are worth their real one, in `orders.id` and in `orders__lines._parent_id`.
   *
   * @default 65_535, Redshift's most; 64 for `_row_hash`, 63 for `_run_id`
   * @see https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
   */
  readonly varcharBytes?: Readonly<Record<string, number>> | undefined;
  /**
   * Longest time of one statement, waiting for locks included, in milliseconds: `statement_timeout` of the session. A
   * client of yours gets its own setting back when the loader is closed.
   *
   * @default 3_600_000
   */
  readonly statementTimeoutMs?: number | undefined;
  /** Longest time until there is a connection, credentials or your function included, in milliseconds. @default 15_000 */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * About how long is waited before a transaction that met another one is repeated, in milliseconds: five times, each pause
   * twice as long as the one before. Nothing is copied again.
   *
   * @default 1000
   */
  readonly conflictPauseMs?: number | undefined;
  /** The clock. @default () => new Date() */
  readonly now?: (() => Date) | undefined;
}

interface AddressOptions {
  readonly client?: undefined;
  /** Host of the cluster's or workgroup's endpoint, without port. */
  readonly host: string;
  /** @default 5439 */
  readonly port?: number | undefined;
  readonly database: string;
  /** @default "verify-full" */
  readonly ssl?: RedshiftSsl | undefined;
  /** Certificates to trust instead of Node's own, as PEM text; only with `verify-full`. */
  readonly ca?: string | undefined;
}

/** Which Redshift to load, who asks, and how tables are made. */
export type RedshiftLoaderOptions = CommonOptions &
  (
    | (AddressOptions & {
        readonly user: string;
        /** Or a function that is asked again for each connection. */
        readonly password: string | (() => string | Promise<string>);
        readonly credentials?: undefined;
      })
    | (AddressOptions & {
        readonly user?: undefined;
        readonly password?: undefined;
        /**
         * Asked again for each connection: for temporary credentials, as `GetClusterCredentials` of Redshift and
         * `GetCredentials` of Redshift Serverless give them. The signal is aborted when nobody waits for them any more.
         */
        readonly credentials: (asking: { readonly signal: AbortSignal }) => Promise<RedshiftCredentials>;
      })
    | {
        /**
         * A connected client of yours, which is never ended; or a function that connects a new one, which the loader ends.
         * Only with a function can a connection that was lost during COMMIT be replaced to learn what became of it.
         */
        readonly client: RedshiftClient | (() => Promise<RedshiftClient>);
        readonly host?: undefined;
        readonly port?: undefined;
        readonly database?: undefined;
        readonly user?: undefined;
        readonly password?: undefined;
        readonly credentials?: undefined;
        readonly ssl?: undefined;
        readonly ca?: undefined;
      }
  );
