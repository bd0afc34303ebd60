import type { S3Client } from "@aws-sdk/client-s3";
import { assertS3Bucket } from "../open/bucket-names.ts";
import { commonSettings, optionErrors, type StoreCommonOptions } from "../remote/index.ts";

/** A lake in S3 or in a store that speaks its protocol. */
export interface S3StoreOptions extends StoreCommonOptions {
  /** General purpose bucket, or the alias or ARN of an access point to one. */
  readonly bucket: string;
  /** Your own client, with all of its settings and its own retries; it is never destroyed. @default one of the store's own */
  readonly client?: S3Client | undefined;
  /** @default `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's; for another endpoint at last `us-east-1` */
  readonly region?: string | undefined;
  /** Base address of another server: `http://127.0.0.1:9000`. @default S3, or `AWS_ENDPOINT_URL_S3` */
  readonly endpoint?: string | undefined;
  /** The bucket in the path instead of in the host name. @default true where the endpoint is this machine */
  readonly pathStyle?: boolean | undefined;
  /** KMS key id, ARN or alias: new objects get `aws:kms`. Needs `kms:GenerateDataKey` and, for reading, `kms:Decrypt`. */
  readonly kmsKey?: string | undefined;
  /** Of every new object, at most ten. Needs `s3:PutObjectTagging`. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Account id of twelve digits: S3 refuses every request when the bucket is another account's. */
  readonly expectedBucketOwner?: string | undefined;
  /** The caller's account pays for requests and transfers. @default false */
  readonly requesterPays?: boolean | undefined;
  /** Objects larger than this are sent in parts. From 5 MiB to 5 GiB. @default 16 MiB */
  readonly multipartBytes?: number | undefined;
}

const optionError = optionErrors("s3Store");
export const MIB = 1024 * 1024;
const DEFAULT_MULTIPART_BYTES = 16 * MIB;
/** The limits of S3: parts of at least 5 MiB but the last, and at most 5 GB in one request. */
export const MIN_PART_BYTES = 5 * MIB;
const MAX_PUT_BYTES = 5 * 1024 * MIB;

/** The options that were checked, with their defaults. */
export interface S3Settings extends S3StoreOptions {
  readonly deadlineMs: number;
  readonly stallMs: number;
  readonly multipartBytes: number;
}

/** @throws EtlError of kind `usage` that names the option */
export function settings(options: S3StoreOptions): S3Settings {
  const { bucket, client, multipartBytes = DEFAULT_MULTIPART_BYTES } = options;
  if (!bucket.startsWith("arn:")) assertS3Bucket(bucket);
  const times = commonSettings(options, optionError);
  if (!Number.isInteger(multipartBytes) || multipartBytes < MIN_PART_BYTES || multipartBytes > MAX_PUT_BYTES)
    throw optionError("multipartBytes must be a whole number of bytes from 5 MiB to 5 GiB");
  for (const name of ["region", "endpoint", "pathStyle"] as const)
    if (client !== undefined && options[name] !== undefined)
      throw optionError(`${name} belongs to a client of the store's own, and a client is given`);
  return { ...options, ...times, multipartBytes };
}
