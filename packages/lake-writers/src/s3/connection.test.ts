import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { refusal, scriptedS3 } from "../../test/scripted-s3.ts";
import { s3Store } from "./index.ts";

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
});
afterEach(() => vi.unstubAllEnvs());

function signIn(): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "planted-access-key-id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "planted-secret-access-key");
}

test("without a client one is made, with the credentials of the environment", async () => {
  signIn();
  const server = await scriptedS3(({ method }) => (method === "PUT" ? {} : { status: 404 }));
  const store = s3Store({ bucket: "bucket", endpoint: server.endpoint });
  expect(await store.createIfAbsent("x", Buffer.from("1"))).toBe("created");
  // More than two megabytes, for which the SDK would ask for permission to send, by a connection of its own.
  expect(await store.createIfAbsent("y", Buffer.alloc(3_000_000))).toBe("created");
  expect(await store.head("z")).toBeUndefined();
  const [first, second] = server.asked;
  expect(first?.headers.authorization).toMatch(/Credential=planted-access-key-id\/\d+\/us-east-1\/s3/);
  // The bucket is in the path, because the address is this machine's.
  expect(first?.key).toBe("x");
  expect(second?.headers).not.toHaveProperty("expect");
  expect(second?.body).toHaveLength(3_000_000);
  expect(server.openSockets()).toBe(1);
  await store[Symbol.asyncDispose]?.();
  await expect.poll(() => server.openSockets()).toBe(0);
});

for (const [from, variables, region] of [
  ["the option", { AWS_REGION: "eu-west-1" }, "eu-north-1"],
  ["AWS_REGION", { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" }, undefined],
  ["AWS_DEFAULT_REGION", { AWS_DEFAULT_REGION: "eu-west-2" }, undefined],
] as const) {
  test(`the region is that of ${from}`, async () => {
    signIn();
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const server = await scriptedS3(() => ({ status: 404 }));
    await s3Store({ bucket: "bucket", endpoint: server.endpoint, region }).head("x");
    const expected = region ?? Object.values(variables)[0];
    expect(server.asked[0]?.headers.authorization).toContain(`/${expected}/s3/`);
  });
}

test("no region and no credentials are errors that say what to do", async () => {
  signIn();
  await expect(s3Store({ bucket: "bucket" }).head("x")).rejects.toMatchObject({
    kind: "usage",
    code: "LAKE_REGION",
  });
  vi.unstubAllEnvs();
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  const server = await scriptedS3(() => ({}));
  await expect(s3Store({ bucket: "bucket", endpoint: server.endpoint }).head("x")).rejects.toMatchObject({
    kind: "auth",
    code: "LAKE_AUTH",
    message: expect.stringContaining("no AWS credentials were found"),
    hint: expect.stringContaining("role of the task"),
  });
  expect(server.asked).toEqual([]);
});

test("an address where nobody ever answered is given up soon", async () => {
  signIn();
  const retries: unknown[] = [];
  const store = s3Store({
    bucket: "bucket",
    endpoint: "http://127.0.0.1:1",
    onRetry: (retry) => retries.push(retry),
  });
  await expect(store.head("x")).rejects.toMatchObject({ kind: "destination", code: "LAKE_UNREACHABLE" });
  expect(retries).toHaveLength(4);
});

test("options that contradict each other or cannot be are errors that name them", async () => {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ region: "us-east-1" });
  const wrong = [
    [{ client, region: "eu-west-1" }, "region"],
    [{ client, endpoint: "http://127.0.0.1:1" }, "endpoint"],
    [{ client, pathStyle: true }, "pathStyle"],
    [{ multipartBytes: 1024 }, "multipartBytes"],
    [{ stallMs: Number.NaN }, "stallMs"],
    [{ stallMs: 0 }, "stallMs"],
    [{ deadlineMs: 2 ** 31 }, "deadlineMs"],
    [{ metadata: { Name: "x" } }, "Name"],
    [{ metadata: { name: "ü" } }, "name"],
    [{ bucket: "No" }, "No"],
  ] as const;
  for (const [options, name] of wrong)
    expect(() => s3Store({ bucket: "bucket", ...options }), name).toThrow(
      expect.objectContaining({ kind: "usage", message: expect.stringContaining(name) }),
    );
  expect(s3Store({ bucket: "bucket" }).url).toBe("s3://bucket");
  expect(s3Store({ bucket: "bucket", prefix: "/a/b/" }).url).toBe("s3://bucket/a/b");
  const arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/lake";
  expect(s3Store({ bucket: arn }).url).toBe(`s3://${arn}`);
});

test("a key that could leave the prefix never reaches the service", async () => {
  signIn();
  const server = await scriptedS3(() => refusal(500, "InternalError"));
  const store = s3Store({ bucket: "bucket", prefix: "lake", endpoint: server.endpoint });
  for (const key of ["../x", "a//b", "", "a/./b", "x\n"]) {
    await expect(store.head(key)).rejects.toMatchObject({ code: "OBJECT_KEY" });
    await expect(store.createIfAbsent(key, Buffer.from(""))).rejects.toMatchObject({ code: "OBJECT_KEY" });
    await expect(store.delete(key)).rejects.toMatchObject({ code: "OBJECT_KEY" });
  }
  expect(server.asked).toEqual([]);
});

test("the SDK is loaded by the first call, not before", async () => {
  const script = `
    import { createRequire } from "node:module";
    import { s3Store } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).some((file) => file.includes("client-s3"));
    const store = s3Store({ bucket: "bucket", endpoint: "http://127.0.0.1:1", deadlineMs: 0 });
    const before = loaded();
    await store.head("x").catch(() => undefined);
    console.log(JSON.stringify([before, loaded()]));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@spacex-etl/source", "--input-type=module", "--eval", script],
    { env: { ...process.env, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" } },
  );
  expect(JSON.parse(stdout)).toEqual([false, true]);
});
