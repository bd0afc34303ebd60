import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { bucketFields } from "./fields.ts";
import type { Requests } from "./requests.ts";

/** How an object is looked at. */
export interface HeadOptions {
  readonly signal: AbortSignal | undefined;
  /** With the checksum that S3 keeps of it. */
  readonly checksum?: boolean;
}

/** What S3 knows of the object, or undefined if there is none. A bucket that is missing answers the same. */
export async function headObject(
  requests: Requests,
  key: string,
  name: string,
  options: HeadOptions,
): Promise<HeadObjectCommandOutput | undefined> {
  const found = await head(requests, key, name, options, true);
  if (found !== "refused") return found.output;
  await reveal(requests, key, name, options);
  const again = await head(requests, key, name, options, false);
  return again === "refused" ? undefined : again.output;
}

interface Found {
  readonly output?: HeadObjectCommandOutput;
}

function head(
  requests: Requests,
  key: string,
  name: string,
  { signal, checksum = false }: HeadOptions,
  first: boolean,
): Promise<Found | "refused"> {
  return requests.send<Found | "refused">({
    action: "read",
    key,
    signal,
    send: async ({ sdk, client, signal: abortSignal }) => {
      const mode = checksum ? ({ ChecksumMode: "ENABLED" } as const) : {};
      const fields = { ...bucketFields(requests.settings), Key: name, ...mode };
      return { output: await client.send(new sdk.HeadObjectCommand(fields), { abortSignal }) };
    },
    settles({ status }) {
      if (status === 404) return {};
      return first && (status === 301 || status === 400 || status === 403) ? "refused" : undefined;
    },
  });
}

/** Throws why the object may not be looked at: an answer to HEAD has no body that could say, one to GET has. */
async function reveal(requests: Requests, key: string, name: string, { signal }: HeadOptions): Promise<void> {
  await requests.send<object>({
    action: "read",
    key,
    signal,
    // The answer's body goes with the end of the call.
    send: ({ sdk, client, signal: abortSignal }) => {
      const fields = { ...bucketFields(requests.settings), Key: name, Range: "bytes=0-0" };
      return client.send(new sdk.GetObjectCommand(fields), { abortSignal });
    },
    settles: ({ status, code }) =>
      (status === 404 && code !== "NoSuchBucket") || status === 416 ? {} : undefined,
  });
}
