import type { RequestPayer, ServerSideEncryption, StorageClass } from "@aws-sdk/client-s3";
import type { CreateOptions } from "../store/object-store.ts";
import type { S3Settings } from "./options.ts";

/** What every request says of its bucket. */
export interface BucketFields {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
  readonly RequestPayer?: RequestPayer;
}

export function bucketFields(settings: S3Settings): BucketFields {
  const { bucket, expectedBucketOwner, requesterPays } = settings;
  return {
    Bucket: bucket,
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
    ...(requesterPays === true ? { RequestPayer: "requester" } : {}),
  };
}

/** What a new object is told to be. */
export interface ObjectFields extends BucketFields {
  readonly ContentType?: string;
  readonly Metadata?: Record<string, string>;
  readonly Tagging?: string;
  readonly StorageClass?: StorageClass;
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string;
}

export function objectFields(settings: S3Settings, options: CreateOptions): ObjectFields {
  const { tags, storageClass, kmsKey } = settings;
  const metadata = { ...settings.metadata, ...options.metadata };
  return {
    ...bucketFields(settings),
    ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
    ...(Object.keys(metadata).length === 0 ? {} : { Metadata: metadata }),
    ...(tags === undefined ? {} : { Tagging: queryOf(tags) }),
    // The SDK's list of classes is as old as the SDK; other servers have their own.
    ...(storageClass === undefined ? {} : { StorageClass: storageClass as StorageClass }),
    ...(kmsKey === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKey }),
  };
}

function queryOf(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
}
