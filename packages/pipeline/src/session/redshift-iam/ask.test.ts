import { inspect } from "node:util";
import { EtlError } from "@spacex-etl/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AwsAnswer, type AwsApi, SESSION_TOKEN, startAwsApi } from "../../../test/aws-api.ts";
import { configOf } from "../../../test/config-of.ts";
import { iamCredentials, type IamWarehouse } from "./index.ts";

const CLUSTER = "redshift://loader@c-1.abc.cn-north-1.redshift.amazonaws.com.cn/dev?iamRole=default&iam=true";
const WORKGROUP =
  "redshift://wg-1.123456789012.eu-central-1.redshift-serverless.amazonaws.com/dev?iamRole=default&iam=true";

let api: AwsApi;

beforeEach(async () => {
  api = await startAwsApi();
});
afterEach(() => api[Symbol.asyncDispose]());

function warehouseOf(address: string): IamWarehouse {
  const { warehouse } = configOf(`load --lake s3://lake --warehouse ${address}`);
  if (warehouse.kind !== "redshift" || warehouse.iam === undefined) throw new Error("another kind");
  return { ...warehouse, iam: warehouse.iam };
}

const xml = (status: number, code: string): AwsAnswer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>x-amz-security-token:${SESSION_TOKEN}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
});
const json = (status: number, code: string): AwsAnswer => ({
  status,
  body: JSON.stringify({ __type: code, message: `x-amz-security-token:${SESSION_TOKEN}` }),
});

async function errorOf(address: string, said: AwsAnswer): Promise<EtlError> {
  api.answer = () => said;
  const error: unknown = await iamCredentials(warehouseOf(address)).catch((thrown: unknown) => thrown);
  if (!EtlError.isInstance(error)) throw new Error("no EtlError", { cause: error });
  return error;
}

test("a cluster is asked for the address's user and database, for an hour, and makes no user", async () => {
  const asked: URLSearchParams[] = [];
  api.answer = ({ headers }, body) => {
    expect(headers.authorization).toContain("/cn-north-1/redshift/");
    asked.push(new URLSearchParams(body));
    return {
      status: 200,
      body: `<GetClusterCredentialsResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><GetClusterCredentialsResult><DbUser>IAM:loader</DbUser><DbPassword>given-1</DbPassword><Expiration>2030-01-01T00:00:00Z</Expiration></GetClusterCredentialsResult></GetClusterCredentialsResponse>`,
    };
  };
  expect(await iamCredentials(warehouseOf(CLUSTER))).toEqual({ user: "IAM:loader", password: "given-1" });
  expect(asked.map((body) => Object.fromEntries(body))).toEqual([
    {
      Action: "GetClusterCredentials",
      Version: "2012-12-01",
      ClusterIdentifier: "c-1",
      DbUser: "loader",
      DbName: "dev",
      AutoCreate: "false",
      DurationSeconds: "3600",
    },
  ]);
});

test("a workgroup says itself who signs in", async () => {
  const asked: unknown[] = [];
  api.answer = ({ headers }, body) => {
    expect(headers["x-amz-target"]).toBe("RedshiftServerless.GetCredentials");
    expect(headers.authorization).toContain("/eu-central-1/redshift-serverless/");
    asked.push(JSON.parse(body));
    return { status: 200, body: JSON.stringify({ dbUser: "IAMR:load", dbPassword: "given-2" }) };
  };
  const given = { user: "IAMR:load", password: "given-2" };
  expect(await iamCredentials(warehouseOf(WORKGROUP))).toEqual(given);
  expect(await iamCredentials(warehouseOf(WORKGROUP.replace("//", "//another@")))).toEqual(given);
  const request = { workgroupName: "wg-1", dbName: "dev", durationSeconds: 3600 };
  expect(asked).toEqual([request, request]);
});

describe("what goes wrong has its code, exit code and next step, and repeats no credential", () => {
  test.each([
    [
      CLUSTER,
      xml(403, "AccessDenied"),
      "WAREHOUSE_FORBIDDEN",
      3,
      /Allow redshift:GetClusterCredentials on arn:aws-cn:redshift:cn-north-1:ACCOUNT:dbuser:c-1\/loader and .*:dbname:c-1\/dev/,
    ],
    [CLUSTER, xml(404, "ClusterNotFound"), "WAREHOUSE_MISSING", 8, /cluster= and region=/],
    [CLUSTER, xml(403, "SignatureDoesNotMatch"), "WAREHOUSE_AUTH", 3, /AWS_PROFILE/],
    [CLUSTER, xml(403, "InvalidClientTokenId"), "WAREHOUSE_AUTH", 3, /AWS_PROFILE/],
    [CLUSTER, xml(403, "ExpiredToken"), "WAREHOUSE_AUTH", 3, /aws sso login/],
    [
      WORKGROUP,
      json(400, "AccessDeniedException"),
      "WAREHOUSE_FORBIDDEN",
      3,
      /Allow redshift-serverless:GetCredentials on the workgroup wg-1/,
    ],
    [WORKGROUP, json(404, "ResourceNotFoundException"), "WAREHOUSE_MISSING", 8, /workgroup= and region=/],
    [WORKGROUP, json(400, "UnrecognizedClientException"), "WAREHOUSE_AUTH", 3, /AWS_PROFILE/],
    [WORKGROUP, json(400, "SomethingNew"), "WAREHOUSE_REFUSED", 8, /aws redshift-serverless get-credentials/],
    [WORKGROUP, json(429, "ThrottlingException"), "WAREHOUSE_QUOTA", 5, /later/],
    [WORKGROUP, json(500, "InternalServerException"), "WAREHOUSE_UNREACHABLE", 8, /VPC endpoint/],
  ] as const)("%s %o", async (address, said, code, exitCode, hint) => {
    const error = await errorOf(address, said);
    expect(error).toMatchObject({ code, exitCode });
    expect(error.message).toContain(address.slice(0, address.indexOf("?")));
    expect(error.hint).toMatch(hint);
    expect(inspect(error, { depth: 9 })).not.toContain("planted");
  });

  test("what the service finds wrong with the address is told in its words", async () => {
    const body = JSON.stringify({ __type: "ValidationException", message: "Invalid\n database name" });
    const error = await errorOf(WORKGROUP, { status: 400, body });
    expect(error).toMatchObject({ code: "WAREHOUSE_URL", exitCode: 2 });
    expect(error.message).toContain("Invalid database name");
  });

  test("another permission that IAM names is the one that is asked for", async () => {
    const message =
      "User: arn:aws:iam::1:user/ada is not authorized to perform: sts:AssumeRole on resource: x";
    const body = JSON.stringify({ __type: "AccessDeniedException", message });
    const { hint } = await errorOf(WORKGROUP, { status: 403, body });
    expect(hint).toMatch(/^Allow sts:AssumeRole to whoever/);
  });

  test("no credentials of AWS", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "");
    const error = await errorOf(CLUSTER, xml(500, "unasked"));
    expect(error).toMatchObject({
      code: "WAREHOUSE_AUTH",
      exitCode: 3,
      hint: expect.stringContaining("AWS_PROFILE"),
    });
  });

  test("nobody there", async () => {
    await api.leave();
    const error = await errorOf(CLUSTER, xml(500, "unasked"));
    expect(error).toMatchObject({ code: "WAREHOUSE_UNREACHABLE", exitCode: 8, retryable: true });
  });
});

test("what never answers is given up after ten seconds", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    api.answer = () => {
      vi.advanceTimersByTime(10_000);
      return undefined;
    };
    const asked = iamCredentials(warehouseOf(CLUSTER));
    await expect(asked).rejects.toMatchObject({ code: "WAREHOUSE_UNREACHABLE", exitCode: 8 });
    await expect(asked).rejects.toThrow("did not answer within 10 seconds");
  } finally {
    vi.useRealTimers();
  }
});

test("who no longer waits for an answer is not kept waiting", async () => {
  const stop = new AbortController();
  api.answer = () => {
    stop.abort(new Error("stopped"));
    return undefined;
  };
  await expect(iamCredentials(warehouseOf(CLUSTER), stop.signal)).rejects.toThrow("stopped");
});
