import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { doorsOf, type PackedProject, packedProject } from "./harness/index.ts";

/** Parts of a program; the pipeline and the command line bring DuckDB with them. */
const PARTS = ["contracts", "lake-writers", "spacex-client", "spacex-simulator", "warehouse-loaders"];

const tarballs = inject("tarballs").filter(({ name }) => PARTS.includes(name));
const doors = tarballs.flatMap(({ manifest }) => doorsOf(manifest));

let project: PackedProject;

beforeAll(async () => {
  project = await packedProject({ tarballs, packages: PARTS, dependencies: ["zod"] });
});

afterAll(() => project?.[Symbol.asyncDispose]());

test("optional peers are not installed unasked", () => {
  expect(project.has("zod")).toBe(true);
  expect(project.has("@duckdb/node-api")).toBe(false);
  expect(project.has("vitest")).toBe(false);
  expect(project.has("@aws-sdk/client-s3")).toBe(false);
  expect(project.has("@aws-sdk/client-redshift")).toBe(false);
  expect(project.has("@aws-sdk/client-redshift-serverless")).toBe(false);
  expect(project.has("@google-cloud/storage")).toBe(false);
  expect(project.has("@google-cloud/bigquery")).toBe(false);
  expect(project.has("google-auth-library")).toBe(false);
  expect(project.has("pg")).toBe(false);
});

test.each(doors.filter((door) => !door.endsWith("/testing")))(
  "%s opens without DuckDB and cloud SDKs",
  async (door) => {
    const program = `console.log(Object.keys(await import(${JSON.stringify(door)})).length)`;
    const { code, output } = await project.node(["--input-type=module", "--eval", program]);
    expect(code, output).toBe(0);
    expect(Number(output)).toBeGreaterThan(0);
  },
);

test("the DuckDB loader without DuckDB says what to install", async () => {
  const program = `
    import { EtlError } from "@spacex-etl/contracts";
    import { duckdbLoader } from "@spacex-etl/warehouse-loaders/duckdb";
    import { writeFileSync } from "node:fs";
    // Nothing is opened for a file that is not there.
    writeFileSync("warehouse.duckdb", "");
    await duckdbLoader({ path: "warehouse.duckdb" }).check().catch((error) => {
      console.log(EtlError.isInstance(error), error.code, error.kind, error.hint);
    });
  `;
  const { code, output } = await project.node(["--input-type=module", "--eval", program]);
  expect(code, output).toBe(0);
  expect(output).toContain("true PEER_MISSING usage Install it: npm install @duckdb/node-api");
});

test.each([
  ["s3://bucket/lake", "@aws-sdk/client-s3 @aws-sdk/lib-storage"],
  ["gs://bucket/lake", "@google-cloud/storage"],
])("%s without its SDK says what to install", async (url, packages) => {
  const program = `
    import { EtlError } from "@spacex-etl/contracts";
    import { openLake } from "@spacex-etl/lake-writers";
    await openLake(${JSON.stringify(url)}).catch((error) => {
      console.log(EtlError.isInstance(error), error.code, error.kind, error.hint);
    });
  `;
  const { code, output } = await project.node(["--input-type=module", "--eval", program]);
  expect(code, output).toBe(0);
  expect(output).toContain(`true PEER_MISSING usage Install it: npm install ${packages}`);
});

test.each([
  [
    "bigquery",
    `bigqueryLoader({ project: "my-project", dataset: "raw", endpoint: "http://127.0.0.1:1" })`,
    "@google-cloud/bigquery",
  ],
  [
    "redshift",
    `redshiftLoader({
      host: "127.0.0.1", database: "dev", user: "loader", password: "unused", ssl: "disable", iamRole: "default",
      manifests: { url: "s3://bucket/lake", createIfAbsent: async () => "created" },
    })`,
    "pg",
  ],
])("the %s loader without its client says what to install", async (engine, loader, packages) => {
  const program = `
    import { EtlError } from "@spacex-etl/contracts";
    import { ${engine}Loader } from "@spacex-etl/warehouse-loaders/${engine}";
    await ${loader}.check().catch((error) => {
      console.log(EtlError.isInstance(error), error.code, error.kind, error.hint);
    });
  `;
  const { code, output } = await project.node(["--input-type=module", "--eval", program]);
  expect(code, output).toBe(0);
  expect(output).toContain(`true PEER_MISSING usage Install it: npm install ${packages}`);
});

test("a testing door without vitest names vitest", async () => {
  const program = `await import("@spacex-etl/lake-writers/testing")`;
  const { code, output } = await project.node(["--input-type=module", "--eval", program]);
  expect(code).not.toBe(0);
  expect(output).toContain("Cannot find package 'vitest'");
});
