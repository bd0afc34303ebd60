import { EtlError } from "@spacex-etl/contracts";
import type { BigQueryClient } from "./connection.ts";

/**
 * Where to load to, and how. Parts of the lake are at `gs://`; a part that is a path on this machine is uploaded, for small
 * data: one file per table, of at most 64 MiB.
 */
export interface BigQueryLoaderOptions {
  /** Project of the dataset: `my-project`, or `example.com:my-project`. */
  readonly project: string;
  /** Dataset of the raw tables. Made by the first load if `location` is given. */
  readonly dataset: string;
  /**
   * `EU`, `US`, `europe-west1` …: where the dataset is made, and where it must be if it exists. Buckets of the lake must be
   * there too (https://cloud.google.com/bigquery/docs/batch-loading-data#data-locations). @default the dataset's own
   */
  readonly location?: string | undefined;
  /** Project that jobs run in and that pays for them. @default `project` */
  readonly jobProject?: string | undefined;
  /**
   * Your own `BigQuery` of `@google-cloud/bigquery`: its credentials, endpoint and HTTP transport are used, but not its
   * retries, interceptors and time-outs. @default one with the Application Default Credentials
   */
  readonly client?: BigQueryClient | undefined;
  /**
   * Another server, without a path: `http://127.0.0.1:9050`, or a Private Service Connect endpoint. Requests over plain
   * HTTP carry no credentials, and none are looked for. @default `https://bigquery.googleapis.com`
   */
  readonly endpoint?: string | undefined;
  /**
   * E-mail of a service account to act as, through `google-auth-library`. Whoever signs in needs
   * `roles/iam.serviceAccountTokenCreator` on it (https://cloud.google.com/iam/docs/service-account-impersonation).
   */
  readonly impersonate?: string | undefined;
  /**
   * `projects/P/locations/L/keyRings/R/cryptoKeys/K` for the dataset, tables and stages that are made. BigQuery's service
   * agent needs `roles/cloudkms.cryptoKeyEncrypterDecrypter` on it (https://cloud.google.com/bigquery/docs/customer-managed-encryption).
   * Temporary tables of the transaction, which hold keys of rows, have the default key of the job's project.
   */
  readonly kmsKey?: string | undefined;
  /**
   * Labels of jobs, tables and the dataset that are made; jobs also have `spacex_etl_run`. At most 60, of lower-case letters,
   * digits, `_` and `-`, up to 63 characters (https://cloud.google.com/bigquery/docs/labels-intro#requirements). @default {}
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * A query that would bill more bytes fails before it runs (BYTES_BILLED, exit 2). BigQuery bills at least 10 MB per table
   * that is read. @default no limit of its own
   */
  readonly maximumBytesBilled?: number | bigint | undefined;
  /**
   * Table → its column of type date or timestamp, by day; used when the table is made. BigQuery allows 10,000 partitions per
   * table and 4,000 per job (https://cloud.google.com/bigquery/quotas#partitioned_tables). @default {}
   */
  readonly partitionBy?: Readonly<Record<string, string>> | undefined;
  /** Days after which a stage that a killed load left behind vanishes by itself, from 1 to 365. @default 7 */
  readonly stageDays?: number | undefined;
  /** Longest that one job may run, in milliseconds. @default 3,600,000 (one hour) */
  readonly jobTimeoutMs?: number | undefined;
  /** The clock. @default () => new Date() */
  readonly now?: (() => Date) | undefined;
}

/** The options that were checked, with their defaults. */
export interface BigQuerySettings extends BigQueryLoaderOptions {
  readonly jobProject: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly partitionBy: Readonly<Record<string, string>>;
  readonly stageDays: number;
  readonly jobTimeoutMs: number;
  readonly now: () => Date;
}

const PROJECT = /^(?:[a-z0-9][a-z0-9.-]*:)?[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const DATASET = /^[A-Za-z0-9_]{1,1024}$/;
const LOCATION = /^[A-Za-z][A-Za-z0-9-]{1,62}$/;
const EMAIL = /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/;
const KMS_KEY = /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+$/;
const LABEL = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const MAX_LABELS = 60;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws EtlError LOADER_OPTIONS of kind `usage` that names the option. */
export function bigquerySettings(options: BigQueryLoaderOptions): BigQuerySettings {
  const { project, dataset, location, client, endpoint, impersonate, kmsKey, maximumBytesBilled } = options;
  const { jobProject = project, stageDays = 7, jobTimeoutMs = 3_600_000, labels = {} } = options;
  demand(PROJECT.test(project), "project must be the id of a Google Cloud project");
  demand(PROJECT.test(jobProject), "jobProject must be the id of a Google Cloud project");
  demand(DATASET.test(dataset), "dataset must be of letters, digits and _");
  demand(location === undefined || LOCATION.test(location), "location must be one as in EU or europe-west1");
  demand(
    client === undefined || endpoint === undefined,
    "endpoint belongs to a client of the loader's own, and a client is given",
  );
  demand(
    endpoint === undefined || isServer(endpoint),
    // Its text may hold a password.
    "endpoint must be the address of a server without a path, as in http://127.0.0.1:9050",
  );
  demand(
    impersonate === undefined || EMAIL.test(impersonate),
    "impersonate must be the e-mail of a service account",
  );
  demand(
    impersonate === undefined || endpoint?.startsWith("http:") !== true,
    "impersonate needs credentials, and over the plain HTTP of the endpoint none are sent",
  );
  demand(
    kmsKey === undefined || KMS_KEY.test(kmsKey),
    "kmsKey must be projects/P/locations/L/keyRings/R/cryptoKeys/K",
  );
  demand(
    maximumBytesBilled === undefined ||
      (maximumBytesBilled > 0 &&
        (typeof maximumBytesBilled === "bigint" || Number.isSafeInteger(maximumBytesBilled))),
    "maximumBytesBilled must be a whole number of bytes above 0",
  );
  demand(
    Number.isFinite(stageDays) && stageDays >= 1 && stageDays <= 365,
    "stageDays must be a number of days from 1 to 365",
  );
  demand(
    Number.isFinite(jobTimeoutMs) && jobTimeoutMs >= 1 && jobTimeoutMs <= MAX_TIMER_MS,
    `jobTimeoutMs must be a number of milliseconds from 1 to ${MAX_TIMER_MS}`,
  );
  demand(Object.keys(labels).length <= MAX_LABELS, `labels may be at most ${MAX_LABELS}`);
  for (const [key, value] of Object.entries(labels)) {
    demand(
      LABEL.test(key) && LABEL_VALUE.test(value),
      `labels has ${JSON.stringify(key)}, which is no label of BigQuery or has a value that is none`,
    );
  }
  return {
    ...options,
    jobProject,
    labels,
    partitionBy: options.partitionBy ?? {},
    stageDays,
    jobTimeoutMs: Math.ceil(jobTimeoutMs),
    now: options.now ?? (() => new Date()),
  };
}

/** @throws EtlError LOADER_OPTIONS unless it holds. */
export function demand(holds: boolean, problem: string): void {
  if (holds) return;
  throw new EtlError({
    kind: "usage",
    code: "LOADER_OPTIONS",
    message: `bigqueryLoader: ${problem}.`,
    hint: "Correct the option, or leave it out.",
  });
}

function isServer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  return url.pathname === "/" && `${url.username}${url.password}${url.search}${url.hash}` === "";
}
