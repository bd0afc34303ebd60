import { expect, test } from "vitest";
import type { RedshiftClient, RedshiftLoaderOptions } from "./options.ts";
import { redshiftLoader } from "./redshift-loader.ts";
import { settingsOf } from "./settings.ts";

const ROLE = "arn:aws:iam::123456789012:role/load";
const OPTIONS: RedshiftLoaderOptions = {
  host: "cluster.example.com",
  database: "dev",
  user: "IAM:loader",
  password: "hush-hush",
  iamRole: ROLE,
  manifests: { url: "s3://lake/some/prefix", createIfAbsent: () => Promise.resolve("created") },
};
const client: RedshiftClient = {
  query: () => Promise.reject(new Error("nothing is asked")),
  end: () => Promise.resolve(),
};

test("the defaults, and a location without secrets", () => {
  expect(settingsOf(OPTIONS)).toMatchObject({
    schema: "raw",
    port: 5439,
    iamRole: ROLE,
    statementTimeoutMs: 3_600_000,
    connectTimeoutMs: 15_000,
    location: "redshift://IAM%3Aloader@cluster.example.com:5439/dev?schema=raw",
  });
});

test.each([
  ["default", "default"],
  [[ROLE, "arn:aws-cn:iam::123456789012:role/path/b"], `${ROLE},arn:aws-cn:iam::123456789012:role/path/b`],
  [`${ROLE},${ROLE}2`, `${ROLE},${ROLE}2`],
])("the role %j", (iamRole, expected) => {
  expect(settingsOf({ ...OPTIONS, iamRole }).iamRole).toBe(expected);
});

test.each<[string, Partial<RedshiftLoaderOptions>]>([
  ["iamRole", { iamRole: "arn:aws:iam::1:role/x" }],
  ["iamRole", { iamRole: `${ROLE}' CREDENTIALS 'x` }],
  ["iamRole", { iamRole: [] }],
  ["manifests", { manifests: { ...OPTIONS.manifests, url: "file:///lake" } }],
  ["manifests", { manifests: { ...OPTIONS.manifests, url: "s3://lake/" } }],
  ["varcharBytes", { varcharBytes: { orders: 65_536 } }],
  ["varcharBytes", { varcharBytes: { orders: 0 } }],
  ["distribution", { distribution: { orders: "even SORTKEY (x)" as "even" } }],
  ["statementTimeoutMs", { statementTimeoutMs: 0 }],
  ["connectTimeoutMs", { connectTimeoutMs: Number.NaN }],
  ["conflictPauseMs", { conflictPauseMs: 0 }],
  ["port", { port: 70_000 }],
  ["host", { host: "" }],
  ["database", { database: "" }],
  ["user", { user: "" }],
  ["password", { password: "" }],
  ["ca", { ca: "PEM", ssl: "require" }],
  ["host", { client } as Partial<RedshiftLoaderOptions>],
])("the option %s is refused by name: %j", (name, change) => {
  const wrong = { ...OPTIONS, ...change } as RedshiftLoaderOptions;
  expect(() => redshiftLoader(wrong)).toThrow(
    expect.objectContaining({
      code: "LOADER_OPTIONS",
      exitCode: 2,
      message: expect.stringContaining(name) as string,
      hint: expect.stringMatching(/\w/) as string,
    }),
  );
});

test("a schema that Redshift would fold is refused", () => {
  expect(() => redshiftLoader({ ...OPTIONS, schema: "Raw" })).toThrow(
    expect.objectContaining({ code: "NAME_UNSUPPORTED" }),
  );
});

test("a loader that was never used has nothing to close", async () => {
  const loader = redshiftLoader(OPTIONS);
  expect(JSON.stringify(loader)).not.toContain("hush");
  await loader.close();
  await loader.close();
});
