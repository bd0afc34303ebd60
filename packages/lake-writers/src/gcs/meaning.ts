import type { FailureFacts } from "./failure.ts";
import { forbidden } from "./forbidden.ts";
import type { Meaning, Scene } from "./scene.ts";

/** Until the service has answered once, an address that is wrong is likelier than one that is down. */
const FIRST_ATTEMPTS = 5;
const CHECKSUM_ATTEMPTS = 3;

/** Statuses and reasons: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
export function meaningOf(facts: FailureFacts, message: string, scene: Scene): Meaning {
  switch (facts.step) {
    case "token":
      return tokenMeaning(facts, message, scene);
    case "network":
      return networkMeaning(facts.code ?? "", scene);
    case "answer":
      return answerMeaning(facts.status, facts.reason ?? "", message, scene);
  }
}

const UNREACHABLE = {
  kind: "destination",
  code: "LAKE_UNREACHABLE",
  hint: "Check the network and the endpoint, then run the same command again; nothing is half-written.",
} as const;
const NOT_TRUSTED = {
  ...UNREACHABLE,
  retryable: false,
  hint: "Check that the endpoint speaks https. For a certificate authority of your own set NODE_EXTRA_CA_CERTS.",
} as const;
const SIGN_IN = {
  kind: "auth",
  code: "LAKE_AUTH",
  hint:
    "On a laptop: gcloud auth application-default login. On Google Cloud: attach a service account or use workload " +
    "identity. Elsewhere: set GOOGLE_APPLICATION_CREDENTIALS to a file with workload identity federation.",
} as const;
const SKEWED = {
  kind: "auth",
  code: "LAKE_CLOCK_SKEW",
  hint: "The clock of this machine is wrong: set it, then run the same command again.",
} as const;
const BUSY = {
  kind: "busy",
  code: "LAKE_BUSY",
  hint: "The service asks to slow down. Run the same command again later; what was written is used.",
} as const;
const CHECKSUM = {
  kind: "integrity",
  code: "OBJECT_CHECKSUM",
  hint: "The file was changed while it was sent, or something on the way damages data. Nothing was created: run the same command again.",
} as const;
const NO_PAYER = {
  kind: "usage",
  code: "LAKE_REFUSED",
  hint: "Requesters pay for this bucket: name the project that does, gs://bucket/prefix?userProject=my-project.",
} as const;
const REFUSED = {
  kind: "destination",
  code: "LAKE_REFUSED",
  retryable: false,
  hint: "Check the bucket's settings and the lake's address.",
} as const;
const FORBIDDEN_BY_POLICY = {
  ...REFUSED,
  hint: "A policy of the organization forbids it: ask who administers the policy, or use a bucket that it allows.",
} as const;

const TLS = /CERT_|_CERT|ERR_TLS_|ERR_SSL_|^EPROTO$|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_/;

function networkMeaning(code: string, { answered }: Scene): Meaning {
  if (TLS.test(code)) return { ...NOT_TRUSTED, retry: false };
  // Node.js refused to send it.
  if (/^ERR_(HTTP_)?INVALID/.test(code)) return { ...REFUSED, retry: false };
  const mistaken = /^(ENOTFOUND|ECONNREFUSED)$/.test(code) && !answered;
  return { ...UNREACHABLE, retry: mistaken ? FIRST_ATTEMPTS : true };
}

/** Errors of the token endpoint, the metadata server and of reading credentials. */
function tokenMeaning(
  facts: { readonly status?: number | undefined; readonly code?: string | undefined },
  message: string,
  scene: Scene,
): Meaning {
  const { status, code = "" } = facts;
  if (/reasonable timeframe|not yet valid/i.test(message)) return { ...SKEWED, retry: false };
  if (status === 429) return { ...BUSY, retry: true };
  if (status === 408 || (status !== undefined && status >= 500)) return { ...UNREACHABLE, retry: true };
  const network = /^(ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|EHOST|ENET|STALLED|ERR_STREAM|HPE_)/.test(
    code,
  );
  if (status === undefined && (network || TLS.test(code))) return networkMeaning(code, scene);
  return { ...SIGN_IN, retry: false };
}

const THROTTLED = /^(rateLimitExceeded|userRateLimitExceeded|usageLimits\.rateLimitExceeded|quotaExceeded)$/;
const BROKEN_OFF = /^(backendError|internalError|gatewayTimeout|uploadBrokenConnection)$/;

function answerMeaning(status: number, reason: string, message: string, scene: Scene): Meaning {
  if (status === 429 || status === 409 || THROTTLED.test(reason)) return { ...BUSY, retry: true };
  if (status === 408 || (status >= 500 && status !== 501) || BROKEN_OFF.test(reason))
    return { ...UNREACHABLE, retry: true };
  if (status === 400 && /(md5|crc32c).*match/i.test(message))
    return { ...CHECKSUM, retry: CHECKSUM_ATTEMPTS };
  if (status === 401) return { ...SIGN_IN, retry: false };
  if (/requester pays|UserProjectMissing/i.test(`${message} ${reason}`)) return { ...NO_PAYER, retry: false };
  if (status === 403) return forbidden(reason, message, scene);
  if (status === 412) return { ...FORBIDDEN_BY_POLICY, retry: false };
  if (status === 404) return { ...noBucket(scene), retry: false };
  return { ...REFUSED, retry: false };
}

/** An object that is not there is no failure: what is missing in a 404 that comes here is the bucket. */
function noBucket({ bucket }: Scene) {
  return {
    kind: "destination",
    code: "LAKE_BUCKET_MISSING",
    retryable: false,
    hint: `Create ${bucket}, or correct the lake's address.`,
  } as const;
}
