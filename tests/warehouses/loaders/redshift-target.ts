import { type S3StoreOptions, s3Store } from "@spacex-etl/lake-writers/s3";
import type { RedshiftLoaderOptions } from "@spacex-etl/warehouse-loaders/redshift";
import { startVersitygw, TEST_CREDENTIALS, TEST_REGION, type TestServer } from "../../servers/index.ts";
import { type RedshiftOptions, type RedshiftStandIn, startRedshift } from "../redshift/index.ts";
import { openRedshiftTarget, type RedshiftTarget } from "./open-redshift-target.ts";

/** The role that COPY may use; the stand-in refuses all others. */
export const ROLE = "arn:aws:iam::000000000000:role/load";
const BUCKET = "lake";

/** Redshift and S3 for the tests of one file, and empty schemas in them. */
export interface RedshiftTargets extends AsyncDisposable {
  readonly redshift: RedshiftStandIn;
  readonly s3: TestServer;
  /** A target on a schema of its own, which is not there yet. */
  open(change?: Partial<RedshiftLoaderOptions>): RedshiftTarget;
}

/** @param change Of the stand-in: further users. */
export async function startRedshiftTargets(
  change: Pick<RedshiftOptions, "users"> = {},
): Promise<RedshiftTargets> {
  const s3 = await startVersitygw();
  // As everywhere by environment; here for this process and those that it starts.
  Object.assign(process.env, s3.env);
  const lake: S3StoreOptions = {
    bucket: BUCKET,
    region: TEST_REGION,
    endpoint: s3.endpoint,
    pathStyle: true,
  };
  const store = s3Store(lake);
  let redshift: RedshiftStandIn;
  try {
    await s3.makeBucket(BUCKET);
    redshift = await startRedshift({
      s3: { endpoint: s3.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS },
      roles: [ROLE],
      ...change,
    });
  } catch (error) {
    await s3.close();
    throw error;
  }
  const place = { connection: redshift.connection, ssl: "disable", iamRole: ROLE, lake, store } as const;
  let count = 0;
  return {
    redshift,
    s3,
    open: (options) => openRedshiftTarget(place, `raw_${++count}`, options),
    [Symbol.asyncDispose]: async () => {
      await redshift.close();
      await store[Symbol.asyncDispose]?.();
      await s3.close();
    },
  };
}
