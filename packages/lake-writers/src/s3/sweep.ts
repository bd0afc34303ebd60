import type { ListMultipartUploadsCommandOutput } from "@aws-sdk/client-s3";
import type { BucketPath } from "../remote/index.ts";
import type { SweepOptions } from "../store/object-store.ts";
import { bucketFields } from "./fields.ts";
import { decoded, nextPage } from "./list.ts";
import type { Requests } from "./requests.ts";

/**
 * Aborts uploads in parts that began before the date; their parts are paid for until then. A bucket can do so itself by a
 * lifecycle rule (`AbortIncompleteMultipartUpload`).
 *
 * @returns how many
 */
export async function sweepUploads(
  requests: Requests,
  path: BucketPath,
  olderThan: Date,
  { signal, isOurs = () => true }: SweepOptions = {},
): Promise<number> {
  let swept = 0;
  for await (const { name, id, begun } of uploads(requests, path, signal)) {
    const key = path.keyOf(name);
    if (begun >= olderThan || !isOurs(key)) continue;
    await requests.send<object>({
      action: "abort",
      key,
      signal,
      send: ({ sdk, client, signal: abortSignal }) => {
        const fields = { ...bucketFields(requests.settings), Key: name, UploadId: id };
        return client.send(new sdk.AbortMultipartUploadCommand(fields), { abortSignal });
      },
      settles: ({ status, code }) => (status === 404 && code !== "NoSuchBucket" ? {} : undefined),
    });
    swept++;
  }
  return swept;
}

interface Unfinished {
  readonly name: string;
  readonly id: string;
  readonly begun: Date;
}

async function* uploads(
  requests: Requests,
  path: BucketPath,
  signal: AbortSignal | undefined,
): AsyncGenerator<Unfinished> {
  let from: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
  for (let place: string | undefined = ""; place !== undefined;) {
    const marker = from;
    const page = await requests.send<Partial<ListMultipartUploadsCommandOutput>>({
      action: "sweep",
      key: "",
      signal,
      send: ({ sdk, client, signal: abortSignal }) => {
        const fields = { ...bucketFields(requests.settings), Prefix: path.nameOfPrefix("") };
        const command = new sdk.ListMultipartUploadsCommand({ ...fields, EncodingType: "url", ...marker });
        return client.send(command, { abortSignal });
      },
      // Other stores have no such uploads, or do not tell.
      settles: ({ status }) => (status === 501 || status === 405 ? {} : undefined),
    });
    for (const { Key: name = "", UploadId: id, Initiated: begun } of page.Uploads ?? [])
      if (id !== undefined && begun !== undefined)
        yield { name: decoded(name, page.EncodingType), id, begun };
    const { NextKeyMarker = "", NextUploadIdMarker } = page;
    place = nextPage(page.IsTruncated, `${NextKeyMarker}\n${NextUploadIdMarker ?? ""}`, place, requests.url);
    from = {
      KeyMarker: decoded(NextKeyMarker, page.EncodingType),
      ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
    };
  }
}
