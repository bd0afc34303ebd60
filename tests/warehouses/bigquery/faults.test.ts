import { expect, test } from "vitest";
import { ended, failure, script, started } from "./harness.ts";

const INSERT = "INSERT INTO raw.t (id) VALUES (1)";
const count = "SELECT count(*) AS n FROM raw.t";

test("a reset before acceptance leaves nothing, one after it leaves the job, which its id finds", async () => {
  await using place = await started();
  await script(place.client, "CREATE TABLE raw.t (id INT64)");
  place.server.inject({ fault: { kind: "reset-before" }, method: "POST", path: /^\/jobs$/ });
  const query = { query: INSERT, jobId: "insert_1" };
  expect((await failure(place.client.createQueryJob(query))).code).toBe("ECONNRESET");
  expect((await failure(place.client.job("insert_1").getMetadata())).code).toBe(404);

  place.server.inject({ fault: { kind: "reset-after" }, method: "POST", path: /^\/jobs$/ });
  expect((await failure(place.client.createQueryJob(query))).code).toBe("ECONNRESET");
  await ended(place.client.job("insert_1"));
  expect(await failure(place.client.createQueryJob(query))).toMatchObject({ code: 409, reason: "duplicate" });
  expect((await place.client.query(count))[0]).toEqual([{ n: 1 }]);
  const posts = place.server.requests().filter(({ method, path }) => method === "POST" && path === "/jobs");
  expect(posts.map(({ status }) => status)).toEqual([200, null, null, 409]);
});

test.each([
  ["rateLimitExceeded", 403],
  ["quotaExceeded", 403],
  ["accessDenied", 403],
  ["backendError", 503],
])("an injected %s is answered with %i, once, or fails the job", async (reason, code) => {
  await using place = await started();
  await script(place.client, "CREATE TABLE raw.t (id INT64)");
  place.server.inject({ fault: { kind: "error", reason }, body: /INSERT/ });
  expect(await failure(place.client.createQueryJob({ query: INSERT }))).toMatchObject({ code, reason });
  place.server.inject({ fault: { kind: "job-error", reason }, body: /INSERT/ });
  expect((await script(place.client, INSERT)).status.errorResult).toMatchObject({ reason });
  expect((await script(place.client, INSERT)).status.errorResult).toBeUndefined();
  expect((await place.client.query(count))[0]).toEqual([{ n: 1 }]);
});

test("a job that never ends stays RUNNING until it is cancelled", async () => {
  await using place = await started();
  await script(place.client, "CREATE TABLE raw.t (id INT64)");
  place.server.inject({ fault: { kind: "job-hangs" }, body: /INSERT/ });
  const [job] = await place.client.createQueryJob({ query: INSERT });
  const [results] = await place.client.query({ query: count });
  expect(results).toEqual([{ n: 0 }]);
  expect((await job.getMetadata())[0].status.state).toBe("RUNNING");
  await job.cancel();
  expect((await ended(job)).status.errorResult).toMatchObject({ reason: "stopped" });
  expect((await place.client.query(count))[0]).toEqual([{ n: 0 }]);
});

test("a job that is hidden runs, is 404 for so many GETs and 409 for who sends it again", async () => {
  await using place = await started();
  await script(place.client, "CREATE TABLE raw.t (id INT64)");
  place.server.inject({ fault: { kind: "job-hidden", gets: 2, lost: true }, body: /INSERT/ });
  const query = { query: INSERT, jobId: "insert_1" };
  expect((await failure(place.client.createQueryJob(query))).code).toBe("ECONNRESET");
  expect((await failure(place.client.job("insert_1").getMetadata())).code).toBe(404);
  expect((await failure(place.client.createQueryJob(query))).code).toBe(409);
  expect((await failure(place.client.job("insert_1").getMetadata())).code).toBe(404);
  await ended(place.client.job("insert_1"));
  expect((await place.client.query(count))[0]).toEqual([{ n: 1 }]);
});
