import { expect, test } from "vitest";
import { sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { crewMembers } from "../../test/records.ts";
import { type CallOptions, createSpaceXClient } from "../index.ts";

const crew = crewMembers(2);
const unwaited = { sleep: async () => undefined };

test.each<[string, object, RegExp]>([
  ["a misspelt option", { timout: 5 }, /timout does not exist.*timeout/],
  ["an option that is nowhere near", { colour: 5 }, /colour does not exist.*signal, timeout/],
  ["an option of the client", { baseUrl: "https://x" }, /baseUrl does not exist/],
  ["a misspelt retry", { retry: { limits: 0 } }, /retry\.limits does not exist.*retry\.limit/],
  ["half a retry", { retry: { limit: 0.5 } }, /retry\.limit is 0\.5/],
  ["a retry that is a number", { retry: 3 }, /retry is no object/],
  ["a timeout of zero", { timeout: 0 }, /timeout is 0/],
  ["a timeout as text", { timeout: "5" }, /timeout is 5/],
  ["the controller instead of its signal", { signal: new AbortController() }, /signal is no AbortSignal/],
  ["a bad header", { headers: { "x-key": "secret\n1" } }, /headers has a name or value/],
  ["a header of the client's own", { headers: { "If-None-Match": '"x"' } }, /headers has if-none-match/],
  ["a cache", { cache: true }, /cache is true/],
  ["a callback that is none", { onRetry: 5 }, /onRetry is no function/],
  ["a list", [], /no object/],
])("%s is refused before anything is sent", async (_, call, message) => {
  await using api = await startApi((response) => sendJson(response, crew));
  const { crew: resource } = createSpaceXClient({ baseUrl: api.url });
  for (const run of [
    () => resource.list(call as CallOptions),
    () => resource.get("5ebf1a6e23a9a60006e03a7a", call as CallOptions),
    () => resource.count({}, call as CallOptions),
  ]) {
    const problem = await problemOf(run());
    expect(problem).toMatchObject({ kind: "usage", code: "CALL_OPTION", exitCode: 2 });
    expect(`${problem.message} ${problem.hint}`).toMatch(message);
    expect(`${problem.stack} ${problem.hint}`).not.toContain("secret");
  }
  expect(api.requests).toHaveLength(0);
});

test("the retries of one call are laid over the client's", async () => {
  await using api = await startApi((response) => sendText(response, 503, "down"));
  const delays: number[] = [];
  const client = createSpaceXClient({
    baseUrl: api.url,
    retry: {
      limit: 3,
      baseDelayMs: 100,
      random: () => 1,
      sleep: async (delayMs) => void delays.push(delayMs),
    },
  });
  expect(await problemOf(client.crew.list({ retry: { limit: 0 } }))).toMatchObject({ attempts: 1 });
  expect(delays).toEqual([]);
  expect(await problemOf(client.crew.list({ retry: { limit: 1 } }))).toMatchObject({ attempts: 2 });
  expect(delays).toEqual([100]);
  expect(await problemOf(client.crew.list())).toMatchObject({ attempts: 4 });
  expect(delays).toEqual([100, 100, 200, 400]);
});

test.each([
  ["a 400 on a GET", 400, "connect ECONNREFUSED"],
  ["a 500", 500, "oops"],
  ["a 429", 429, "slow down"],
])("%s is tried again as often as the call says", async (_, status, text) => {
  await using api = await startApi((response) => sendText(response, status, text));
  const client = createSpaceXClient({ baseUrl: api.url, retry: { ...unwaited, limit: 0 } });
  expect(await problemOf(client.crew.list())).toMatchObject({ attempts: 1, status });
  expect(await problemOf(client.crew.list({ retry: { limit: 2 } }))).toMatchObject({ attempts: 3, status });
  expect(api.requests).toHaveLength(4);
});

test("a call may wait longer for a Retry-After than the client, or not at all", async () => {
  await using api = await startApi((response, _, nth) =>
    nth % 2 === 1 ? sendText(response, 429, "no", { "retry-after": "90" }) : sendJson(response, crew),
  );
  const waits: number[] = [];
  const sleep = async (delayMs: number): Promise<void> => void waits.push(delayMs);
  const client = createSpaceXClient({ baseUrl: api.url, retry: { sleep } });
  expect(await client.crew.list({ retry: { maxRetryAfterMs: 100_000 } })).toHaveLength(2);
  expect(waits).toEqual([90_000]);
  const problem = await problemOf(client.crew.list({ retry: { maxRetryAfterMs: 0 } }));
  expect(problem).toMatchObject({ kind: "busy", retryAfterMs: 90_000, attempts: 1, status: 429 });
});

test("the timeout of one call replaces the client's, each attempt anew", async () => {
  await using api = await startApi(() => undefined);
  const client = createSpaceXClient({ baseUrl: api.url, timeout: 20_000, retry: { ...unwaited, limit: 1 } });
  const problem = await problemOf(client.crew.list({ timeout: 40 }));
  expect(problem).toMatchObject({ code: "SOURCE_TIMEOUT", attempts: 2 });
  expect(problem.message).toContain("within 40 ms");
});

test("headers of one call are laid over the client's", async () => {
  await using api = await startApi((response) => sendJson(response, crew));
  const client = createSpaceXClient({ baseUrl: api.url, headers: { "x-a": "1", "x-b": "1" } });
  await client.crew.list({ headers: { "X-B": "2", "x-c": "2" } });
  await client.crew.list();
  expect(api.requests[0]!.headers).toMatchObject({ "x-a": "1", "x-b": "2", "x-c": "2" });
  expect(api.requests[1]!.headers).toMatchObject({ "x-a": "1", "x-b": "1" });
  expect(api.requests[1]!.headers["x-c"]).toBeUndefined();
});

test("a callback of the caller that throws ends the call with its error", async () => {
  await using api = await startApi((response) => sendText(response, 503, "down"));
  const enough = new Error("enough");
  const reading = createSpaceXClient({ baseUrl: api.url, retry: unwaited }).crew.list({
    onRetry: () => {
      throw enough;
    },
  });
  await expect(reading).rejects.toBe(enough);
  expect(api.requests).toHaveLength(1);
});
