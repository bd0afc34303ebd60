import { hashBody, hashStream } from "../store/read.ts";
import type { Creation } from "./creation.ts";
import { headObject } from "./head.ts";
import { readObjectFrom } from "./read.ts";
import type { Requests } from "./requests.ts";

/**
 * Whether the object that exists is what was to be created: by size and the checksum that S3 keeps; where it keeps none,
 * or one of other parts, by reading it. Undefined if there is no object any more.
 */
export async function isSameObject(
  requests: Requests,
  creation: Creation,
  checksum: string | undefined,
): Promise<boolean | undefined> {
  const { key, name, body, bytes, options } = creation;
  const found = await headObject(requests, key, name, { signal: options.signal, checksum: true });
  if (found === undefined) return undefined;
  if (found.ContentLength !== bytes) return false;
  if (checksum !== undefined && found.ChecksumSHA256 === checksum) return true;
  const bothWhole = found.ChecksumSHA256?.includes("-") === false && checksum?.includes("-") === false;
  if (bothWhole) return false;
  const sha256 = options.sha256 ?? (await hashBody(body)).sha256;
  const actual = await hashStream(readObjectFrom(requests, key, name, options.signal));
  return actual.sha256 === sha256;
}
