import { EtlError, type EtlErrorOptions } from "@spacex-etl/contracts";
import type { RedshiftIam, RedshiftWarehouse } from "../../config/index.ts";

type Meaning = Pick<EtlErrorOptions, "kind" | "code" | "hint" | "retryable"> & { readonly says: string };

/** Errors of the SDK, of its providers of credentials and of Node differ in shape; nothing of it is certain. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown };
}

const SIGN_IN =
  "Use the role of the task or instance, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;
const EXPIRED = /^(ExpiredToken\w*|TokenRefreshRequired|RequestExpired)$/;
const WRONG_CREDENTIALS =
  /^(InvalidAccessKeyId|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature\w*|IncompleteSignature\w*|InvalidToken|UnrecognizedClient\w*|AuthFailure|NotSignedUp|OptInRequired|MissingAuthenticationToken\w*|InvalidIdentityToken\w*|IDPRejectedClaim\w*)$/;
const DENIED = /^(AccessDenied\w*|UnauthorizedOperation|NotAuthorized)$/;
const MISSING = /^(ClusterNotFound\w*|ResourceNotFound\w*)$/;
const THROTTLED = /^(Throttl\w*|TooManyRequests\w*|RequestLimitExceeded|SlowDown)$/;
const INVALID = /^(Invalid(Parameter|Input)\w*|Validation\w*|UnsupportedOperation\w*)$/;
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;
const NETWORK = /^(E[A-Z]+|EAI_AGAIN|TimeoutError|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/;
const LONGEST_WORDS = 300;

/** What became of asking for credentials; an error that is nobody's answer is returned as it is. */
export function refusal(
  error: unknown,
  warehouse: RedshiftWarehouse & { readonly iam: RedshiftIam },
): unknown {
  if (EtlError.isInstance(error)) return error;
  const thrown: Thrown = typeof error === "object" && error !== null ? error : { message: String(error) };
  const status = numberOf(thrown.$metadata?.httpStatusCode);
  const code = codeOf(thrown, status);
  const words = textOf(thrown.message) ?? "";
  const meaning = meaningOf(code, status, words, warehouse);
  if (meaning === undefined) return error;
  const { says, ...known } = meaning;
  const requestId = textOf(thrown.$metadata?.requestId);
  const facts = [code, status === undefined ? "" : `HTTP ${status}`, requestId ?? ""].filter(
    (fact) => fact !== "",
  );
  return new EtlError({
    ...known,
    message: `IAM gave no credentials for ${warehouse.display}: ${says} (${facts.join(", ")}).`,
    // Neither the words nor the answer itself: where a signature is wrong they hold the session's token.
    cause: Object.assign(new Error(facts.join(", ")), { name: code }),
  });
}

/** The end of a wait for an answer. */
export function silent(
  { display, iam }: RedshiftWarehouse & { readonly iam: RedshiftIam },
  milliseconds: number,
): EtlError {
  return new EtlError({
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    message: `IAM gave no credentials for ${display}: ${serviceOf(iam)} did not answer within ${milliseconds / 1000} seconds.`,
    hint: unreachableHint(iam),
  });
}

export function peerMissing(name: string, cause: unknown): unknown {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return cause;
  return new EtlError({
    kind: "usage",
    code: "PEER_MISSING",
    message: `A warehouse at redshift:// with iam=true needs the package ${name}, which is not installed.`,
    hint: `Install it: npm install pg ${name}`,
    cause,
  });
}

function meaningOf(
  code: string,
  status: number | undefined,
  words: string,
  warehouse: RedshiftWarehouse & { readonly iam: RedshiftIam },
): Meaning | undefined {
  const { iam } = warehouse;
  if (TLS.test(code))
    return {
      kind: "destination",
      code: "WAREHOUSE_TLS",
      retryable: false,
      says: `the certificate of ${serviceOf(iam)} is not trusted`,
      hint: "For a certificate authority of your own set NODE_EXTRA_CA_CERTS.",
    };
  const auth = { kind: "auth", code: "WAREHOUSE_AUTH" } as const;
  if (NO_CREDENTIALS.test(code))
    return { ...auth, says: "no AWS credentials that can be used were found", hint: SIGN_IN };
  if (EXPIRED.test(code))
    return {
      ...auth,
      says: "the AWS credentials have expired",
      hint: `Sign in again (\`aws sso login\`). ${SIGN_IN}`,
    };
  if (code === "RequestTimeTooSkewed")
    return { ...auth, says: "the clock of this machine is wrong", hint: "Set the clock." };
  if (WRONG_CREDENTIALS.test(code) || status === 401)
    return {
      ...auth,
      says: "the AWS credentials are not accepted",
      hint: `They are mistyped, deleted or of another partition, or this machine's clock is wrong. ${SIGN_IN}`,
    };
  if (MISSING.test(code))
    return {
      kind: "destination",
      code: "WAREHOUSE_MISSING",
      retryable: false,
      says: `there is no ${iam.kind} ${iam.name} in ${iam.region}`,
      hint: `Correct the host, or give ${iam.kind}= and region=; AWS must be asked in the name of the account that has it.`,
    };
  if (THROTTLED.test(code) || status === 429)
    return { kind: "busy", code: "WAREHOUSE_QUOTA", says: "too much is asked", hint: "Run again later." };
  if (DENIED.test(code) || status === 403) return denied(words, warehouse);
  const unreachable = {
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    hint: unreachableHint(iam),
  } as const;
  if (status === undefined)
    return NETWORK.test(code) ? { ...unreachable, says: `${serviceOf(iam)} cannot be reached` } : undefined;
  if (status >= 500) return { ...unreachable, says: `${serviceOf(iam)} is ill` };
  if (INVALID.test(code))
    return {
      kind: "usage",
      code: "WAREHOUSE_URL",
      says: `the address is refused: ${words.replace(/\s+/g, " ").slice(0, LONGEST_WORDS)}`,
      hint: "Correct the user, the database or the parameters of the warehouse's address.",
    };
  return {
    kind: "destination",
    code: "WAREHOUSE_REFUSED",
    retryable: false,
    says: "the request is refused",
    hint: `Try it by hand: aws ${iam.kind === "cluster" ? "redshift get-cluster-credentials" : "redshift-serverless get-credentials"}.`,
  };
}

function denied(
  words: string,
  { iam, user, database }: RedshiftWarehouse & { readonly iam: RedshiftIam },
): Meaning {
  const { kind, name, region } = iam;
  const asked = kind === "cluster" ? "redshift:GetClusterCredentials" : "redshift-serverless:GetCredentials";
  // IAM names the action, which may be that of taking on a role first.
  const permission = /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(words)?.[1] ?? asked;
  const start = `arn:${partitionOf(region)}:redshift:${region}:ACCOUNT`;
  const on =
    permission !== asked
      ? ""
      : kind === "cluster"
        ? ` on ${start}:dbuser:${name}/${user} and ${start}:dbname:${name}/${database}`
        : ` on the workgroup ${name} in ${region}`;
  return {
    kind: "auth",
    code: "WAREHOUSE_FORBIDDEN",
    says: "access denied",
    hint: `Allow ${permission}${on} to whoever runs this; a policy of the organization may also deny it.`,
  };
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

function serviceOf({ kind, region }: RedshiftIam): string {
  return `the API of ${kind === "cluster" ? "Redshift" : "Redshift Serverless"} in ${region}`;
}

function unreachableHint({ kind }: RedshiftIam): string {
  return `Check region and network. Without a way to the internet the subnet needs a VPC endpoint for ${kind === "cluster" ? "redshift" : "redshift-serverless"}.`;
}

/** The system's code where no answer came, else the service's, which the SDK makes the error's name. */
function codeOf(thrown: Thrown, status: number | undefined): string {
  const name = textOf(thrown.name) ?? "Error";
  // Why a provider found none (nobody listens where a role of the machine would be) is not what matters.
  if (NO_CREDENTIALS.test(name)) return name;
  if (status === undefined) {
    const [first] = Array.isArray(thrown.errors) ? (thrown.errors as readonly Thrown[]) : [];
    const { code } = (first ?? thrown) as Thrown;
    const cause = thrown.cause as Thrown | null | undefined;
    const system = textOf(code) ?? textOf(cause?.code);
    if (system !== undefined) return system;
  }
  return name;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
