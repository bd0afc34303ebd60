import { inspect } from "node:util";
import { EtlError } from "@spacex-etl/contracts";
import { expect, test, vi } from "vitest";
import { fail, gcsDouble, json, reset, type Step } from "../../test/gcs-double.ts";
import type { StoreRetry } from "../remote/index.ts";
import { gcsStore, type GcsStoreOptions } from "./index.ts";

const bytes = Buffer.from("the body");

async function failing(
  script: readonly Step[],
  options: Partial<GcsStoreOptions> = {},
): Promise<{ readonly error: EtlError; readonly retries: readonly StoreRetry[]; readonly requests: number }> {
  const double = await gcsDouble(...script);
  const retries: StoreRetry[] = [];
  const store = gcsStore({
    bucket: "my-bucket",
    endpoint: double.endpoint,
    onRetry: (retry) => retries.push(retry),
    ...options,
  });
  const thrown: unknown = await store.createIfAbsent("a/b", bytes).catch((error: unknown) => error);
  if (!EtlError.isInstance(thrown)) throw thrown;
  return { error: thrown, retries, requests: double.requests.length };
}

test.each<readonly [number, string, string, { kind: string; code: string; hint: string }]>([
  [
    401,
    "required",
    "Anonymous caller does not have storage.objects.create access to the Google Cloud Storage object.",
    { kind: "auth", code: "LAKE_AUTH", hint: "gcloud auth application-default login" },
  ],
  [
    403,
    "forbidden",
    "etl@p.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud Storage object.",
    { kind: "auth", code: "LAKE_PERMISSION", hint: "Grant storage.objects.create on gs://my-bucket" },
  ],
  [
    403,
    "forbidden",
    "Permission 'storage.multipartUploads.create' denied on resource (or it may not exist).",
    { kind: "auth", code: "LAKE_PERMISSION", hint: "storage.multipartUploads.create" },
  ],
  [403, "forbidden", "Forbidden", { kind: "auth", code: "LAKE_PERMISSION", hint: "storage.objects.create" }],
  [
    403,
    "forbidden",
    "Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has been authorized to use this key.",
    { kind: "auth", code: "LAKE_PERMISSION", hint: "cryptoKeyEncrypterDecrypter" },
  ],
  [
    403,
    "accountDisabled",
    "The billing account for the owning project is disabled in state absent",
    { kind: "auth", code: "LAKE_PERMISSION", hint: "Enable billing" },
  ],
  [
    403,
    "forbidden",
    "etl@p does not have serviceusage.services.use access to the Google Cloud project.",
    { kind: "auth", code: "LAKE_PERMISSION", hint: "serviceusage.services.use" },
  ],
  [
    403,
    "vpcServiceControls",
    "Request is prohibited by organization's policy.",
    { kind: "auth", code: "LAKE_PERMISSION", hint: "perimeter" },
  ],
  [
    403,
    "retentionPolicyNotMet",
    "Object is subject to bucket's retention policy.",
    { kind: "destination", code: "LAKE_REFUSED", hint: "retention" },
  ],
  [
    400,
    "required",
    "Bucket is a requester pays bucket but no user project provided.",
    { kind: "usage", code: "LAKE_REFUSED", hint: "?userProject=" },
  ],
  [400, "invalid", "Invalid argument.", { kind: "destination", code: "LAKE_REFUSED", hint: "address" }],
  [
    404,
    "notFound",
    "The specified bucket does not exist.",
    { kind: "destination", code: "LAKE_BUCKET_MISSING", hint: "Create my-bucket" },
  ],
])("%i %s %s", async (status, reason, message, { kind, code, hint }) => {
  const { error, retries } = await failing([fail(status, reason, message)]);
  expect(error).toMatchObject({ kind, code, retryable: false, hint: expect.stringContaining(hint) });
  expect(error.message).toContain("Cannot create a/b in gs://my-bucket: ");
  expect(error.message).toContain(message.replace(/\.$/, ""));
  expect(retries).toEqual([]);
});

test.each<readonly [Step, string, string]>([
  [fail(429, "rateLimitExceeded"), "busy", "LAKE_BUSY"],
  [fail(403, "rateLimitExceeded"), "busy", "LAKE_BUSY"],
  [fail(403, "userRateLimitExceeded"), "busy", "LAKE_BUSY"],
  [fail(408, "requestTimeout"), "destination", "LAKE_UNREACHABLE"],
  [fail(500, "internalError"), "destination", "LAKE_UNREACHABLE"],
  [fail(503, "backendError"), "destination", "LAKE_UNREACHABLE"],
  [reset, "destination", "LAKE_UNREACHABLE"],
  [json(200, "not a description"), "destination", "LAKE_UNREACHABLE"],
  [(answer) => void answer.writeHead(502).end("<html>Bad gateway</html>"), "destination", "LAKE_UNREACHABLE"],
])("what may pass is tried again until the deadline (%#)", async (step, kind, code) => {
  const { error, retries, requests } = await failing([step, step, step, step, step, step], {
    deadlineMs: 300,
  });
  expect(error).toMatchObject({ kind, code, retryable: true });
  expect(error.message).not.toContain("<html>");
  expect(retries.length).toBeGreaterThan(0);
  expect(requests).toBe(retries.length + 1);
});

test("Retry-After is waited for, and given up where it is longer than the deadline", async () => {
  const later = fail(429, "rateLimitExceeded", "slow down", { "retry-after": "1" });
  const patient = await failing([later, fail(401, "required")]);
  expect(patient.retries[0]?.delayMs).toBeGreaterThanOrEqual(1000);
  const hurried = await failing([later, fail(401, "required")], { deadlineMs: 900 });
  expect(hurried.error.code).toBe("LAKE_BUSY");
  expect(hurried.retries).toEqual([]);
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const dated = await failing([fail(503, "backendError", "later", { "retry-after": date })]);
  expect(dated.error.code).toBe("LAKE_UNREACHABLE");
});

test("a wrong checksum is tried thrice", async () => {
  const wrong = fail(400, "invalid", `Provided MD5 hash "a" doesn't match calculated MD5 hash "b".`);
  const { error, requests } = await failing([wrong, wrong, wrong, wrong]);
  expect(error).toMatchObject({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
    exitCode: 10,
    details: { path: "a/b" },
  });
  expect(requests).toBe(3);
});

test("an address where nobody listens is given up soon, and named", async () => {
  const { endpoint } = await gcsDouble();
  const closed = endpoint.replace(/\d+$/, "9");
  const { error, retries } = await failing([], { endpoint: closed });
  expect(error).toMatchObject({ kind: "destination", code: "LAKE_UNREACHABLE" });
  expect(error.message).toContain("127.0.0.1:9");
  expect(retries).toHaveLength(4);
});

test("no session, signature or token is in an error, its causes or a retry", async () => {
  const secrets = [
    "planted-session",
    "planted-signature",
    "ya29.planted-token",
    "planted-refresh",
    "planted-password",
  ];
  const [session, signature, token, refresh, password] = secrets;
  const message =
    `PUT https://storage.googleapis.com/upload?upload_id=${session}&x=1 failed, upload_id=${session}; ` +
    `https://user:${password}@host/a?X-Goog-Signature=${signature}; Authorization: Bearer ${token}; ` +
    `{"access_token":"${token}","refresh_token":"${refresh}"}`;
  const script = [fail(503, "backendError", message), fail(400, "invalid", message)];
  const { error, retries } = await failing(script);
  const printed = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(retries)} ${error.stack}`;
  expect(printed).toContain("storage.googleapis.com/upload");
  for (const secret of secrets) expect(printed).not.toContain(secret);

  const begun: Step = (answer, { headers }) =>
    json(
      200,
      {},
      { location: `http://${headers.host}/s?upload_id=${session}` },
    )(answer, {
      method: "",
      path: "",
      query: new URLSearchParams(),
      headers,
      body: Buffer.of(),
    });
  const broken = await failing([begun, reset, reset, reset, reset, reset], {
    resumableBytes: 1,
    deadlineMs: 300,
  });
  expect(inspect(broken, { depth: 20, showHidden: true })).not.toContain(session);
});

test("options that cannot work are refused, and the emulator's variable is named", () => {
  const refused: readonly [Partial<GcsStoreOptions>, string][] = [
    [{ bucket: "My Bucket" }, "My Bucket"],
    [{ endpoint: "localhost:4443" }, "endpoint"],
    [{ endpoint: "http://127.0.0.1:4443/storage/v1" }, "endpoint"],
    [{ kmsKey: "my-key" }, "kmsKey"],
    [{ resumableBytes: 0 }, "resumableBytes"],
    [{ deadlineMs: Number.NaN }, "deadlineMs"],
    [{ deadlineMs: -1 }, "deadlineMs"],
    [{ stallMs: 0 }, "stallMs"],
    [{ stallMs: 2 ** 31 }, "stallMs"],
    [{ metadata: { "a b": "c" } }, "metadata"],
  ];
  for (const [options, name] of refused) {
    const open = (): unknown => gcsStore({ bucket: "my-bucket", ...options });
    expect(open, name).toThrow(
      expect.objectContaining({ kind: "usage", message: expect.stringContaining(name) }),
    );
  }
  const secret = "http://user:planted@127.0.0.1";
  expect(() => gcsStore({ bucket: "my-bucket", endpoint: secret })).toThrow(/^(?!.*planted)/);
  vi.stubEnv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:4443");
  try {
    expect(() => gcsStore({ bucket: "my-bucket" })).toThrow(/STORAGE_EMULATOR_HOST/);
  } finally {
    vi.unstubAllEnvs();
  }
});
