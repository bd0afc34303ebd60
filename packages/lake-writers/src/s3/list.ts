import { EtlError } from "@spacex-etl/contracts/errors";
import type { BucketPath } from "../remote/index.ts";
import type { ObjectInfo } from "../store/object-store.ts";
import { bucketFields } from "./fields.ts";
import type { Requests } from "./requests.ts";

/**
 * All objects below the prefix, in pages of up to 1000. General purpose buckets list by the bytes of names in UTF-8.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function* listObjects(
  requests: Requests,
  path: BucketPath,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  let token: string | undefined;
  do {
    const page = await requests.send({
      action: "list",
      key: prefix,
      signal,
      send: ({ sdk, client, signal: abortSignal }) =>
        client.send(
          new sdk.ListObjectsV2Command({
            ...bucketFields(requests.settings),
            Prefix: path.nameOfPrefix(prefix),
            EncodingType: "url",
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          { abortSignal },
        ),
    });
    for (const { Key: name = "", Size: bytes = 0, LastModified: createdAt = new Date(0) } of page.Contents ??
      []) {
      signal?.throwIfAborted();
      const key = path.keyOf(decoded(name, page.EncodingType));
      // Consoles make "folders": empty objects whose names end with a slash.
      if (key !== "" && !key.endsWith("/")) yield { key, bytes, createdAt };
    }
    token = nextPage(page.IsTruncated, page.NextContinuationToken, token, requests.url);
  } while (token !== undefined);
}

/** @returns the next page's place, or undefined after the last page. @throws where it is none, which would never end */
export function nextPage(
  truncated: boolean | undefined,
  next: string | undefined,
  current: string | undefined,
  url: string,
): string | undefined {
  if (truncated !== true) return undefined;
  if (next !== undefined && next !== "" && next !== current) return next;
  throw new EtlError({
    kind: "destination",
    code: "LAKE_REFUSED",
    retryable: false,
    message: `Cannot list ${url}: the service says that there is more, but not where.`,
    hint: "This is no complete S3 service. Choose another one.",
  });
}

/** Names come percent-encoded where the service says so, because XML cannot hold all of them. */
export function decoded(name: string, encoding: string | undefined): string {
  return encoding === "url" ? decodeURIComponent(name.replaceAll("+", " ")) : name;
}
