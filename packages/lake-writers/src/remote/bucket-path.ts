import { EtlError } from "@spacex-etl/contracts/errors";

/** From keys of a lake to names of objects in a bucket, and back. */
export interface BucketPath {
  /** Without a slash at its ends; may be empty. */
  readonly prefix: string;
  /**
   * The object's name in the bucket.
   *
   * @throws EtlError of kind `usage` for a text that is no key
   */
  nameOf(key: string): string;
  /** As {@link nameOf}, for the beginning of a key, which may be empty. */
  nameOfPrefix(prefix: string): string;
  keyOf(name: string): string;
}

/** Both services allow names of so many bytes of UTF-8. */
const MAX_NAME_BYTES = 1024;

/** Where the lake's keys begin in its bucket. */
export function bucketPath(prefix = ""): BucketPath {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  const base = trimmed === "" ? "" : `${trimmed}/`;
  return {
    prefix: trimmed,
    nameOf(key) {
      const segments = key.split("/");
      const name = `${base}${key}`;
      const legal =
        key.isWellFormed() &&
        segments.every((segment) => segment !== "" && segment !== "." && segment !== "..");
      // eslint-disable-next-line no-control-regex
      if (legal && !/[\u0000-\u001f\u007f]/.test(key) && Buffer.byteLength(name) <= MAX_NAME_BYTES)
        return name;
      throw new EtlError({
        kind: "usage",
        code: "OBJECT_KEY",
        message: `${JSON.stringify(key)} is no key of an object.`,
      });
    },
    nameOfPrefix: (keyPrefix) => `${base}${keyPrefix}`,
    keyOf: (name) => name.slice(base.length),
  };
}
