import { random } from "./random.ts";

/** What goes wrong between a client and a server. */
export type ProxyFault =
  /** The connection is reset before the server hears of the request. */
  | { readonly kind: "reset-before" }
  /** The server gets half of the body, then both connections are reset. */
  | { readonly kind: "cut-upload" }
  /** One byte in the middle of the body reaches the server changed. */
  | { readonly kind: "corrupt-upload" }
  /** The server has acted and answered; the client gets a reset instead of the answer. */
  | { readonly kind: "reset-after" }
  /** The service's own words for "slow down"; the server hears nothing. */
  | { readonly kind: "busy"; readonly status: 429 | 503; readonly retryAfterSeconds?: number }
  /** The service says that this is not allowed, and repeats the credentials that it was shown; the server hears nothing. */
  | { readonly kind: "deny"; readonly status: 401 | 403 }
  /** The answer comes in small pieces. */
  | { readonly kind: "trickle"; readonly pieceBytes: number; readonly everyMs: number }
  /** One byte in the middle of the answer's body is changed. */
  | { readonly kind: "corrupt-answer" }
  /** Half of the answer's body under the right Content-Length, then the connection ends. */
  | { readonly kind: "truncate" }
  /** No answer, ever; the server hears nothing. */
  | { readonly kind: "stall" };

export interface FaultRule {
  readonly fault: ProxyFault;
  /** @default any */
  readonly method?: RegExp;
  /** Of path and query as the client wrote them. @default any */
  readonly path?: RegExp;
  /** Of the requests that fit: `count` of them from the `nth` on, or by chance, at most `limit` of them. */
  readonly when:
    | { readonly nth: number; readonly count?: number }
    | { readonly probability: number; readonly limit?: number };
}

/** Decides over each request, in order; the same requests get the same faults for the same seed. */
export function faultChooser(
  rules: readonly FaultRule[],
  seed: number,
): (method: string, path: string) => ProxyFault | undefined {
  const next = random(seed);
  const counted = rules.map((rule) => ({ rule, seen: 0, hit: 0 }));
  return (method, path) => {
    let chosen: ProxyFault | undefined;
    for (const state of counted) {
      const { rule } = state;
      if (rule.method?.test(method) === false || rule.path?.test(path) === false) continue;
      state.seen += 1;
      const { when } = rule;
      const hits =
        "nth" in when
          ? state.seen >= when.nth && state.seen < when.nth + (when.count ?? 1)
          : next() < when.probability && state.hit < (when.limit ?? Number.POSITIVE_INFINITY);
      if (!hits || chosen !== undefined) continue;
      state.hit += 1;
      chosen = rule.fault;
    }
    return chosen;
  };
}

/** What a service answers in place of what it was asked for. */
export interface ErrorAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the service itself answers when it is asked too much. */
export function busyAnswer(
  service: "s3" | "gcs",
  { status, retryAfterSeconds }: Extract<ProxyFault, { kind: "busy" }>,
): ErrorAnswer {
  const retryAfter = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  if (service === "s3") {
    const code = status === 503 ? "SlowDown" : "TooManyRequests";
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Please reduce your request rate.</Message><RequestId>PROXY</RequestId></Error>`;
    return { headers: { "content-type": "application/xml", ...retryAfter }, body };
  }
  const reason = status === 503 ? "backendError" : "rateLimitExceeded";
  const message = status === 503 ? "Backend Error" : "The object exceeded the rate limit.";
  const error = { code: status, message, errors: [{ message, domain: "global", reason }] };
  return {
    headers: { "content-type": "application/json; charset=UTF-8", ...retryAfter },
    body: JSON.stringify({ error }),
  };
}

/**
 * What the service answers to credentials that are not good enough. S3 repeats what it was signed with
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
 *
 * @param credentials The request's Authorization header.
 */
export function denyAnswer(
  service: "s3" | "gcs",
  status: 401 | 403,
  credentials: string | undefined,
): ErrorAnswer {
  if (service === "s3") {
    const key = /Credential=([^/]+)/.exec(credentials ?? "")?.[1] ?? "";
    const signature = /Signature=([0-9a-f]+)/.exec(credentials ?? "")?.[1] ?? "";
    const [code, message] =
      status === 403
        ? ["AccessDenied", `User ${key} is not authorized: ${credentials}`]
        : ["SignatureDoesNotMatch", "The request signature we calculated does not match."];
    const said = `<AWSAccessKeyId>${key}</AWSAccessKeyId><StringToSign>${credentials}</StringToSign><SignatureProvided>${signature}</SignatureProvided>`;
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${said}</Error>`;
    return { headers: { "content-type": "application/xml" }, body };
  }
  const message =
    status === 403
      ? `${credentials} does not have storage.objects access to the Google Cloud Storage object.`
      : `Invalid Credentials: ${credentials}`;
  const reason = status === 403 ? "forbidden" : "authError";
  const error = { code: status, message, errors: [{ message, domain: "global", reason }] };
  return { headers: { "content-type": "application/json" }, body: JSON.stringify({ error }) };
}
