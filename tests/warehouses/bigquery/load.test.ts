import { Storage } from "@google-cloud/storage";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeGcs, type TestServer } from "../../servers/index.ts";
import { ended, failure, parquet, started } from "./harness.ts";

const SCHEMA = {
  fields: [
    { name: "id", type: "INT64", mode: "REQUIRED" },
    { name: "name", type: "STRING" },
    { name: "at", type: "TIMESTAMP" },
  ],
};
const ROWS = "SELECT i AS id, 'n' || i AS name, TIMESTAMPTZ '2026-01-01 00:00:00.000001Z' AS at FROM range";

let gcs: TestServer;
let one: Buffer;
let two: Buffer;

beforeAll(async () => {
  gcs = await startFakeGcs();
  await gcs.makeBucket("lake");
  const bucket = new Storage({ apiEndpoint: gcs.endpoint, projectId: "proj" }).bucket("lake");
  one = await parquet(`${ROWS}(0, 10) t(i)`);
  two = await parquet(`${ROWS}(10, 15) t(i)`);
  const files = {
    "one.parquet": one,
    "two.parquet": two,
    "nulls.parquet": await parquet(
      "SELECT CAST(NULL AS BIGINT) AS id, 'x' AS name, TIMESTAMP '2026-01-01' AS at",
    ),
    "type.parquet": await parquet("SELECT 1.5::DOUBLE AS id, 'x' AS name, TIMESTAMP '2026-01-01' AS at"),
    "missing.parquet": await parquet("SELECT 1::BIGINT AS id, 'x' AS name"),
    "more.parquet": await parquet(`SELECT *, 1 AS extra FROM (${ROWS}(0, 1) t(i))`),
    "text.parquet": Buffer.from("no parquet"),
  };
  for (const [name, bytes] of Object.entries(files))
    await bucket.file(name).save(bytes, { resumable: false });
});

afterAll(() => gcs.close());

const load = (uris: readonly string[], more: object = {}): object => ({
  sourceUris: uris.map((uri) => `gs://lake/${uri}`),
  sourceFormat: "PARQUET",
  schema: SCHEMA,
  writeDisposition: "WRITE_TRUNCATE",
  destinationTable: { projectId: "proj", datasetId: "raw", tableId: "t" },
  ...more,
});

test("a load brings all its files, counted; the same id again is 409 and brings nothing", async () => {
  await using place = await started({ gcsEndpoint: gcs.endpoint });
  place.server.delays.pendingMs = 50;
  const request = {
    jobId: "load_1",
    location: "EU",
    configuration: { load: load(["one.parquet", "two.parquet"], { writeDisposition: "WRITE_APPEND" }) },
  };
  const [job] = await place.client.createJob(request);
  expect(job.metadata.status.state).toBe("PENDING");
  expect(await failure(place.client.createJob(request))).toMatchObject({ code: 409, reason: "duplicate" });
  const { status, statistics } = await ended(job);
  expect(status).toEqual({ state: "DONE" });
  expect(statistics.load).toEqual({
    inputFiles: "2",
    inputFileBytes: String(one.length + two.length),
    outputRows: "15",
    outputBytes: String(15 * (8 + 2 + 8) + 10 * 2 + 5 * 3),
    badRecords: "0",
  });
  expect(await failure(place.client.createJob(request))).toMatchObject({ code: 409 });
  const [rows] = await place.client.query("SELECT count(*) AS n, max(`at`) AS latest FROM raw.t");
  expect(rows).toEqual([
    { n: 15, latest: expect.objectContaining({ value: "2026-01-01T00:00:00.000001000Z" }) },
  ]);
  expect(place.server.jobs().filter(({ kind }) => kind === "load")).toHaveLength(1);
});

test("a job is found in its own location only", async () => {
  await using place = await started({ gcsEndpoint: gcs.endpoint });
  const [job] = await place.client.createJob({
    jobId: "here",
    configuration: { load: load(["one.parquet"]) },
  });
  await ended(job);
  expect(await failure(place.client.job("here", { location: "US" }).getMetadata())).toMatchObject({
    code: 404,
    message: expect.stringContaining("Not found: Job proj:US.here"),
  });
  const wrong = { jobId: "there", location: "US", configuration: { load: load(["one.parquet"]) } };
  expect(await failure(place.client.createJob(wrong))).toMatchObject({ code: 404, reason: "notFound" });
});

test.each([
  ["nulls.parquet", "invalid", "Only optional fields can be set to NULL. Field: id"],
  [
    "type.parquet",
    "invalid",
    "Parquet column 'id' has type DOUBLE which does not match the target cpp_type INT64",
  ],
  ["missing.parquet", "invalid", "Column 'at' of the schema is missing"],
  ["more.parquet", "invalid", "No such field: extra"],
  ["text.parquet", "invalid", "not in Parquet format"],
  ["nowhere.parquet", "notFound", "Not found: URI gs://lake/nowhere.parquet"],
])(
  "one file that does not fit (%s) fails the load and leaves the table as it was",
  async (file, reason, message) => {
    await using place = await started({ gcsEndpoint: gcs.endpoint });
    await ended((await place.client.createJob({ configuration: { load: load(["two.parquet"]) } }))[0]);
    const [job] = await place.client.createJob({ configuration: { load: load(["one.parquet", file]) } });
    expect((await ended(job)).status.errorResult).toEqual({
      reason,
      message: expect.stringContaining(message),
      location: `gs://lake/${file}`,
    });
    expect((await place.client.query("SELECT count(*) AS n FROM raw.t"))[0]).toEqual([{ n: 5 }]);
  },
);

test("dispositions: append adds, empty refuses rows, truncate takes a new schema, never creates nothing", async () => {
  await using place = await started({ gcsEndpoint: gcs.endpoint });
  const run = async (more: object): Promise<string | undefined> =>
    (await ended((await place.client.createJob({ configuration: { load: load(["two.parquet"], more) } }))[0]))
      .status.errorResult?.reason;
  expect(await run({ createDisposition: "CREATE_NEVER" })).toBe("notFound");
  expect(await run({ writeDisposition: "WRITE_EMPTY" })).toBeUndefined();
  expect(await run({ writeDisposition: "WRITE_EMPTY" })).toBe("duplicate");
  expect(await run({ writeDisposition: "WRITE_APPEND" })).toBeUndefined();
  expect((await place.client.query("SELECT count(*) AS n FROM raw.t"))[0]).toEqual([{ n: 10 }]);
  const relaxed = { fields: SCHEMA.fields.map(({ name, type }) => ({ name, type })) };
  expect(await run({ writeDisposition: "WRITE_APPEND", schema: relaxed })).toBe("invalid");
  place.server.advance(10_001);
  expect(await run({ schema: relaxed })).toBeUndefined();
  expect((await place.client.query("SELECT count(*) AS n FROM raw.t"))[0]).toEqual([{ n: 5 }]);
});

test("loads of one table beyond the day's limit are refused, and too many at once fail for the rate", async () => {
  await using place = await started({ gcsEndpoint: gcs.endpoint, loadJobsPerTablePerDay: 6 });
  const run = () => place.client.createJob({ configuration: { load: load(["one.parquet"]) } });
  for (let nth = 0; nth < 5; nth++)
    expect((await ended((await run())[0])).status.errorResult).toBeUndefined();
  expect((await ended((await run())[0])).status.errorResult?.reason).toBe("rateLimitExceeded");
  expect(await failure(run())).toMatchObject({ code: 403, reason: "quotaExceeded" });
  place.server.advance(86_400_001);
  await ended((await run())[0]);
});

test("a local file is uploaded with its job id", async () => {
  await using place = await started();
  const folder = await mkdtemp(join(tmpdir(), "bigquery-test-"));
  try {
    const path = join(folder, "one.parquet");
    await writeFile(path, one);
    const table = place.client.dataset("raw").table("t");
    const options = { sourceFormat: "PARQUET", schema: SCHEMA, jobId: "upload_1", location: "EU" };
    const [job] = await table.load(path, options);
    expect(job).toMatchObject({
      status: { state: "DONE" },
      statistics: { load: { outputRows: "10", inputFiles: "1" } },
    });
    expect(await failure(table.load(path, options))).toMatchObject({ code: 409 });
    expect((await table.getRows())[0]).toHaveLength(10);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
