import { testLoader } from "@spacex-etl/warehouse-loaders/testing";
import { sharedGcs, openBigQueryTarget } from "./bigquery-target.ts";

const gcs = sharedGcs();

// A nightly run sets LOADER_ROWS=1000000 and LOADER_KILL_EVERY=1.
const number = (name: string) => (process.env[name] === undefined ? undefined : Number(process.env[name]));

testLoader({
  name: "bigquery",
  open: () => openBigQueryTarget(gcs),
  largeRows: number("LOADER_ROWS"),
  killEvery: number("LOADER_KILL_EVERY"),
  canSetNotNull: false,
  schemaBeforeTransaction: true,
  stagesByJob: true,
  leastCheckpoints: 8,
});
