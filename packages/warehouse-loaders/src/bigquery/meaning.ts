import type { ErrorKind } from "@spacex-etl/contracts";
import type { FailureFacts } from "./failure.ts";
import { permissionHint } from "./permission-hint.ts";
import { MARK } from "./sql/index.ts";

/** What was tried, for the message, and where. */
export interface Scene {
  /** `load orders`, `read the dataset`. */
  readonly what: string;
  /** `project.dataset`. */
  readonly place: string;
  readonly jobProject: string;
}

export interface Meaning {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
  readonly retryable?: boolean;
  /** Instead of the service's words, where they are our own. */
  readonly message?: string;
  /** Whether the same request, or the next attempt of the job, can succeed in a moment. */
  readonly retry: boolean;
}

const AGAIN = "Run again with the same run id.";
const UNREACHABLE = {
  kind: "destination",
  code: "WAREHOUSE_UNREACHABLE",
  hint: `Check the network and the endpoint, then: ${AGAIN.toLowerCase()} What was done is found by its id, not done twice.`,
} as const;
const SIGN_IN = {
  kind: "auth",
  code: "WAREHOUSE_AUTH",
  hint:
    "On a laptop: gcloud auth application-default login. On Google Cloud: attach a service account or use workload " +
    "identity. Elsewhere: set GOOGLE_APPLICATION_CREDENTIALS to a file with workload identity federation.",
} as const;
const IMPERSONATE = {
  kind: "auth",
  code: "WAREHOUSE_FORBIDDEN",
  hint: "Grant roles/iam.serviceAccountTokenCreator on the service account to whoever signs in, or correct impersonate.",
} as const;
const QUOTA = {
  kind: "busy",
  code: "WAREHOUSE_QUOTA",
  hint: `A limit of BigQuery or of your project is used up (https://cloud.google.com/bigquery/quotas). Wait, then: ${AGAIN.toLowerCase()}`,
} as const;
/** Planned again by `loadRun`. */
export const CHANGED = { kind: "busy", code: "WAREHOUSE_CHANGED", hint: AGAIN } as const;

/** Reasons: https://cloud.google.com/bigquery/docs/error-messages. Decided by reason; by text only where one reason has several meanings. */
export function meaningOf(facts: FailureFacts, message: string, scene: Scene): Meaning {
  const { step, status = 0, reason = "", location = "" } = facts;
  if (step === "token") return tokenMeaning(facts, message);
  if (step === "network") {
    const refused = /CERT_|_CERT|ERR_TLS_|ERR_SSL_|^EPROTO$|SELF_SIGNED|^ERR_INVALID/.test(facts.code ?? "");
    return { ...UNREACHABLE, retry: !refused, retryable: !refused };
  }
  const own = new RegExp(`${MARK}([A-Z_]+)`).exec(message)?.[1];
  if (own !== undefined) return ownMeaning(own, scene);
  if (/concurrent update/i.test(message)) return { ...CHANGED, retry: false };
  if (
    /^(?:backendError|internalError|jobBackendError|jobInternalError|tableUnavailable|aborted|badGateway)$/.test(
      reason,
    ) ||
    status === 408 ||
    (status >= 500 && status !== 501)
  ) {
    return { ...UNREACHABLE, hint: `BigQuery failed for a while. ${AGAIN}`, retry: true };
  }
  if (reason === "bytesBilledLimitExceeded" || (step === "job" && /bytes billed/i.test(message))) {
    return usage("BYTES_BILLED", "Raise maximumBytesBilled, or load into clustered or smaller tables.");
  }
  if (reason === "quotaExceeded") return { ...QUOTA, retry: false };
  if (/^(?:rateLimitExceeded|jobRateLimitExceeded|userRateLimitExceeded)$/.test(reason) || status === 429) {
    return { ...QUOTA, retry: true };
  }
  if (status === 401 || reason === "authError") return { ...SIGN_IN, retry: false };
  if (/^(?:accessDenied|forbidden|billingNotEnabled|blocked)$/.test(reason) || status === 403) {
    return { kind: "auth", code: "WAREHOUSE_FORBIDDEN", hint: permissionHint(message, scene), retry: false };
  }
  if (reason === "timeout" || (reason === "stopped" && /timed out/i.test(message))) {
    return {
      kind: "destination",
      code: "WAREHOUSE_TIMEOUT",
      hint: `Raise jobTimeoutMs, or find out why BigQuery is slow. ${AGAIN}`,
      retry: false,
    };
  }
  if (reason === "stopped") {
    return {
      kind: "destination",
      code: "JOB_CANCELLED",
      hint: `Somebody cancelled the job. ${AGAIN}`,
      retry: false,
    };
  }
  if (/different locations/i.test(message)) {
    return usage(
      "WAREHOUSE_LOCATION",
      `The lake's bucket must be where ${scene.place} is: https://cloud.google.com/bigquery/docs/batch-loading-data#data-locations`,
    );
  }
  if (/Invalid value for location/i.test(message)) {
    return usage(
      "WAREHOUSE_LOCATION",
      "Give a location of BigQuery: https://cloud.google.com/bigquery/docs/locations",
    );
  }
  if (/Too many partitions produced by query/i.test(message)) {
    return usage(
      "TOO_MANY_PARTITIONS",
      "Name another column in partitionBy, or leave the table out of it, and drop the table so that it is made anew.",
    );
  }
  // A job of ours that was accepted and is not shown yet, or a table that another first load makes at the same time.
  if (reason === "duplicate" || status === 409) {
    return step === "job" ? { ...CHANGED, retry: false } : { ...UNREACHABLE, retry: false };
  }
  if (reason === "notFound" || status === 404) return notFound(message, location, scene);
  if (
    step === "job" &&
    reason === "invalid" &&
    /parquet|reading data|No such field|source URI|File:/i.test(message)
  ) {
    return {
      kind: "integrity",
      code: "PART_MISMATCH",
      hint: "The run's files are not what its manifest says: verify the lake, then run again under a new run id.",
      retry: false,
    };
  }
  if (reason === "resourcesExceeded") {
    return {
      kind: "destination",
      code: "WAREHOUSE_MEMORY",
      retryable: false,
      hint: "The statement needs more than BigQuery gives it: load fewer collections per run.",
      retry: false,
    };
  }
  return {
    kind: "destination",
    code: "WAREHOUSE_REFUSED",
    retryable: false,
    hint: "The tables may have been changed by hand; the message has BigQuery's own words.",
    retry: false,
  };
}

function usage(code: string, hint: string): Meaning {
  return { kind: "usage", code, hint, retry: false };
}

/** What a script of ours asserts: the marks of `sql/ledger.ts` and `sql/counts.ts`. */
function ownMeaning(code: string, { place }: Scene): Meaning {
  switch (code) {
    case "WAREHOUSE_CHANGED":
      return {
        ...CHANGED,
        message: `Another load was committed to ${place} since this one was planned.`,
        retry: false,
      };
    case "STAGE_GONE":
      return {
        ...CHANGED,
        message: `A stage in ${place} does not hold its rows any more: it expired, or another process of the run dropped it.`,
        retry: false,
      };
    case "LOCK_ROW":
      return {
        kind: "integrity",
        code: "LOCK_ROW",
        message: `The table ${place}._lock does not have its one row.`,
        hint: `Drop ${place}._lock: the next load makes it anew.`,
        retry: false,
      };
    default:
      return { kind: "integrity", code, hint: "Something else wrote into the tables.", retry: false };
  }
}

function notFound(message: string, location: string, { place }: Scene): Meaning {
  const uri = location.startsWith("gs://") || /\bURI\b|gs:\/\//.test(message);
  if (uri) {
    return {
      kind: "integrity",
      code: "PART_MISSING",
      hint: "A file of the manifest is gone, or its bucket is: restore it, or run again under a new run id.",
      retry: false,
    };
  }
  if (/Project/i.test(message) && !/Dataset|Table/.test(message)) {
    return {
      kind: "destination",
      code: "WAREHOUSE_MISSING",
      retryable: false,
      hint: `Correct the project of ${place}, or create it.`,
      retry: false,
    };
  }
  // A stage that expired or that another loader of the run dropped, or a table or dataset that somebody dropped after the
  // plan: the next plan sees what is there.
  return { ...CHANGED, retry: false };
}

function tokenMeaning({ status, code = "" }: FailureFacts, message: string): Meaning {
  if (status === 429 || status === 408 || (status !== undefined && status >= 500))
    return { ...UNREACHABLE, retry: true };
  const network = /^(?:ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|EHOST|ENET|ERR_STREAM)/.test(code);
  if ((status === undefined && network) || /no answer within/.test(message))
    return { ...UNREACHABLE, retry: true };
  if (/impersonat|getAccessToken|iamcredentials/i.test(message)) return { ...IMPERSONATE, retry: false };
  return { ...SIGN_IN, retry: false };
}
