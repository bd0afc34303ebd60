import { urlError } from "./errors.ts";

const IP_ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * The rules for general purpose buckets. Aliases of access points (`…-s3alias`) stand where a bucket's name does.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function assertS3Bucket(bucket: string): void {
  const wrong = (problem: string): Error =>
    urlError(
      `${JSON.stringify(bucket)} is no name of an S3 bucket: ${problem}.`,
      "3 to 63 of a–z, 0–9, - and ., with a letter or digit at both ends.",
    );
  if (bucket.length < 3 || bucket.length > 63) throw wrong(`it has ${bucket.length} characters`);
  if (!/^[a-z0-9.-]+$/.test(bucket)) throw wrong("it has other characters than a–z, 0–9, - and .");
  if (!/^[a-z0-9].*[a-z0-9]$/.test(bucket)) throw wrong("it begins or ends with - or .");
  if (bucket.includes("..")) throw wrong("it has two periods in a row");
  if (IP_ADDRESS.test(bucket)) throw wrong("it looks like an IP address");
  const reserved = /^(xn--|sthree-|amzn-s3-demo-)/.exec(bucket)?.[0];
  if (reserved !== undefined) throw wrong(`names that begin with ${reserved} are reserved`);
  const special = SPECIAL_SUFFIXES.find(({ suffix }) => bucket.endsWith(suffix));
  if (special !== undefined)
    throw urlError(
      `${JSON.stringify(bucket)} is ${special.what}, which cannot hold a lake: ${special.why}.`,
      "Use a general purpose bucket.",
    );
}

const SPECIAL_SUFFIXES = [
  {
    suffix: "--x-s3",
    what: "a directory bucket",
    why: "it does not list objects in the order of their keys",
  },
  { suffix: "--table-s3", what: "a table bucket", why: "it takes no objects" },
  { suffix: "--ol-s3", what: "an access point of Object Lambda", why: "it may change bytes that are read" },
  { suffix: ".mrap", what: "a multi-region access point", why: "its regions agree only after a while" },
] as const;

/**
 * The rules of Google Cloud Storage; names with periods are domain names.
 *
 * @see https://cloud.google.com/storage/docs/buckets#naming
 */
export function assertGcsBucket(bucket: string): void {
  const wrong = (problem: string): Error =>
    urlError(
      `${JSON.stringify(bucket)} is no name of a GCS bucket: ${problem}.`,
      "3 to 63 of a–z, 0–9, -, _ and ., with a letter or digit at both ends.",
    );
  const dotted = bucket.includes(".");
  if (bucket.length < 3 || bucket.length > (dotted ? 222 : 63))
    throw wrong(`it has ${bucket.length} characters`);
  if (!/^[a-z0-9._-]+$/.test(bucket)) throw wrong("it has other characters than a–z, 0–9, -, _ and .");
  if (!/^[a-z0-9].*[a-z0-9]$/.test(bucket)) throw wrong("it begins or ends with -, _ or .");
  if (bucket.split(".").some((label) => label.length === 0 || label.length > 63))
    throw wrong("between periods there are 1 to 63 characters");
  if (IP_ADDRESS.test(bucket)) throw wrong("it looks like an IP address");
  if (bucket.startsWith("goog")) throw wrong("names that begin with goog are reserved");
  if (/g[o0][o0]g[l1]e/.test(bucket)) throw wrong("names that contain google or the like are reserved");
}
