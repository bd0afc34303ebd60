import { expect, test } from "vitest";
import { allOf } from "../../test/all-of.ts";
import { sendHtml, sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { createSpaceXClient } from "../index.ts";

const retry = { baseDelayMs: 0 };

test("version 4 answers a TypeError where there is no launch", async () => {
  await using api = await startApi((response) =>
    sendText(response, 400, "Cannot read properties of null (reading 'toObject')"),
  );
  const client = createSpaceXClient({ baseUrl: api.url, retry });
  expect(await client.v4.launches.latest()).toBeNull();
  expect(await client.v4.launches.next()).toBeNull();
  // Trying again would not bring one.
  expect(api.requests).toHaveLength(2);
});

test("an outage is no missing launch", async () => {
  await using api = await startApi((response) =>
    sendText(response, 400, "Operation `launches.findOne()` buffering timed out after 10000ms"),
  );
  const { launches } = createSpaceXClient({ baseUrl: api.url, retry: { ...retry, limit: 1 } });
  expect(await problemOf(launches.latest())).toMatchObject({ code: "SOURCE_OUTAGE", retryable: true });
  expect(api.requests).toHaveLength(2);
});

test("a list where one launch should be, and the other way round", async () => {
  await using api = await startApi((response, { path }) =>
    sendJson(response, path.endsWith("past") ? {} : []),
  );
  const { launches } = createSpaceXClient({ baseUrl: api.url });
  expect(await problemOf(launches.past())).toMatchObject({ code: "SOURCE_SHAPE", retryable: false });
  expect(await problemOf(launches.latest())).toMatchObject({ kind: "data", code: "RECORD_INVALID" });
});

test("health is the word OK from the API itself", async () => {
  await using api = await startApi((response, _, nth) =>
    nth === 1 ? sendText(response, 200, "fine") : sendHtml(response, 200),
  );
  const client = createSpaceXClient({ baseUrl: api.url, retry: { limit: 0 } });
  expect(await problemOf(client.health())).toMatchObject({ code: "SOURCE_SHAPE" });
  expect(await problemOf(client.health())).toMatchObject({ code: "SOURCE_NOT_JSON", retryable: true });
});

test.each(["latest", "query", "../crew", "", "5eb87cd9ffd86e000604b32", "5eb87cd9ffd86e000604b32g"])(
  "%j is no id and not sent",
  async (id) => {
    await using api = await startApi((response) => sendJson(response, {}));
    const { launches } = createSpaceXClient({ baseUrl: api.url });
    expect(await problemOf(launches.get(id))).toMatchObject({ kind: "usage", code: "QUERY_INVALID" });
    expect(api.requests).toHaveLength(0);
  },
);

test("selected and populated records are checked by their own shape", async () => {
  const docs = [
    { id: "1", name: "A", rocket: { id: "r", name: "Falcon 9" }, cores: [{ core: null }] },
    { id: "2", name: "B", rocket: null, cores: [], fairings: null },
    { id: "3", name: "C", rocket: { id: "r", name: 9 }, cores: [] },
  ];
  let sent = 2;
  await using api = await startApi((response) =>
    sendJson(response, { docs: docs.slice(0, sent), totalDocs: sent }),
  );
  const query = createSpaceXClient({ baseUrl: api.url }).launches.query({
    select: ["name", "cores.core", "fairings.ships"],
    populate: { path: "rocket", select: ["name"] },
  });
  expect(await allOf(query)).toEqual(docs.slice(0, 2));
  expect(api.requests[0]?.body).toMatchObject({
    options: {
      select: "name cores.core fairings.ships rocket",
      populate: { path: "rocket", select: "name" },
    },
  });
  sent = 3;
  const problem = await problemOf(allOf(query));
  expect(problem).toMatchObject({ kind: "data", code: "RECORD_INVALID" });
  expect(problem.message).toMatch(/record 3.*rocket\.name/);
});

test("an abort between pages ends a query with its reason", async () => {
  const docs = Array.from({ length: 5 }, (_, index) => ({ id: `${index}` }));
  await using api = await startApi((response, { body }) => {
    const { page } = (body as { options: { page: number } }).options;
    sendJson(response, { docs: [docs[page - 1]], totalDocs: docs.length });
  });
  const { launches } = createSpaceXClient({ baseUrl: api.url });
  const controller = new AbortController();
  const query = launches.query({ select: ["id"], limit: 1 }, { signal: controller.signal });
  const seen: string[] = [];
  const run = async (): Promise<void> => {
    for await (const { id } of query) {
      seen.push(id);
      if (seen.length === 2) controller.abort(new Error("enough"));
    }
  };
  await expect(run()).rejects.toThrow("enough");
  expect(seen).toEqual(["0", "1"]);
  expect(api.requests).toHaveLength(2);
});

test("beyond the last page there is nothing", async () => {
  await using api = await startApi((response) => sendJson(response, { docs: [], totalDocs: 7 }));
  const { launches } = createSpaceXClient({ baseUrl: api.url });
  const pages = await allOf(launches.query({ page: 9, limit: 5 }).pages());
  expect(pages).toEqual([{ records: [], page: 9, totalPages: 2, totalRecords: 7 }]);
  expect(api.requests).toHaveLength(1);
});
