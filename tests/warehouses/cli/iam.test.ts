import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { writeScript } from "../../harness/running.ts";
import { expectFailure } from "../../harness/site.ts";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { startMoto, type TestServer } from "../../servers/index.ts";
import { type CloudSite, openCloudSite } from "./harness/cloud-site.ts";

/** The stand-in's own, which it takes from whoever has them. */
const USER = "loader";
const PASSWORD = "stand-in-password";
const REGION = "eu-central-1";

interface Request {
  readonly name: string;
  readonly body: string;
}

let cloud: CloudSite;
let close: () => Promise<void>;
let fakeDbt: string;
/** What was asked of the APIs of Redshift and Redshift Serverless. */
const asked: Request[] = [];

beforeAll(async () => {
  cloud = await openCloudSite("redshift", { collections: collectionNames.join(",") });
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const target = request.headers["x-amz-target"];
      asked.push({ name: String(target ?? new URLSearchParams(body).get("Action")), body });
      const [type, text] =
        target === undefined
          ? [
              "text/xml",
              `<GetClusterCredentialsResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><GetClusterCredentialsResult><DbUser>${USER}</DbUser><DbPassword>${PASSWORD}</DbPassword></GetClusterCredentialsResult></GetClusterCredentialsResponse>`,
            ]
          : ["application/x-amz-json-1.1", JSON.stringify({ dbUser: USER, dbPassword: PASSWORD })];
      response.writeHead(200, { "content-type": type }).end(text);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  close = () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv("AWS_ENDPOINT_URL_REDSHIFT", endpoint);
  vi.stubEnv("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", endpoint);
  const result = { results: [{ status: "success", unique_id: "model.spacex_etl.one", message: "OK" }] };
  fakeDbt = writeScript(join(cloud.site.cwd, "fake-dbt"), [
    'env > "$DBT_TARGET_PATH/env"',
    'echo "$DBT_TARGET_PATH" > "$(dirname "$0")/target"',
    `printf '%s' '${JSON.stringify(result)}' > "$DBT_TARGET_PATH/run_results.json"`,
  ]);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await close?.();
  await cloud?.[Symbol.asyncDispose]();
});
showLogOfFailures(() => cloud.bucket);

function environment(parameters: string): Record<string, string> {
  asked.length = 0;
  return {
    REDSHIFT_PASSWORD: "",
    WAREHOUSE_URL: `${cloud.warehouse}&iam=true&region=${REGION}&${parameters}`,
  };
}

test.each([
  ["cluster", "GetClusterCredentials", /DbUser=loader&DbName=dev&ClusterIdentifier=name-1/],
  ["workgroup", "RedshiftServerless.GetCredentials", /"workgroupName":"name-1"/],
])("a run into a %s signs in with what IAM gives", async (kind, name, body) => {
  const env = { ...environment(`${kind}=name-1`), SPACEX_ETL_NO_TRANSFORM: "", SPACEX_ETL_DBT: fakeDbt };
  const { summary, code, output } = await cloud.site.step(`run --run-id ${kind}`, { env });
  expect(code, output).toBe(0);
  expect(summary.transform).toMatchObject({ status: kind === "cluster" ? "done" : "skipped" });
  // Before anything begins, and for each connection.
  expect(asked.length).toBeGreaterThan(1);
  for (const request of asked) {
    expect(request.name).toBe(name);
    expect(request.body).toMatch(body);
  }
  expect(output).not.toContain(PASSWORD);
});

test("and so does dbt", () => {
  const target = readFileSync(join(cloud.site.cwd, "target"), "utf8").trim();
  const ofDbt = readFileSync(join(target, "env"), "utf8").split("\n");
  expect(ofDbt).toContain(`SPACEX_ETL_REDSHIFT_USER=${USER}`);
  expect(ofDbt).toContain(`DBT_ENV_SECRET_REDSHIFT_PASSWORD=${PASSWORD}`);
});

test("a password besides is refused before anything begins", async () => {
  const env = { ...environment("cluster=name-1"), REDSHIFT_PASSWORD: PASSWORD };
  const before = cloud.site.simulator.requests.length;
  const result = await cloud.site.step("run --run-id both", { env });
  expectFailure(result, { exitCode: 2, code: "SETTINGS_CONTRADICT", says: /iam[^]*REDSHIFT_PASSWORD/ });
  expect(asked).toEqual([]);
  expect(cloud.site.simulator.requests).toHaveLength(before);
});

describe("asking moto, which speaks Redshift's own protocol", () => {
  let moto: TestServer;

  beforeAll(async () => {
    moto = await startMoto();
    vi.stubEnv("AWS_ENDPOINT_URL_REDSHIFT", moto.endpoint);
  });
  afterAll(() => moto?.close());

  test("a cluster that is not there ends a run before its first request", async () => {
    const before = cloud.site.simulator.requests.length;
    const result = await cloud.site.step("run --run-id none", { env: environment("cluster=none") });
    expectFailure(result, {
      exitCode: 8,
      code: "WAREHOUSE_MISSING",
      says: /no cluster none in eu-central-1/,
    });
    expect(cloud.site.simulator.requests).toHaveLength(before);
  });

  test("a cluster that is there gives credentials, of a user that the stand-in does not know", async () => {
    const made = await fetch(moto.endpoint, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=key/20260101/${REGION}/redshift/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: new URLSearchParams({
        Action: "CreateCluster",
        Version: "2012-12-01",
        ClusterIdentifier: "made",
        NodeType: "ra3.large",
        MasterUsername: "admin",
        MasterUserPassword: "Planted-0123456789",
      }),
    });
    expect(made.status, await made.text()).toBe(200);
    const result = await cloud.site.step("load --run-id cluster", { env: environment("cluster=made") });
    expectFailure(result, { exitCode: 3, code: "WAREHOUSE_AUTH", says: /IAM:loader/ });
  });
});
