import { urlError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** What the address of a lake in S3 may say of it. */
export interface S3Parameters {
  /** Else the SDK's own: `AWS_REGION`, the profile. */
  readonly region?: string;
  /** Base address of a store that speaks S3's protocol. */
  readonly endpoint?: string;
  /** The bucket in the path instead of in the host name; most other stores than S3 need it. */
  readonly pathStyle?: boolean;
  /** Key id, ARN or alias of the KMS key that encrypts new objects. Else the bucket's default encryption. */
  readonly kmsKey?: string;
  /** Of new objects, for example `STANDARD_IA`. Else the bucket's default. */
  readonly storageClass?: string;
  /** Account id of twelve digits: every request is refused when the bucket is another account's. */
  readonly expectedBucketOwner?: string;
  /** The caller's account pays for requests and transfers. */
  readonly requesterPays?: boolean;
}

/** What the address of a lake in Google Cloud Storage may say of it. */
export interface GcsParameters {
  /** Base address of another server, for example an emulator. */
  readonly endpoint?: string;
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`, for new objects. Else the bucket's default encryption. */
  readonly kmsKey?: string;
  /** Of new objects: `STANDARD`, `NEARLINE`, `COLDLINE` or `ARCHIVE`. Else the bucket's default. */
  readonly storageClass?: string;
  /** Project that pays for requests and transfers (requester pays). */
  readonly userProject?: string;
}

/** Reads one value, or throws what is wrong with it. */
type Reader<T> = (value: string, name: string) => T;
type Readers<T> = { readonly [Name in keyof T]-?: Reader<NonNullable<T[Name]>> };

const S3_READERS: Readers<S3Parameters> = {
  region: matching(/^[a-z0-9-]{2,40}$/, "a region like eu-central-1"),
  endpoint,
  pathStyle: boolean,
  kmsKey: matching(/^\S{1,2048}$/, "a key id, an ARN or an alias"),
  storageClass: s3StorageClass,
  expectedBucketOwner: matching(/^\d{12}$/, "an account id of twelve digits"),
  requesterPays: boolean,
};

const GCS_READERS: Readers<GcsParameters> = {
  endpoint: server,
  kmsKey: matching(
    /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+$/,
    "projects/P/locations/L/keyRings/R/cryptoKeys/K",
  ),
  storageClass: oneOf(["STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"]),
  // Also `example.com:project`, of domains.
  userProject: matching(/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{2,62}$/, "a project id"),
};

export function s3Parameters(query: URLSearchParams): S3Parameters {
  return read("s3", S3_READERS, GCS_READERS, query);
}

export function gcsParameters(query: URLSearchParams): GcsParameters {
  return read("gs", GCS_READERS, S3_READERS, query);
}

function read<T extends object>(
  scheme: "s3" | "gs",
  readers: Readers<T>,
  others: object,
  query: URLSearchParams,
): T {
  const known = new Map<string, Reader<unknown>>(Object.entries(readers));
  const values = new Map<string, unknown>();
  for (const [name, value] of query) {
    const reader = known.get(name);
    // A key that somebody put there, padded perhaps, must not be repeated as a name.
    if (reader === undefined && (!/^[\w-]{1,40}$/.test(name) || /^=*$/.test(value)))
      throw urlError(
        "Its query holds something else than name=value.",
        `There are ${[...known.keys()].join(", ")}. Credentials are found by the SDK itself.`,
      );
    if (reader === undefined) throw unknown(scheme, name, [...known.keys()], Object.hasOwn(others, name));
    if (values.has(name)) throw urlError(`The parameter ${name} is there twice.`, "Give it once.");
    if (value === "") throw urlError(`The parameter ${name} has no value.`, "Give it one, or leave it out.");
    values.set(name, reader(value, name));
  }
  return Object.fromEntries(values) as T;
}

function unknown(scheme: "s3" | "gs", name: string, known: readonly string[], elsewhere: boolean): Error {
  const article = scheme === "s3" ? "An" : "A";
  const message = `${article} ${scheme}:// address has no parameter ${JSON.stringify(name)}.`;
  const meant = nearest(name, known);
  if (elsewhere)
    return urlError(
      message,
      `It belongs to ${scheme === "s3" ? "gs" : "s3"}://. There are ${known.join(", ")}.`,
    );
  if (meant !== undefined) return urlError(message, `Did you mean ${meant}?`);
  if (/secret|access.?key|key.?id|token|password|credential|signature/i.test(name))
    return urlError(
      message,
      "An address takes no secret: credentials are found by the SDK itself (environment, profile, role of the machine).",
    );
  return urlError(message, `There are ${known.join(", ")}.`);
}

/** @param what continues "must be …" */
function matching(pattern: RegExp, what: string): Reader<string> {
  return (value, name) => {
    if (pattern.test(value)) return value;
    throw urlError(`The parameter ${name} must be ${what}.`, "Correct it, or leave it out.");
  };
}

function oneOf(values: readonly string[]): Reader<string> {
  return (value, name) => {
    if (values.includes(value)) return value;
    const meant = nearest(value, values);
    throw urlError(
      `The parameter ${name} must be one of ${values.join(", ")}.`,
      meant === undefined ? "Correct it, or leave it out." : `Did you mean ${meant}?`,
    );
  };
}

function boolean(value: string, name: string): boolean {
  return oneOf(["true", "false"])(value, name) === "true";
}

/** Other stores have classes of their own, so that only the form is looked at. */
function s3StorageClass(value: string, name: string): string {
  if (/^(GLACIER|DEEP_ARCHIVE)$/.test(value))
    throw urlError(
      `The storage class ${value} cannot hold a lake: its objects cannot be read until they are restored.`,
      "GLACIER_IR can be read at once; a lifecycle rule can move old runs later.",
    );
  return matching(/^[A-Z][A-Z0-9_]{2,40}$/, "a storage class like STANDARD_IA")(value, name);
}

function endpoint(value: string, name: string): string {
  const url = URL.parse(value);
  const hint = "Give a base address like http://127.0.0.1:9000.";
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(value))
    throw urlError(`The parameter ${name} must be an http or https address.`, hint);
  if (url.username !== "" || url.password !== "")
    throw urlError(
      `The parameter ${name} holds a user name or password, which would end up in logs.`,
      "Leave it out: credentials are found by the SDK itself.",
    );
  if (url.search !== "" || url.hash !== "")
    throw urlError(`The parameter ${name} has a query or a fragment; a base address has none.`, hint);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function server(value: string, name: string): string {
  const base = endpoint(value, name);
  if (base === new URL(base).origin) return base;
  throw urlError(`The parameter ${name} has a path; it must be a server.`, "As in http://127.0.0.1:4443.");
}
