import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { type BigQueryLoaderOptions, bigquerySettings } from "./options.ts";

const good: BigQueryLoaderOptions = { project: "shop-project", dataset: "raw" };

test.each<[string, Partial<BigQueryLoaderOptions>]>([
  ["project", { project: "Shop`; DROP" }],
  ["jobProject", { jobProject: "a b" }],
  ["dataset", { dataset: "raw`.x" }],
  ["location", { location: "EU'" }],
  ["endpoint", { endpoint: "http://user:hush@host:1" }],
  ["endpoint", { endpoint: "http://host:1/path" }],
  ["endpoint", { endpoint: "http://host:1", client: {} as never }],
  ["impersonate", { impersonate: "nobody" }],
  ["impersonate", { impersonate: "etl@p.iam.gserviceaccount.com", endpoint: "http://host:1" }],
  ["kmsKey", { kmsKey: "projects/p" }],
  ["maximumBytesBilled", { maximumBytesBilled: 0 }],
  ["maximumBytesBilled", { maximumBytesBilled: 1.5 }],
  ["stageDays", { stageDays: 0 }],
  ["stageDays", { stageDays: Number.NaN }],
  ["jobTimeoutMs", { jobTimeoutMs: -1 }],
  ["labels", { labels: { Team: "x" } }],
  ["labels", { labels: { team: "It's" } }],
  ["labels", { labels: Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`l${index}`, "x"])) }],
])("an option that cannot work is named: %s %j", (name, change) => {
  try {
    bigquerySettings({ ...good, ...change });
  } catch (error) {
    if (!EtlError.isInstance(error)) throw error;
    expect(error).toMatchObject({ code: "LOADER_OPTIONS", exitCode: 2 });
    expect(error.message).toContain(name);
    expect(error.message).not.toContain("hush");
    return;
  }
  expect.fail("it was accepted");
});

test("the defaults", () => {
  expect(bigquerySettings({ ...good, project: "example.com:shop" })).toMatchObject({
    jobProject: "example.com:shop",
    stageDays: 7,
    jobTimeoutMs: 3_600_000,
    labels: {},
    partitionBy: {},
  });
});
