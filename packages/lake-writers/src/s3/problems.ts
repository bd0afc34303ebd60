import { EtlError, type EtlErrorOptions } from "@spacex-etl/contracts";
import { type Attempt, type FailedAttempt, plainCause, withoutSecrets } from "../remote/index.ts";
import { type Failure, failureOf } from "./failure.ts";

/** What is done with the bucket; each needs a permission of its own. */
export type Action = "list" | "create" | "read" | "delete" | "sweep" | "abort";

/** By the names that a policy gives them. */
export const PERMISSIONS = {
  list: "s3:ListBucket",
  create: "s3:PutObject",
  read: "s3:GetObject",
  delete: "s3:DeleteObject",
  sweep: "s3:ListBucketMultipartUploads",
  abort: "s3:AbortMultipartUpload",
} as const satisfies Record<Action, string>;

/** What stands in messages and hints. */
export interface Scene {
  readonly action: Action;
  /** `Cannot create raw/x in s3://bucket/lake` */
  readonly what: string;
  readonly key: string;
  readonly bucket: string;
  readonly prefix: string;
  /** The account whose bucket it must be. */
  readonly owner: string | undefined;
  /** The service has answered this store before: what fails now may pass. */
  readonly answered: boolean;
}

/** What a code means: the error, and whether the same request can succeed later. */
interface Meaning extends Pick<EtlErrorOptions, "kind" | "code" | "hint" | "retryable"> {
  readonly retry: boolean | number;
  /** Instead of what the service said. */
  readonly says?: string;
}

const THROTTLED =
  /^(SlowDown|ServiceUnavailable|Throttl\w*|TooManyRequests\w*|RequestLimitExceeded|BandwidthLimitExceeded|RequestThrottled\w*|ProvisionedThroughputExceeded\w*)$/;
const CONFLICT = /^(ConditionalRequestConflict|OperationAborted)$/;
const WRONG_CHECKSUM = /^(BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch)$/;
const BROKEN_OFF = /^(RequestTimeout|IncompleteBody|InternalError|TemporaryRedirect)$/;
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;
const EXPIRED = /^(ExpiredToken\w*|TokenRefreshRequired|RequestExpired)$/;
/** Also of a web identity, whose token STS refuses. The last one is versitygw's. */
const WRONG_CREDENTIALS =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|InvalidSecurity|InvalidClientTokenId|UnrecognizedClient\w*|AuthFailure|NotSignedUp|MissingAuthenticationToken\w*|InvalidIdentityToken\w*|IDPRejectedClaim\w*|XAdminUserNotFound)$/;
const WRONG_REGION = /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;
/** Until the service has answered once, an address that is wrong is likelier than one that is down. */
const FIRST_ATTEMPTS = 5;
const FOREVER = true;

/** What to make of an attempt's error: tried again or not, and what is thrown in the end. */
export function problem(error: unknown, attempt: Attempt, scene: Scene): FailedAttempt {
  if (EtlError.isInstance(error)) return { error, retry: false, ambiguous: false, reason: error.message };
  const failure = failureOf(error);
  const meaning = meaningOf(failure, scene);
  if (meaning === undefined) return { error, retry: false, ambiguous: false, reason: String(error) };
  const { retry, says, ...known } = meaning;
  const reason = says ?? described(failure);
  return {
    error: new EtlError({
      ...known,
      message: `${scene.what}: ${reason}.`,
      cause: plainCause(
        { name: failure.code, message: says ?? failure.message },
        { status: failure.status, requestId: failure.requestId },
      ),
      details: {
        path: scene.key,
        reason: failure.code,
        ...(failure.status === undefined ? {} : { status: failure.status }),
        ...(failure.requestId === undefined ? {} : { requestId: failure.requestId }),
      },
    }),
    retry: typeof retry === "number" ? attempt.number < retry : retry,
    ambiguous: neverSent(failure) ? false : failure.network || failure.attempts > 1 || isServers(failure),
    afterMs: failure.afterMs,
    reason,
  };
}

/** @returns undefined for what is no answer of a service and no failure of a network: a bug */
function meaningOf(failure: Failure, scene: Scene): Meaning | undefined {
  const { code, status } = failure;
  if (TLS.test(code)) return { ...UNREACHABLE, retry: false, hint: TLS_HINT };
  if (failure.network) {
    const mistaken = /^(ENOTFOUND|ECONNREFUSED)$/.test(code) && !scene.answered;
    return { ...UNREACHABLE, retry: mistaken ? FIRST_ATTEMPTS : FOREVER };
  }
  if (NO_CREDENTIALS.test(code))
    return { ...NO_CREDENTIALS_FOUND, retry: scene.answered ? FIRST_ATTEMPTS : false };
  if (failure.message.startsWith("Region is missing")) return { ...NO_REGION, retry: false };
  if (WRONG_CHECKSUM.test(code)) return { ...CHECKSUM, retry: 3 };
  if (failure.message.startsWith("Checksum mismatch")) return { ...DAMAGED, retry: false };
  if (code === "RequestTimeTooSkewed") return { ...SKEWED, retry: 2 };
  if (EXPIRED.test(code)) return { ...EXPIRED_CREDENTIALS, retry: false };
  if (WRONG_CREDENTIALS.test(code) || status === 401) return { ...REFUSED_CREDENTIALS, retry: false };
  if (code === "NoSuchBucket") return { ...noBucket(scene), retry: false };
  if ((WRONG_REGION.test(code) || status === 301) && failure.region !== undefined)
    return { ...wrongRegion(failure.region), retry: false };
  if (status === 301) return { ...wrongRegion(undefined), retry: false };
  if (code === "InvalidObjectState") return { ...ARCHIVED, retry: false };
  // An answer to HEAD has no body, and so no code: it may have been the clock.
  if (status === 403) return { ...denied(failure, scene), retry: failure.clockCorrected ? 2 : false };
  if (CONFLICT.test(code)) return { ...BUSY, retry: FOREVER };
  if (THROTTLED.test(code) || status === 429 || status === 503) return { ...BUSY, retry: FOREVER };
  if (code === "NotImplemented") return { ...REFUSED, retry: false };
  if (BROKEN_OFF.test(code) || status === 408 || isServers(failure))
    return { ...UNREACHABLE, retry: FOREVER };
  if (status !== undefined) return { ...REFUSED, retry: false };
  return undefined;
}

const UNREACHABLE = {
  kind: "destination",
  code: "LAKE_UNREACHABLE",
  hint: "Check the network, the region and the endpoint, then run the same command again; nothing is half-written.",
} as const;
const TLS_HINT =
  "Check that the endpoint speaks https. For a certificate authority of your own set NODE_EXTRA_CA_CERTS.";
const BUSY = {
  kind: "busy",
  code: "LAKE_BUSY",
  hint: "The service asks to slow down. Run the same command again later; what was written is used.",
} as const;
const CHECKSUM = {
  kind: "integrity",
  code: "OBJECT_CHECKSUM",
  says: "the server received other bytes than were to be sent, and refused them",
  hint: "The file was changed while it was sent, or something on the way damages data. Run the same command again.",
} as const;
/** Seen by a client that validates checksums, when all bytes are there. */
const DAMAGED = {
  kind: "integrity",
  code: "OBJECT_CHECKSUM",
  says: "the bytes that arrived do not have the checksum that the service keeps of the object",
  hint: "The object is damaged, or something on the way damages data. Run the same command again, then `spacex-etl verify`.",
} as const;
const SKEWED = {
  kind: "auth",
  code: "LAKE_CLOCK_SKEW",
  says: "the clock of this machine is too far from the service's (RequestTimeTooSkewed)",
  hint: "Set the clock; S3 takes a difference of fifteen minutes at most.",
} as const;
const HOW_TO_SIGN_IN =
  "Use the role of the task or instance, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
const NO_CREDENTIALS_FOUND = {
  kind: "auth",
  code: "LAKE_AUTH",
  says: "no AWS credentials were found",
  hint: HOW_TO_SIGN_IN,
} as const;
const EXPIRED_CREDENTIALS = {
  kind: "auth",
  code: "LAKE_AUTH",
  says: "the AWS credentials have expired",
  hint: `Sign in again (\`aws sso login\`), and run the same command again. ${HOW_TO_SIGN_IN}`,
} as const;
const REFUSED_CREDENTIALS = {
  kind: "auth",
  code: "LAKE_AUTH",
  says: "the service does not accept these AWS credentials",
  hint: `They are mistyped, deleted, or of another service. ${HOW_TO_SIGN_IN}`,
} as const;
const NO_REGION = {
  kind: "usage",
  code: "LAKE_REGION",
  says: "no AWS region is set",
  hint: "Add ?region=… to the lake's address, or set AWS_REGION.",
} as const;
const REFUSED = {
  kind: "destination",
  code: "LAKE_REFUSED",
  retryable: false,
  hint: "Check the bucket's settings and the lake's address.",
} as const;
const ARCHIVED = {
  ...REFUSED,
  says: "the object is archived (InvalidObjectState)",
  hint: "Restore it (`aws s3api restore-object`), run the same command again when it is there, and exempt the lake from lifecycle rules and tiers that archive.",
} as const;

function wrongRegion(region: string | undefined) {
  return {
    kind: "usage",
    code: "LAKE_REGION",
    says: region === undefined ? "the bucket is in another region" : `the bucket is in the region ${region}`,
    hint: `Add ?region=${region ?? "…"} to the lake's address, or set AWS_REGION.`,
  } as const;
}

function noBucket(scene: Scene) {
  return {
    kind: "destination",
    code: "LAKE_BUCKET_MISSING",
    retryable: false,
    says: "there is no such bucket (NoSuchBucket)",
    hint: `Create ${scene.bucket}, or correct the lake's address.`,
  } as const;
}

function denied(failure: Failure, scene: Scene) {
  // IAM names the action in newer messages, which then may be one of KMS.
  const named = /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(failure.message)?.[1];
  const permission = named ?? PERMISSIONS[scene.action];
  const arn = scene.bucket.startsWith("arn:") ? scene.bucket : `arn:aws:s3:::${scene.bucket}`;
  const objects = `${arn}/${scene.prefix === "" ? "" : `${scene.prefix}/`}*`;
  const onBucket = permission.startsWith("s3:ListBucket");
  const onS3 = permission.startsWith("s3:") ? ` on ${onBucket ? arn : objects}` : "";
  const on = permission.startsWith("sts:") ? " in the trust policy of the role" : onS3;
  const owner = scene.owner === undefined ? "" : ` The bucket must belong to account ${scene.owner}.`;
  const also =
    scene.action === "read" && permission.startsWith("s3:")
      ? ` Without ${PERMISSIONS.list} on ${arn} S3 answers the same for an object that is not there.`
      : "";
  return {
    kind: "auth",
    code: "LAKE_PERMISSION",
    says: `access denied${failure.requestId === undefined ? "" : ` (request ${failure.requestId})`}`,
    hint: `Allow ${permission}${on}; a policy of the bucket, its key or the organization may also deny it.${owner}${also}`,
  } as const;
}

/** Nothing left this machine. */
function neverSent({ code }: Failure): boolean {
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(code);
}

function isServers({ status }: Failure): boolean {
  return status !== undefined && status >= 500;
}

function described({ code, status, message }: Failure): string {
  if (status !== undefined && message.includes("Deserialization error"))
    return `the answer is none of S3 (HTTP ${status})`;
  const text = withoutSecrets(message)
    .replace(/\s+/g, " ")
    .replace(/[.\s]+$/, "")
    .slice(0, 300);
  const facts = [code, status === undefined ? "" : `HTTP ${status}`].filter((fact) => fact !== "").join(", ");
  return text === "" || text === code ? facts : `${text} (${facts})`;
}
