import { Storage } from "@google-cloud/storage";
import { afterAll, beforeAll } from "vitest";
import { startFakeGcs, type TestServer } from "../../servers/index.ts";
import { type BigQueryServer, clientOf, startBigQuery } from "../bigquery/index.ts";
import { bigqueryTarget, type BigQueryTarget as Target } from "./open-bigquery-target.ts";

export const PROJECT = "shop-project";
export const DATASET = "raw";
export const LOCATION = "EU";
const BUCKET = "lake";

/** A BigQuery of its own over the objects of a GCS server, with what a protocol test needs to look into it. */
export interface BigQueryTarget extends Target {
  readonly server: BigQueryServer;
}

/** An empty double; the dataset is made by the first load. */
export async function openBigQueryTarget(gcs: Pick<TestServer, "endpoint">): Promise<BigQueryTarget> {
  const server = await startBigQuery({ gcsEndpoint: gcs.endpoint });
  const target = bigqueryTarget({
    client: clientOf(server.endpoint, PROJECT, { location: LOCATION }),
    bucket: new Storage({ apiEndpoint: gcs.endpoint, projectId: "test" }).bucket(BUCKET),
    options: { project: PROJECT, dataset: DATASET, location: LOCATION, endpoint: server.endpoint },
  });
  return {
    ...target,
    server,
    execute: async (sql) => {
      await target.execute(sql);
      // Tests write more often into a table than the service lets.
      server.advance(10_000);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Makes the bucket that targets read from. */
export async function makeBucket(gcs: TestServer): Promise<void> {
  await gcs.makeBucket(BUCKET);
}

/** The GCS server that the tests of a file share, with that bucket; to be called once in a file. */
export function sharedGcs(): Pick<TestServer, "endpoint"> {
  let gcs: TestServer | undefined;
  beforeAll(async () => {
    gcs = await startFakeGcs();
    await makeBucket(gcs);
  });
  afterAll(() => gcs?.close());
  return {
    get endpoint() {
      if (gcs === undefined) throw new Error("The GCS server is there only while tests run.");
      return gcs.endpoint;
    },
  };
}
