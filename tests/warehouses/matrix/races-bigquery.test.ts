import { openBigQueryWorld } from "../harness/bigquery-world.ts";
import { testRaces } from "../harness/race-suite.ts";
import type { BigQueryTarget } from "../loaders/bigquery-target.ts";

testRaces<BigQueryTarget>("BigQuery", openBigQueryWorld, ({ server }, statement, there, goOn) => {
  let slow: string | undefined;
  let next = 0;
  server.hooks.beforeStatement = async (jobId) => {
    if (!jobId.includes("_apply_")) return;
    slow ??= jobId;
    if (jobId !== slow || next++ !== statement) return;
    there();
    await goOn;
  };
});
