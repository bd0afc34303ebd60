import { S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "../src/index.ts";
import type { StoreRetry } from "../src/remote/index.ts";
import { s3Store, type S3StoreOptions } from "../src/s3/index.ts";
import { type Answer, type Asked, scriptedS3, type ScriptedS3 } from "./scripted-s3.ts";

/** A store whose server follows a script. */
export interface ScriptedStore {
  readonly store: ObjectStore;
  readonly server: ScriptedS3;
  readonly retries: readonly StoreRetry[];
}

/** These would be found in what the store says, if it said them. */
export const PLANTED = {
  accessKeyId: "planted-access-key-id",
  secretAccessKey: "planted/secret/access/key",
  sessionToken: "planted-session-token",
} as const;

/** The bucket is `bucket`, the prefix `lake`. With a client of the test's own the store waits as little as it can. */
export async function scriptedStore(
  script: (asked: Asked, before: number) => Answer | Promise<Answer>,
  options: Partial<S3StoreOptions> & { readonly region?: string } = {},
): Promise<ScriptedStore> {
  const server = await scriptedS3(script);
  const retries: StoreRetry[] = [];
  const { region = "us-east-1", ...more } = options;
  const client = new S3Client({
    region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: PLANTED,
    maxAttempts: 1,
    expectContinueHeader: false,
    requestChecksumCalculation: "WHEN_REQUIRED",
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const store = s3Store({
    client,
    bucket: "bucket",
    prefix: "lake",
    onRetry: (retry) => retries.push(retry),
    ...more,
  });
  return { store, server, retries };
}
