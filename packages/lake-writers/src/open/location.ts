import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { assertGcsBucket, assertS3Bucket } from "./bucket-names.ts";
import { urlError } from "./errors.ts";
import { gcsParameters, type GcsParameters, s3Parameters, type S3Parameters } from "./parameters.ts";

/** A lake in a folder; `directory` is absolute. */
export interface FileLakeLocation {
  readonly kind: "file";
  readonly directory: string;
}

/** A lake in S3, or in a store that speaks its protocol. */
export interface S3LakeLocation extends S3Parameters {
  readonly kind: "s3";
  readonly bucket: string;
  /** Without a slash at its ends; empty for the whole bucket. */
  readonly prefix: string;
}

/** A lake in Google Cloud Storage. */
export interface GcsLakeLocation extends GcsParameters {
  readonly kind: "gs";
  readonly bucket: string;
  /** Without a slash at its ends; empty for the whole bucket. */
  readonly prefix: string;
}

/** Where a lake is: what {@link parseLakeUrl} reads and `openLake` opens. */
export type LakeLocation = FileLakeLocation | S3LakeLocation | GcsLakeLocation;

/** Names of objects have at most 1024 bytes; what is below a prefix needs up to half of them. */
const MAX_PREFIX_BYTES = 512;

const FORMS = "Use a folder (./lake, file:///data/lake), s3://bucket/prefix or gs://bucket/prefix.";

/**
 * Reads where a lake is:
 *
 * - a path, relative to `cwd`, or a `file:` URL;
 * - `s3://bucket/prefix?region=&endpoint=&pathStyle=true&kmsKey=&storageClass=&expectedBucketOwner=&requesterPays=true`;
 * - `gs://bucket/prefix?endpoint=&kmsKey=&storageClass=&userProject=`.
 *
 * Every parameter may be left out. None takes a secret: credentials are found by the SDKs themselves.
 *
 * @param options.cwd what a relative path is relative to; by default the process's working directory
 * @throws EtlError `LAKE_URL` of kind `usage` that names what is wrong and never repeats a value that may be secret
 */
export function parseLakeUrl(
  text: string,
  options: { readonly cwd?: string | undefined } = {},
): LakeLocation {
  if (text.trim() === "") throw urlError("The lake's address is empty.", FORMS);
  if (text.includes("\0")) throw urlError("The lake's address holds a NUL character.", FORMS);
  // One letter before a colon is a drive.
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(text) ?? [];
  const cwd = options.cwd ?? process.cwd();
  switch (scheme?.toLowerCase()) {
    case undefined:
      return { kind: "file", directory: resolve(cwd, text) };
    case "file":
      return { kind: "file", directory: fileDirectory(rest, cwd) };
    case "s3": {
      const { bucket, prefix, query } = bucketUrl("s3", rest);
      assertS3Bucket(bucket);
      return { kind: "s3", bucket, prefix, ...s3Parameters(query) };
    }
    case "gs": {
      const { bucket, prefix, query } = bucketUrl("gs", rest);
      assertGcsBucket(bucket);
      return { kind: "gs", bucket, prefix, ...gcsParameters(query) };
    }
    default:
      throw urlError(`A lake's address cannot begin with ${scheme}:.`, hintFor(scheme ?? ""));
  }
}

function hintFor(scheme: string): string {
  if (/^s3[an]$/i.test(scheme)) return "Write s3://bucket/prefix.";
  if (/^(gcs|gcp)$/i.test(scheme)) return "Write gs://bucket/prefix.";
  if (/^https?$/i.test(scheme))
    return "Write s3://bucket/prefix or gs://bucket/prefix; another server is named by ?endpoint=https://….";
  return FORMS;
}

function fileDirectory(rest: string, cwd: string): string {
  if (rest === "") throw urlError("file: names no folder.", FORMS);
  if (!rest.startsWith("//")) return resolve(cwd, decoded(rest) ?? rest);
  if (/[?#]/.test(rest))
    throw urlError(
      "A file: address of a lake has no parameters and no fragment.",
      "Write ? as %3F and # as %23.",
    );
  try {
    return fileURLToPath(`file:${rest}`);
  } catch {
    throw urlError(
      "A file: address names another host, or is none.",
      "An absolute path needs three slashes.",
    );
  }
}

/**
 * The parts of a bucket's address. Not by `URL`: it takes `..` out of a path before anybody sees it.
 */
function bucketUrl(
  scheme: "s3" | "gs",
  rest: string,
): { readonly bucket: string; readonly prefix: string; readonly query: URLSearchParams } {
  const hint = `Write ${scheme}://bucket/prefix.`;
  const [, authority = "", path = "", query = "", fragment] =
    /^\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(rest) ?? [];
  if (authority.includes("@"))
    throw urlError(
      `A ${scheme}:// address holds a user name or password, which would end up in logs.`,
      "Leave it out: credentials are found by the SDK itself (environment, profile, role of the machine).",
    );
  if (authority === "") throw urlError(`A ${scheme}: address names no bucket.`, hint);
  if (fragment !== undefined) throw urlError(`A ${scheme}:// address of a lake has no fragment (#).`, hint);
  if (authority.includes(":"))
    throw urlError(
      `A ${scheme}:// address has no port: it names a bucket, not a server.`,
      `A server of your own is a parameter: ${scheme}://bucket/prefix?endpoint=http://127.0.0.1:9000`,
    );
  return { bucket: authority, prefix: prefixOf(scheme, path), query: new URLSearchParams(query) };
}

function prefixOf(scheme: string, path: string): string {
  const prefix = decoded(path)?.replace(/^\/|\/$/g, "");
  const wrong = (problem: string): Error =>
    urlError(
      `The prefix in the ${scheme}:// address ${problem}.`,
      `Write ${scheme}://bucket/some/prefix with plain names.`,
    );
  if (prefix === undefined) throw wrong("holds a % that begins no character");
  if (prefix === "") return prefix;
  const segments = prefix.split("/");
  if (segments.includes("")) throw wrong("holds an empty name between two slashes");
  if (segments.some((segment) => segment === "." || segment === "..")) throw wrong("holds . or .. as a name");
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(prefix)) throw wrong("holds a control character");
  // Warehouses and command lines take them for patterns.
  const pattern = /[*?[\]#]/.exec(prefix);
  if (pattern !== null) throw wrong(`holds ${pattern[0]}`);
  if (Buffer.byteLength(prefix) > MAX_PREFIX_BYTES) throw wrong(`has more than ${MAX_PREFIX_BYTES} bytes`);
  return prefix;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
