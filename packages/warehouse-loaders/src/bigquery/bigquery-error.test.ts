import { EtlError } from "@spacex-etl/contracts";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { bigqueryError } from "./bigquery-error.ts";
import { answerFailure, BigQueryFailure, type FailureFacts, failureOf, jobFailure } from "./failure.ts";

const scene = { what: "load orders", place: "p.raw", jobProject: "payer" };

function errorOf(failure: BigQueryFailure): EtlError {
  const error = bigqueryError(failure, scene);
  if (!EtlError.isInstance(error)) expect.fail("no EtlError");
  return error;
}

const job = (reason: string, message: string, location?: string) =>
  jobFailure("job_1", { reason, message, location });
const answer = (status: number, reason: string, message: string) =>
  answerFailure(status, { error: { message, errors: [{ reason, message }] } });

test.each<[BigQueryFailure, string, number, boolean, RegExp]>([
  [answer(401, "authError", "Invalid Credentials"), "WAREHOUSE_AUTH", 3, false, /gcloud auth/],
  [
    answer(403, "accessDenied", "Access Denied: Dataset p:raw"),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /dataEditor on p\.raw/,
  ],
  [
    job("accessDenied", "Access Denied: File gs://b/x: etl@p does not have storage.objects.get access"),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /storage\.objects\.get on the lake's bucket/,
  ],
  [
    answer(403, "billingNotEnabled", "Billing has not been enabled"),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /billing in payer/,
  ],
  [
    job("accessDenied", "Cloud KMS permission denied on key"),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /cryptoKeyEncrypterDecrypter/,
  ],
  [answer(403, "quotaExceeded", "Quota exceeded"), "WAREHOUSE_QUOTA", 5, true, /quotas/],
  [job("rateLimitExceeded", "too many table update operations"), "WAREHOUSE_QUOTA", 5, true, /Wait/],
  [
    answer(403, "accessDenied", "Access Denied: Job x: Permission bigquery.jobs.get denied on job x"),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /another account.*bigquery\.jobs\.get on payer \(roles\/bigquery\.resourceViewer\)/,
  ],
  [
    job("accessDenied", "Access Denied: Project p: User does not have bigquery.datasets.create permission"),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /bigquery\.datasets\.create on the project p /,
  ],
  [answer(404, "notFound", "Not found: Project p"), "WAREHOUSE_MISSING", 8, false, /project of p\.raw/],
  [answer(404, "notFound", "Not found: Dataset p:raw"), "WAREHOUSE_CHANGED", 5, true, /again/],
  [
    answer(404, "notFound", "Not found: Dataset p:raw was not found in location US"),
    "WAREHOUSE_CHANGED",
    5,
    true,
    /again/,
  ],
  [answer(400, "invalid", "Invalid value for location: xy"), "WAREHOUSE_LOCATION", 2, false, /locations/],
  [answer(409, "duplicate", "Already Exists: Job p:EU.j"), "WAREHOUSE_UNREACHABLE", 8, true, /id/],
  [job("duplicate", "Already Exists: Table p:raw._loads"), "WAREHOUSE_CHANGED", 5, true, /again/],
  [
    job("invalidQuery", "Too many partitions produced by query, allowed 4000, query produces at least 4001"),
    "TOO_MANY_PARTITIONS",
    2,
    false,
    /partitionBy/,
  ],
  [
    job("invalid", "Cannot read and write in different locations: source: US, destination: EU"),
    "WAREHOUSE_LOCATION",
    2,
    false,
    /bucket/,
  ],
  [
    job("notFound", "Not found: Table p:raw._stage_x was not found in location EU"),
    "WAREHOUSE_CHANGED",
    5,
    true,
    /again/,
  ],
  [job("notFound", "Not found: URI gs://b/x", "gs://b/x"), "PART_MISSING", 10, false, /restore/],
  [
    job(
      "invalid",
      "Error while reading data, error message: Parquet column 'a' has type INT32 File: gs://b/x",
    ),
    "PART_MISMATCH",
    10,
    false,
    /verify/,
  ],
  [
    job(
      "invalidQuery",
      "Query error: Transaction is aborted due to concurrent update against table p:raw._lock. at [1:1]",
    ),
    "WAREHOUSE_CHANGED",
    5,
    true,
    /again/,
  ],
  [job("stopped", "Job execution was cancelled"), "JOB_CANCELLED", 8, true, /again/],
  [job("stopped", "Job timed out after 1 hour"), "WAREHOUSE_TIMEOUT", 8, true, /jobTimeoutMs/],
  [answer(503, "backendError", "The request timed out"), "WAREHOUSE_UNREACHABLE", 8, true, /again/],
  [answer(400, "invalidQuery", "Unrecognized name: timeout"), "WAREHOUSE_REFUSED", 8, false, /by hand/],
  [job("timeout", "Operation timed out after 1 hour"), "WAREHOUSE_TIMEOUT", 8, true, /jobTimeoutMs/],
  [
    job("bytesBilledLimitExceeded", "Query exceeded limit for bytes billed"),
    "BYTES_BILLED",
    2,
    false,
    /maximumBytesBilled/,
  ],
  [job("backendError", "Try again"), "WAREHOUSE_UNREACHABLE", 8, true, /again/],
  [job("resourcesExceeded", "Resources exceeded"), "WAREHOUSE_MEMORY", 8, false, /fewer/],
  [job("invalidQuery", "Syntax error"), "WAREHOUSE_REFUSED", 8, false, /by hand/],
  [job("invalidQuery", "Query error: spacex-etl:LOCK_ROW; at [4:1]"), "LOCK_ROW", 10, false, /_lock/],
  [
    failureOf("network", Object.assign(new Error("reset"), { code: "ECONNRESET" })),
    "WAREHOUSE_UNREACHABLE",
    8,
    true,
    /id/,
  ],
  [
    failureOf("network", Object.assign(new Error("bad"), { code: "CERT_HAS_EXPIRED" })),
    "WAREHOUSE_UNREACHABLE",
    8,
    false,
    /endpoint/,
  ],
  [
    failureOf("token", new Error("Could not load the default credentials")),
    "WAREHOUSE_AUTH",
    3,
    false,
    /gcloud/,
  ],
  [
    failureOf(
      "token",
      new Error("PERMISSION_DENIED: unable to impersonate: iam.serviceAccounts.getAccessToken"),
    ),
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
    /serviceAccountTokenCreator/,
  ],
])("%s is %s", (failure, code, exitCode, retryable, hint) => {
  const error = errorOf(failure);
  expect(error).toMatchObject({ code, exitCode, retryable });
  expect(error.hint).toMatch(hint);
});

test("an error names what was tried, the service's words, the reason and the job", () => {
  expect(errorOf(job("invalidQuery", "Syntax error at [1:2].")).message).toBe(
    "Cannot load orders in p.raw: Syntax error at [1:2] (invalidQuery, job_1).",
  );
});

test("no secret is in an error", () => {
  const facts: FailureFacts = { step: "answer", status: 400 };
  const text =
    '"client_secret" : "planted-secret" "refresh_token": "planted-secret" "key": "planted-secret" 1//planted-secret GOCSPX-planted-secret ' +
    "token ya29.planted-secret eyJhbGc.planted-secret.sig access_token=planted-secret https://u:planted-secret@h/x?upload_id=planted-secret Bearer planted-secret";
  const shown = inspect(errorOf(new BigQueryFailure(text, facts)), { depth: 9, showHidden: true });
  expect(shown).not.toContain("planted-secret");
  expect(
    inspect(failureOf("token", new SyntaxError("Unexpected token planted-secret in JSON")), { depth: 9 }),
  ).not.toContain("planted-secret");
});
