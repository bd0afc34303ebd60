import type { ErrorKind } from "@spacex-etl/contracts";

/** What a failure means. */
export interface Rule {
  /** SQLSTATEs, or codes of Node. */
  readonly codes?: ReadonlySet<string>;
  readonly pattern?: RegExp;
  readonly kind: ErrorKind;
  readonly code: string;
  readonly retryable?: boolean;
  readonly message: (location: string) => string;
  readonly hint: string;
}

const codes = (text: string): ReadonlySet<string> => new Set(text.split(" "));
/** What S3 says when it is asked too much or is ill, but not when it says what is wrong with a file. */
export const S3_IS_ILL =
  /^(?![\s\S]*(?:Status 404|NoSuchKey|specified key does not exist|(?:incompatible|not a|invalid) (?:\w+ )?Parquet|content_length))[\s\S]*(?:S3 ?Query ?Exception|Status 5\d\d|SlowDown|InternalError|RequestTimeout)/i;
/** What Redshift says of transactions that met. */
export const CONFLICT =
  /^\s*1023\b|serializable isolation violation|conflict with concurrent transaction|deadlock detected/i;
export const CONFLICT_CODES = codes("40001 40P01");

const AGAIN = "Run again with the same run id.";

/**
 * SQLSTATEs where they say enough, else Redshift's words, as users of clusters report them. The first rule that fits
 * decides.
 */
export const RULES: readonly Rule[] = [
  {
    codes: codes(
      "DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY CERT_HAS_EXPIRED CERT_NOT_YET_VALID CERT_UNTRUSTED ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH",
    ),
    kind: "destination",
    code: "WAREHOUSE_TLS",
    retryable: false,
    message: (location) => `The certificate of ${location} is not trusted.`,
    hint: "Give the certificate authority as `ca` (of Redshift: https://s3.amazonaws.com/redshift-downloads/amazon-trust-ca-bundle.crt), and connect by the endpoint's own name. ssl (sslmode) `require` believes whoever answers.",
  },
  {
    pattern: /does not support SSL connections|error establishing an SSL connection|wrong version number/i,
    kind: "destination",
    code: "WAREHOUSE_TLS",
    retryable: false,
    message: (location) => `${location} does not speak TLS.`,
    hint: "If that is meant, say so: ssl (sslmode) `disable` sends password and rows in the clear.",
  },
  {
    pattern:
      /authorized to assume IAM Role|not authorized to get credentials of role|IAM role .* (?:is not associated|not valid)|role .* is not attached|cannot find default iam role|no default IAM role/i,
    kind: "auth",
    code: "WAREHOUSE_ROLE",
    message: (location) => `${location} may not use the IAM role of the load.`,
    hint: "Attach the role to the cluster or workgroup, and let its trust policy allow redshift.amazonaws.com (and redshift-serverless.amazonaws.com) to call sts:AssumeRole.",
  },
  {
    pattern: /S3ServiceException:Access ?Denied|Status 403|S3ServiceException:.*AccessDenied/i,
    kind: "auth",
    code: "WAREHOUSE_ROLE",
    message: (location) => `The IAM role by which ${location} reads the lake is refused by S3.`,
    hint: "Allow the role s3:GetObject on the lake's objects and on copy/*, s3:ListBucket on the bucket, and kms:Decrypt where a KMS key is used.",
  },
  {
    pattern: /different region|PermanentRedirect|must be addressed using the specified endpoint|Status 301/i,
    kind: "usage",
    code: "WAREHOUSE_LOCATION",
    message: (location) => `The lake's bucket is in another region than ${location}.`,
    hint: "COPY of Parquet files needs bucket and cluster in one region: use a lake there.",
  },
  {
    pattern: S3_IS_ILL,
    kind: "destination",
    code: "LAKE_UNREADABLE",
    retryable: true,
    message: (location) => `${location} could not read the lake: S3 failed or was asked too much.`,
    hint: `Wait a little; the files themselves are not in doubt. ${AGAIN}`,
  },
  {
    codes: codes("53100"),
    kind: "destination",
    code: "WAREHOUSE_DISK_FULL",
    message: (location) => `The disk of ${location} is full.`,
    hint: `Free some space (VACUUM, drop what is not needed) or resize the cluster. ${AGAIN}`,
  },
  {
    pattern: /disk full/i,
    kind: "destination",
    code: "WAREHOUSE_DISK_FULL",
    message: (location) => `The disk of ${location} is full.`,
    hint: `Free some space (VACUUM, drop what is not needed) or resize the cluster. ${AGAIN}`,
  },
  {
    codes: codes("28000 28P01"),
    kind: "auth",
    code: "WAREHOUSE_AUTH",
    message: (location) => `${location} refused the user or the password.`,
    hint: "Check user and password; temporary credentials of IAM expire after 15 minutes unless asked for longer.",
  },
  {
    codes: codes("42501"),
    kind: "auth",
    code: "WAREHOUSE_FORBIDDEN",
    message: (location) => `The user of ${location} lacks a permission.`,
    hint: "`spacex-etl doctor` names the missing GRANTs. A load also adds columns, which only a table's owner may.",
  },
  {
    codes: codes("3D000"),
    kind: "destination",
    code: "WAREHOUSE_MISSING",
    retryable: false,
    message: (location) => `The database of ${location} does not exist.`,
    hint: "Check the database's name, or create it: CREATE DATABASE is not the loader's to say.",
  },
  {
    codes: codes("3F000"),
    kind: "destination",
    code: "WAREHOUSE_MISSING",
    retryable: false,
    message: (location) => `The schema of ${location} does not exist.`,
    hint: `Something dropped it during the load. ${AGAIN}`,
  },
  {
    codes: CONFLICT_CODES,
    kind: "busy",
    code: "WAREHOUSE_CHANGED",
    message: (location) => `Another transaction on ${location} got in the way of the load.`,
    hint: AGAIN,
  },
  {
    pattern: CONFLICT,
    kind: "busy",
    code: "WAREHOUSE_CHANGED",
    message: (location) => `Another transaction on ${location} got in the way of the load.`,
    hint: AGAIN,
  },
  {
    pattern: /conflicts with a system column/i,
    kind: "usage",
    code: "NAME_UNSUPPORTED",
    message: (location) => `A column has a name that ${location} keeps for itself.`,
    hint: 'Name the column otherwise: .meta({ column: "another_name" }) in the schema.',
  },
  {
    // Made between plan and statement; and two that make the same table at once fail on the catalog's own keys.
    codes: codes("42P06 42P07 42701 42710 23505"),
    kind: "busy",
    code: "WAREHOUSE_CHANGED",
    message: (location) => `Something else made a table or column of ${location} during the load.`,
    hint: AGAIN,
  },
  {
    codes: codes("57P01 57P02 57P03 08000 08001 08003 08004 08006 ECONNRESET EPIPE ECONNABORTED"),
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    message: (location) => `The connection to ${location} was lost.`,
    hint: `The cluster may be restarting or resizing. ${AGAIN}`,
  },
  {
    codes: codes("53300 53400 53000 53200"),
    kind: "busy",
    code: "WAREHOUSE_QUOTA",
    message: (location) => `${location} has no connection or memory left.`,
    hint: "Run again later, or raise the limits of the cluster or its workload queue.",
  },
  {
    codes: codes("57014"),
    kind: "destination",
    code: "JOB_CANCELLED",
    message: (location) => `A statement on ${location} was cancelled or took too long.`,
    hint: `Look for a load that holds its lock, query monitoring rules and the statement time-out. ${AGAIN}`,
  },
  {
    pattern: /cancell?ed on user's request|cancell?ed by WLM|query monitoring rule|statement timeout/i,
    kind: "destination",
    code: "JOB_CANCELLED",
    message: (location) => `A statement on ${location} was cancelled or took too long.`,
    hint: `Look for a load that holds its lock, query monitoring rules and the statement time-out. ${AGAIN}`,
  },
  {
    codes: codes("22001"),
    kind: "data",
    code: "VALUE_TOO_LONG",
    message: (location) => `A value is longer than its column in ${location}; nothing was cut.`,
    hint: "Widen the column: ALTER TABLE … ALTER COLUMN … TYPE VARCHAR(65535). Redshift counts bytes and has no more.",
  },
  {
    codes: codes("ENOTFOUND EAI_AGAIN ECONNREFUSED ETIMEDOUT EHOSTUNREACH ENETUNREACH"),
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    message: (location) => `${location} cannot be reached.`,
    hint: "Check host and port, and that security group and subnet let this machine in; a paused cluster does not answer.",
  },
  {
    pattern: /^timeout expired/,
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    message: (location) => `${location} did not answer in time.`,
    hint: "Check host and port, and that security group and subnet let this machine in; a paused cluster does not answer.",
  },
  {
    pattern: /Connection terminated|connection error and is not queryable|Client was closed|socket hang up/i,
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    message: (location) => `The connection to ${location} was lost.`,
    hint: `The cluster may be restarting or resizing. ${AGAIN}`,
  },
  {
    pattern: /^permission denied|must be owner of/i,
    kind: "auth",
    code: "WAREHOUSE_FORBIDDEN",
    message: (location) => `The user of ${location} lacks a permission.`,
    hint: "`spacex-etl doctor` names the missing GRANTs. A load also adds columns, which only a table's owner may.",
  },
];
