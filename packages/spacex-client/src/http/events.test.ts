import { expect, expectTypeOf, test } from "vitest";
import { sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { crewMembers } from "../../test/records.ts";
import { type ClientEvent, createSpaceXClient, type SpaceXRequestError } from "../index.ts";

const retry = { random: () => 1, sleep: async () => undefined };

/** Events without what differs from run to run. */
function recorded(): { events: unknown[]; onEvent: (event: ClientEvent) => void } {
  const events: unknown[] = [];
  return {
    events,
    onEvent: (event) => {
      const { method, url, ...rest } = event;
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v4\/crew/);
      if (rest.type === "response") {
        const { durationMs, ...without } = rest;
        expect(durationMs).toBeGreaterThanOrEqual(0);
        events.push({ method, ...without });
      } else events.push({ method, ...rest });
    },
  };
}

test("every request, answer and retry is told", async () => {
  await using api = await startApi((response, _, nth) =>
    nth === 1 ? sendText(response, 503, "down") : sendJson(response, crewMembers(1)),
  );
  const { events, onEvent } = recorded();
  await createSpaceXClient({ baseUrl: api.url, retry, onEvent }).crew.list();
  const method = "GET";
  expect(events).toEqual([
    { type: "request", method, attempt: 1 },
    { type: "response", method, status: 503, fromCache: false },
    { type: "retry", method, attempt: 1, delayMs: 500, reason: "HTTP 503" },
    { type: "request", method, attempt: 2 },
    { type: "response", method, status: 200, fromCache: false },
  ]);
});

test("the end of a call that fails is told with its error, once", async () => {
  await using api = await startApi((response) => sendText(response, 400, "Cast to Number failed"));
  const { events, onEvent } = recorded();
  const problem = await problemOf(createSpaceXClient({ baseUrl: api.url, onEvent }).crew.count());
  expect(events).toEqual([
    { type: "request", method: "POST", attempt: 1 },
    { type: "response", method: "POST", status: 400, fromCache: false },
    { type: "failure", method: "POST", error: problem },
  ]);
  expectTypeOf<Extract<ClientEvent, { type: "failure" }>["error"]>().toEqualTypeOf<SpaceXRequestError>();
});

test("a body that breaks off while it is read as bytes is told too", async () => {
  await using api = await startApi((response, _, nth) => {
    if (nth === 1) {
      sendText(response, 503, "down");
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.write("[{", () => setTimeout(() => response.destroy(), 5));
  });
  const { events, onEvent } = recorded();
  const opened = await createSpaceXClient({ baseUrl: api.url, retry, onEvent }).recordSource("crew").open({});
  if (opened.status !== "ok") throw new Error("not modified");
  const { batches } = opened;
  const problem = await problemOf(
    (async () => {
      for await (const batch of batches) expect(batch.offsets.length).toBeGreaterThan(0);
    })(),
  );
  expect(problem).toMatchObject({ code: "SOURCE_INTERRUPTED", name: "SpaceXRequestError", attempts: 2 });
  expect(events.at(-1)).toEqual({ type: "failure", method: "GET", error: problem });
});

test("an abort by the caller is no failure", async () => {
  const controller = new AbortController();
  await using api = await startApi(() => controller.abort(new Error("stop")));
  const { events, onEvent } = recorded();
  const client = createSpaceXClient({ baseUrl: api.url, onEvent });
  await expect(client.crew.list({ signal: controller.signal })).rejects.toThrow("stop");
  expect(events).toEqual([{ type: "request", method: "GET", attempt: 1 }]);
});

test("a hook that throws or rejects breaks nothing", async () => {
  await using api = await startApi((response, _, nth) =>
    nth % 2 === 1 ? sendText(response, 503, "down") : sendJson(response, crewMembers(1)),
  );
  let calls = 0;
  const throwing = (): never => {
    calls++;
    throw new Error("logger down");
  };
  const rejecting = async (): Promise<void> => throwing();
  for (const onEvent of [throwing, rejecting])
    expect(await createSpaceXClient({ baseUrl: api.url, retry, onEvent }).crew.list()).toHaveLength(1);
  expect(calls).toBe(10);
});

test("no header and no query reaches an event", async () => {
  await using api = await startApi((response) => sendText(response, 500, "down"));
  const events: ClientEvent[] = [];
  const client = createSpaceXClient({
    baseUrl: api.url,
    retry,
    headers: { authorization: "Bearer s3cret-key" },
    onEvent: (event) => events.push(event),
  });
  await problemOf(client.crew.count({ name: "s3cret-name" }));
  expect(events.length).toBeGreaterThan(4);
  const text = events
    .map((event) => JSON.stringify(event) + (event.type === "failure" ? event.error.stack : ""))
    .join();
  expect(text).not.toContain("s3cret");
});
