import { testLoader } from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll } from "vitest";
import { startFakeGcs, type TestServer } from "../../servers/index.ts";
import { makeBucket, openBigQueryTarget } from "./bigquery-target.ts";

let gcs: TestServer;

beforeAll(async () => {
  gcs = await startFakeGcs();
  await makeBucket(gcs);
});

afterAll(() => gcs.close());

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
