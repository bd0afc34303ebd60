import type { RedshiftCredentials } from "@spacex-etl/warehouse-loaders/redshift";
import type { RedshiftIam, RedshiftWarehouse } from "../../config/index.ts";
import { peerMissing, refusal, silent } from "./refusal.ts";

/** A warehouse whose address says `iam=true`. */
export type IamWarehouse = RedshiftWarehouse & { readonly iam: RedshiftIam };

/** Of all of it: finding the credentials of AWS, and the answer. The loader waits 15 seconds for a connection. */
const ANSWER_MS = 10_000;
const ATTEMPTS = 3;
/** The longest that IAM gives. Who is signed in stays so. */
const LIFETIME_SECONDS = 3600;

/** Loads the SDK that will be needed, so that its absence is told before anything begins. @throws EtlError PEER_MISSING */
export async function requireIamPeer({ kind }: RedshiftIam): Promise<void> {
  await (kind === "cluster" ? clusterSdk() : workgroupSdk());
}

/**
 * New credentials for one hour.
 *
 * @throws EtlError WAREHOUSE_AUTH, WAREHOUSE_FORBIDDEN (exit 3), WAREHOUSE_MISSING, WAREHOUSE_UNREACHABLE (8) and others;
 *   none repeats a credential. What the signal says, if it comes first.
 */
export async function iamCredentials(
  warehouse: IamWarehouse,
  signal?: AbortSignal,
): Promise<RedshiftCredentials> {
  signal?.throwIfAborted();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(silent(warehouse, ANSWER_MS)), ANSWER_MS);
  const stop = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    // Not every provider of credentials hears the signal.
    return await Promise.race([ask(warehouse, stop), aborted(stop)]);
  } catch (error) {
    stop.throwIfAborted();
    throw refusal(error, warehouse);
  } finally {
    clearTimeout(timer);
  }
}

function ask(warehouse: IamWarehouse, stop: AbortSignal): Promise<RedshiftCredentials> {
  return warehouse.iam.kind === "cluster" ? askCluster(warehouse, stop) : askWorkgroup(warehouse, stop);
}

/** https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentials.html */
async function askCluster(
  { iam, user, database }: IamWarehouse,
  stop: AbortSignal,
): Promise<RedshiftCredentials> {
  const { GetClusterCredentialsCommand, RedshiftClient } = await clusterSdk();
  const client = new RedshiftClient({ region: iam.region, maxAttempts: ATTEMPTS });
  try {
    const { DbUser = "", DbPassword = "" } = await client.send(
      new GetClusterCredentialsCommand({
        ClusterIdentifier: iam.name,
        DbUser: user,
        DbName: database,
        AutoCreate: false,
        DurationSeconds: LIFETIME_SECONDS,
      }),
      { abortSignal: stop },
    );
    return { user: DbUser, password: DbPassword };
  } finally {
    client.destroy();
  }
}

/**
 * The user is the identity that asks.
 *
 * @see https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_GetCredentials.html
 */
async function askWorkgroup(
  { iam, database }: IamWarehouse,
  stop: AbortSignal,
): Promise<RedshiftCredentials> {
  const { GetCredentialsCommand, RedshiftServerlessClient } = await workgroupSdk();
  const client = new RedshiftServerlessClient({ region: iam.region, maxAttempts: ATTEMPTS });
  try {
    const { dbUser = "", dbPassword = "" } = await client.send(
      new GetCredentialsCommand({
        workgroupName: iam.name,
        dbName: database,
        durationSeconds: LIFETIME_SECONDS,
      }),
      { abortSignal: stop },
    );
    return { user: dbUser, password: dbPassword };
  } finally {
    client.destroy();
  }
}

function clusterSdk() {
  return import("@aws-sdk/client-redshift").catch((cause: unknown) => {
    throw peerMissing("@aws-sdk/client-redshift", cause);
  });
}

function workgroupSdk() {
  return import("@aws-sdk/client-redshift-serverless").catch((cause: unknown) => {
    throw peerMissing("@aws-sdk/client-redshift-serverless", cause);
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
