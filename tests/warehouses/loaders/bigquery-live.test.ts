import { randomBytes } from "node:crypto";
import { BigQuery } from "@google-cloud/bigquery";
import { Storage } from "@google-cloud/storage";
import { testLoader } from "@spacex-etl/warehouse-loaders/testing";
import { test } from "vitest";
import { bigqueryTarget } from "./open-bigquery-target.ts";

// The contract on the real service, when the environment names a project, with the Application Default Credentials. It makes
// datasets named etl_test_… and drops them, and leaves objects below suite-… in the bucket, which a lifecycle rule should
// remove. It costs some hundred load jobs and queries of a few kilobytes.
const NAMES = ["PROJECT", "LOCATION", "BUCKET"] as const;
const given = Object.fromEntries(NAMES.map((name) => [name, process.env[`BIGQUERY_LIVE_${name}`] ?? ""]));
const missing = NAMES.filter((name) => given[name] === "");

if (missing.length > 0) {
  console.warn(
    `No real BigQuery is tested: ${missing.map((name) => `BIGQUERY_LIVE_${name}`).join(", ")} not set.`,
  );
  test.runIf(false)("loader: a real BigQuery", () => undefined);
} else {
  const project = given["PROJECT"]!;
  const location = given["LOCATION"]!;
  const client = new BigQuery({ projectId: project, location });
  const bucket = new Storage({ projectId: project }).bucket(given["BUCKET"]!);
  testLoader({
    name: "a real BigQuery",
    open: () => {
      const dataset = `etl_test_${randomBytes(6).toString("hex")}`;
      const target = bigqueryTarget({ client, bucket, options: { project, dataset, location } });
      return Promise.resolve({
        ...target,
        [Symbol.asyncDispose]: async () => {
          const [exists] = await client.dataset(dataset).exists();
          if (exists) await client.dataset(dataset).delete({ force: true });
        },
      });
    },
    largeRows: 20_000,
    killEvery: 20,
    canSetNotNull: false,
    schemaBeforeTransaction: true,
    stagesByJob: true,
    leastCheckpoints: 8,
  });
}
