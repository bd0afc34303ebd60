import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { Storage } from "@google-cloud/storage";
import { afterEach, expect, test, vi } from "vitest";
import { type Double, fail, gcsDouble, json, reset, type Step } from "../../test/gcs-double.ts";
import { allKeys, temporaryFolder } from "../../test/lake.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { gcsStore, type GcsStoreOptions } from "./index.ts";

afterEach(() => vi.unstubAllEnvs());

const SUBJECT = "planted-subject-token";
const empty = json(200, {});
const token: Step = json(200, { access_token: "token-1", token_type: "Bearer", expires_in: 3600 });

/** What workload identity federation gives a process: a token of elsewhere, to be exchanged for one of Google's. */
async function federate(exchange: Double): Promise<void> {
  const folder = await temporaryFolder();
  const subject = join(folder, "subject");
  await writeFile(subject, SUBJECT);
  const credentials = {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${exchange.endpoint}/v1/token`,
    credential_source: { file: subject },
  };
  const file = join(folder, "credentials.json");
  await writeFile(file, JSON.stringify(credentials));
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", file);
}

async function storeWith(
  exchange: readonly Step[],
  api: Double,
  options: Partial<GcsStoreOptions> = {},
): Promise<{ readonly store: ObjectStore; readonly exchange: Double }> {
  const double = await gcsDouble(...exchange);
  await federate(double);
  const client = new Storage({ apiEndpoint: api.endpoint, useAuthWithCustomEndpoint: true, projectId: "p" });
  return { store: gcsStore({ bucket: "my-bucket", client, ...options }), exchange: double };
}

test("a caller's client gives its endpoint and its credentials, one token for all requests", async () => {
  const api = await gcsDouble(empty, empty);
  const { store, exchange } = await storeWith([token], api);
  await allKeys(store);
  await allKeys(store);
  expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer token-1",
    "Bearer token-1",
  ]);
  expect(exchange.requests).toHaveLength(1);
});

test("a token endpoint that fails for a while is tried again, and nothing is sent without a token", async () => {
  const api = await gcsDouble(empty);
  const reasons: string[] = [];
  const failing = [reset, fail(503), token];
  const { store } = await storeWith(failing, api, { onRetry: ({ reason }) => reasons.push(reason) });
  await allKeys(store);
  expect(api.requests).toHaveLength(1);
});

test("refused credentials say how to sign in, a wrong clock that it is wrong, and neither shows a token", async () => {
  const refused = json(400, { error: "invalid_grant", error_description: "The subject token is expired" });
  const skewed = json(400, {
    error: "invalid_grant",
    error_description: "Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
  });
  for (const [step, code, hint] of [
    [refused, "LAKE_AUTH", "gcloud auth application-default login"],
    [skewed, "LAKE_CLOCK_SKEW", "clock"],
  ] as const) {
    const api = await gcsDouble();
    const { store } = await storeWith([step], api);
    const error: unknown = await store.head("a").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      kind: "auth",
      code,
      exitCode: 3,
      retryable: false,
      hint: expect.stringContaining(hint),
    });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SUBJECT);
    expect(api.requests).toEqual([]);
  }
});

test("a token endpoint that stays silent is given up", async () => {
  const api = await gcsDouble();
  const { store } = await storeWith([() => undefined], api, { stallMs: 100, deadlineMs: 0 });
  await expect(store.head("a")).rejects.toMatchObject({ kind: "destination", code: "LAKE_UNREACHABLE" });
});

test("without any credentials the error says how to get some", async () => {
  const home = await temporaryFolder();
  for (const name of ["GOOGLE_APPLICATION_CREDENTIALS", "GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", home);
  vi.stubEnv("APPDATA", home);
  vi.stubEnv("CLOUDSDK_CONFIG", home);
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  await expect(gcsStore({ bucket: "my-bucket" }).head("a")).rejects.toMatchObject({
    kind: "auth",
    code: "LAKE_AUTH",
    message: expect.stringContaining("default credentials"),
    hint: expect.stringMatching(/gcloud auth application-default login.*GOOGLE_APPLICATION_CREDENTIALS/s),
  });
  const file = join(home, "key.json");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", file);
  await expect(gcsStore({ bucket: "my-bucket" }).head("a")).rejects.toMatchObject({ code: "LAKE_AUTH" });
  await writeFile(file, `planted-key is no JSON`);
  const error: unknown = await gcsStore({ bucket: "my-bucket" })
    .head("a")
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "LAKE_AUTH", message: expect.stringContaining("not valid JSON") });
  expect(inspect(error, { depth: 20 })).not.toContain("planted-key");
});

test("a server without TLS is told no token and needs no credentials", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nothing/here.json");
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
  const api = await gcsDouble(empty);
  await allKeys(gcsStore({ bucket: "my-bucket", endpoint: api.endpoint }));
  expect(api.requests[0]?.headers).not.toHaveProperty("authorization");
  expect(api.requests[0]?.headers).not.toHaveProperty("x-goog-api-key");
});
