import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectFailure, openSite } from "../harness/site.ts";

/** What the bucket answers to everything. */
let answer = { status: 403, message: "ada@example.com does not have storage.objects.list access" };
let server: Server;
let lake: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    const { status, message } = answer;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { code: status, message, errors: [{ message, reason: "forbidden" }] } }),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  lake = `gs://ada-lake/spacex?endpoint=http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test.each([
  {
    refusal: { status: 403, message: "ada@example.com does not have storage.objects.list access" },
    failure: { exitCode: 3, code: "LAKE_PERMISSION", says: /storage\.objects\.list/ },
  },
  {
    refusal: { status: 404, message: "The specified bucket does not exist." },
    failure: { exitCode: 8, code: "LAKE_BUCKET_MISSING", says: /gs:\/\/ada-lake\/spacex/ },
  },
])("a bucket that answers $refusal.status fails before the source is asked", async ({ refusal, failure }) => {
  answer = refusal;
  await using site = await openSite();
  const result = await site.step(`run --run-id r1 --lake ${lake}`);
  expectFailure(result, failure);
  expect(result.summary).toMatchObject({ status: "failed", lake, runId: "r1" });
  expect(site.simulator.requests).toEqual([]);
});
