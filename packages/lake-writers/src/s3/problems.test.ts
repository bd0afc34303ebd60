import { inspect } from "node:util";
import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { type Answer, refusal } from "../../test/scripted-s3.ts";
import { PLANTED, scriptedStore } from "../../test/scripted-store.ts";

const BODY = Buffer.from("x");

async function errorOf(work: Promise<unknown>): Promise<EtlError> {
  const error = await work.then(
    () => expect.fail("it worked"),
    (thrown: unknown) => thrown,
  );
  if (!EtlError.isInstance(error)) throw error;
  return error;
}

interface Expected {
  readonly kind: string;
  readonly code: string;
  readonly exitCode: number;
  /** In the hint or the message. */
  readonly says: string;
  /** How many requests until it is given up at once. */
  readonly requests?: number;
}

const denied =
  "User: arn:aws:iam::123456789012:user/etl is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:x because no identity-based policy allows it";
const refusals: readonly (readonly [string, Answer, Expected])[] = [
  [
    "AccessDenied",
    refusal(403, "AccessDenied", "Access Denied"),
    {
      kind: "auth",
      code: "LAKE_PERMISSION",
      exitCode: 3,
      says: "Allow s3:PutObject on arn:aws:s3:::bucket/lake/*",
    },
  ],
  [
    "AccessDenied by a key",
    refusal(403, "AccessDenied", denied),
    { kind: "auth", code: "LAKE_PERMISSION", exitCode: 3, says: "Allow kms:GenerateDataKey;" },
  ],
  [
    "SignatureDoesNotMatch",
    refusal(403, "SignatureDoesNotMatch", "m", {}, `<StringToSign>${PLANTED.secretAccessKey}</StringToSign>`),
    { kind: "auth", code: "LAKE_AUTH", exitCode: 3, says: "AWS_PROFILE" },
  ],
  [
    "InvalidAccessKeyId",
    refusal(403, "InvalidAccessKeyId", "m", {}, `<AWSAccessKeyId>${PLANTED.accessKeyId}</AWSAccessKeyId>`),
    { kind: "auth", code: "LAKE_AUTH", exitCode: 3, says: "does not accept these AWS credentials" },
  ],
  [
    "XAdminUserNotFound",
    refusal(404, "XAdminUserNotFound", "m"),
    { kind: "auth", code: "LAKE_AUTH", exitCode: 3, says: "does not accept these AWS credentials" },
  ],
  [
    "ExpiredToken",
    refusal(400, "ExpiredToken", "expired", {}, `<Token-0>${PLANTED.sessionToken}</Token-0>`),
    { kind: "auth", code: "LAKE_AUTH", exitCode: 3, says: "have expired" },
  ],
  [
    "InvalidIdentityToken",
    refusal(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
    { kind: "auth", code: "LAKE_AUTH", exitCode: 3, says: "does not accept these AWS credentials" },
  ],
  [
    "AccessDenied by STS",
    refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    {
      kind: "auth",
      code: "LAKE_PERMISSION",
      exitCode: 3,
      says: "Allow sts:AssumeRoleWithWebIdentity in the trust policy of the role;",
    },
  ],
  [
    "InvalidObjectState",
    refusal(403, "InvalidObjectState", "The operation is not valid for the object's storage class"),
    { kind: "destination", code: "LAKE_REFUSED", exitCode: 8, says: "restore-object" },
  ],
  [
    "RequestTimeTooSkewed",
    refusal(403, "RequestTimeTooSkewed"),
    { kind: "auth", code: "LAKE_CLOCK_SKEW", exitCode: 3, says: "Set the clock", requests: 2 },
  ],
  [
    "PermanentRedirect",
    refusal(301, "PermanentRedirect", "m", { "x-amz-bucket-region": "eu-west-1" }),
    { kind: "usage", code: "LAKE_REGION", exitCode: 2, says: "region=eu-west-1" },
  ],
  [
    "AuthorizationHeaderMalformed",
    refusal(400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-central-1'"),
    { kind: "usage", code: "LAKE_REGION", exitCode: 2, says: "the bucket is in the region eu-central-1" },
  ],
  [
    "NoSuchBucket",
    refusal(404, "NoSuchBucket"),
    { kind: "destination", code: "LAKE_BUCKET_MISSING", exitCode: 8, says: "Create bucket" },
  ],
  [
    "InvalidStorageClass",
    refusal(400, "InvalidStorageClass", `no such class, Signature=${PLANTED.secretAccessKey}`),
    {
      kind: "destination",
      code: "LAKE_REFUSED",
      exitCode: 8,
      says: "no such class, Signature=*** (InvalidStorageClass, HTTP 400)",
    },
  ],
  [
    "NotImplemented",
    refusal(501, "NotImplemented"),
    { kind: "destination", code: "LAKE_REFUSED", exitCode: 8, says: "NotImplemented" },
  ],
];

for (const [name, answer, expected] of refusals) {
  test(`${name} is ${expected.code}, without a secret`, async () => {
    const { store, server } = await scriptedStore(() => answer);
    const error = await errorOf(store.createIfAbsent("raw/x", BODY));
    const { kind, code, exitCode, retryable } = error;
    expect({ kind, code, exitCode, retryable }).toEqual({
      kind: expected.kind,
      code: expected.code,
      exitCode: expected.exitCode,
      retryable: false,
    });
    expect(error.message).toMatch(/^Cannot create raw\/x in s3:\/\/bucket\/lake: /);
    expect(`${error.message} ${error.hint}`).toContain(expected.says);
    expect(server.asked).toHaveLength(expected.requests ?? 1);
    const printed = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
    for (const secret of [...Object.values(PLANTED), "AWS4-HMAC-SHA256", "authorization"])
      expect(printed).not.toContain(secret);
  });
}

const passing: readonly (readonly [string, Answer, string, string])[] = [
  ["SlowDown", refusal(503, "SlowDown", "Please reduce your request rate."), "busy", "LAKE_BUSY"],
  ["429", { status: 429 }, "busy", "LAKE_BUSY"],
  ["RequestLimitExceeded", refusal(400, "RequestLimitExceeded"), "busy", "LAKE_BUSY"],
  ["InternalError", refusal(500, "InternalError"), "destination", "LAKE_UNREACHABLE"],
  [
    "a proxy's page",
    { status: 502, headers: { "content-type": "text/html" }, body: "<html><hr></html>" },
    "destination",
    "LAKE_UNREACHABLE",
  ],
  ["RequestTimeout", refusal(400, "RequestTimeout"), "destination", "LAKE_UNREACHABLE"],
  ["a reset", "reset", "destination", "LAKE_UNREACHABLE"],
];

for (const [name, answer, kind, code] of passing) {
  test(`${name} passes, or ends as ${code} at the deadline`, async () => {
    const once = await scriptedStore((_, before) => (before === 0 ? answer : { status: 204 }));
    await once.store.delete("x");
    expect(once.retries).toHaveLength(1);
    const always = await scriptedStore(() => answer, { deadlineMs: 250 });
    const error = await errorOf(always.store.delete("x"));
    expect([error.kind, error.code, error.retryable]).toEqual([kind, code, true]);
    expect(always.server.asked.length).toBeGreaterThan(1);
  });
}

test("a pause that the service asks for is kept, and one beyond the deadline ends the call", async () => {
  const slow = (seconds: string): Answer => refusal(503, "SlowDown", "slow", { "retry-after": seconds });
  const { store, retries } = await scriptedStore((_, before) => (before === 0 ? slow("1") : { status: 204 }));
  await store.delete("x");
  expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(1000);
  const long = await scriptedStore(() => slow("3600"), { deadlineMs: 60_000 });
  expect(await errorOf(long.store.delete("x"))).toMatchObject({ code: "LAKE_BUSY", exitCode: 5 });
});

test("what HEAD cannot say is asked by GET", async () => {
  const { store, server } = await scriptedStore(({ method }) =>
    method === "HEAD" ? { status: 403 } : refusal(403, "InvalidAccessKeyId"),
  );
  expect(await errorOf(store.head("x"))).toMatchObject({ code: "LAKE_AUTH" });
  expect(server.asked.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  const other = await scriptedStore(({ method }) =>
    method === "HEAD" ? { status: 403 } : refusal(403, "AccessDenied"),
  );
  const error = await errorOf(other.store.head("x"));
  expect(error.hint).toContain("Allow s3:GetObject on arn:aws:s3:::bucket/lake/*");
  expect(error.hint).toContain("Without s3:ListBucket on arn:aws:s3:::bucket");
});

test("each call names its own permission", async () => {
  const { store } = await scriptedStore(() => refusal(403, "AccessDenied"), {
    expectedBucketOwner: "123456789012",
  });
  const list = async (): Promise<void> => {
    for await (const _ of store.list("")) break;
  };
  const { hint } = await errorOf(list());
  expect(hint).toContain("Allow s3:ListBucket on arn:aws:s3:::bucket;");
  expect(hint).toContain("must belong to account 123456789012");
  expect((await errorOf(store.delete("x"))).hint).toContain("s3:DeleteObject on arn:aws:s3:::bucket/lake/*");
  expect(store.permissions).toMatchObject({ list: "s3:ListBucket", create: "s3:PutObject" });
});
