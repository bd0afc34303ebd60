import { bucketPath } from "../remote/index.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { connector } from "./connection.ts";
import { creator } from "./create.ts";
import { headObject } from "./head.ts";
import { listObjects } from "./list.ts";
import { type S3StoreOptions, settings } from "./options.ts";
import { PERMISSIONS } from "./problems.ts";
import { bucketFields } from "./fields.ts";
import { readObjectFrom } from "./read.ts";
import { requests } from "./requests.ts";
import { sweepUploads } from "./sweep.ts";

/** Parts of a lake have some 3 MB: enough of them to fill a line of 1 Gbit/s at 200 ms a request, few enough for memory. */
const PARALLEL_CREATES = 8;

/**
 * A lake in S3, or in a store that speaks its protocol and knows `If-None-Match: *` on creation. Credentials are found by
 * the SDK: the environment, a profile, the role of the task or instance. Nothing is loaded or connected before the first
 * call.
 *
 * Objects are created by `If-None-Match: *`, in one request or, when large, in parts of 8 MiB of which four are under way
 * at once; whichever request completes first has the name. S3 verifies the SHA-256 of every body that it gets. Bodies
 * stream; large ones are sent one after another and take about 100 MiB of memory together. What stalls, breaks off or
 * is throttled is tried again until `deadlineMs`; a reading goes on from the byte that it had reached.
 *
 * Needs `s3:ListBucket` on the bucket, and `s3:PutObject`, `s3:GetObject`, `s3:DeleteObject` and
 * `s3:AbortMultipartUpload` on its objects; `sweep` also `s3:ListBucketMultipartUploads` on the bucket. In a bucket with
 * versions a deleted object stays as an older version.
 *
 * @throws EtlError of kind `usage` for options that are wrong or contradict each other. Its calls throw `LAKE_AUTH`,
 * `LAKE_PERMISSION`, `LAKE_CLOCK_SKEW` (auth); `LAKE_BUSY` (busy); `LAKE_BUCKET_MISSING`, `LAKE_UNREACHABLE`, `LAKE_REFUSED`
 * (destination); `LAKE_REGION`, `PEER_MISSING`, `OBJECT_KEY` (usage); `OBJECT_CHECKSUM`, `OBJECT_NOT_FOUND`,
 * `OBJECT_CHANGED` (integrity)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function s3Store(options: S3StoreOptions): ObjectStore {
  const checked = settings(options);
  const path = bucketPath(checked.prefix);
  const url = `s3://${checked.bucket}${path.prefix === "" ? "" : `/${path.prefix}`}`;
  const connection = connector(checked);
  const sent = requests(checked, url, connection);
  const create = creator(sent);
  return {
    url,
    parallelCreates: PARALLEL_CREATES,
    permissions: PERMISSIONS,
    createIfAbsent: async (key, body, options) => create(key, path.nameOf(key), body, options),
    get: (key, options) => readObjectFrom(sent, key, path.nameOf(key), options?.signal),
    list: (prefix, options) => listObjects(sent, path, prefix, options?.signal),
    async head(key, options) {
      const found = await headObject(sent, key, path.nameOf(key), { signal: options?.signal });
      if (found === undefined) return undefined;
      const { ContentLength: bytes = 0, LastModified: createdAt = new Date(0) } = found;
      return { key, bytes, createdAt };
    },
    async delete(key, options) {
      const name = path.nameOf(key);
      await sent.send<object>({
        action: "delete",
        key,
        signal: options?.signal,
        send: ({ sdk, client, signal: abortSignal }) =>
          client.send(new sdk.DeleteObjectCommand({ ...bucketFields(checked), Key: name }), { abortSignal }),
        settles: ({ status, code }) => (status === 404 && code !== "NoSuchBucket" ? {} : undefined),
      });
    },
    sweep: (olderThan, options) => sweepUploads(sent, path, olderThan, options),
    [Symbol.asyncDispose]: connection.close,
  };
}
