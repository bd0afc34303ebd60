import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { type Handler, sendHtml, sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { crewMembers } from "../../test/records.ts";
import { createSpaceXClient, type CallOptions, type RetryOptions } from "../index.ts";

interface Observed {
  readonly delays: number[];
  readonly reasons: string[];
  requests: number;
}

function observer(): { observed: Observed; retry: RetryOptions; options: CallOptions } {
  const observed: Observed = { delays: [], reasons: [], requests: 0 };
  return {
    observed,
    retry: {
      random: () => 0.5,
      sleep: async (delayMs) => {
        observed.delays.push(delayMs);
      },
    },
    options: {
      onRequest: () => observed.requests++,
      onRetry: ({ attempt, delayMs, reason }) =>
        observed.reasons.push(`${attempt}: ${reason} (${delayMs} ms)`),
    },
  };
}

const crew = crewMembers(3);

function failing(times: number, fail: Handler): Handler {
  return (response, request, nth) => (nth <= times ? fail(response, request, nth) : sendJson(response, crew));
}

test("a 429 is tried again after the seconds of its Retry-After", async () => {
  const { observed, retry, options } = observer();
  await using api = await startApi(
    failing(2, (response, _, nth) =>
      sendText(response, 429, "slow down", { "retry-after": String(nth * 3) }),
    ),
  );
  const client = createSpaceXClient({ baseUrl: api.url, retry });
  expect(await client.crew.list(options)).toEqual(crew);
  expect(observed.delays).toEqual([3000, 6000]);
  expect(observed.reasons).toEqual(["1: HTTP 429 (3000 ms)", "2: HTTP 429 (6000 ms)"]);
  expect(observed.requests).toBe(3);
});

test("a Retry-After may be a date, and is measured by the clock of the answer", async () => {
  const { observed, retry, options } = observer();
  await using api = await startApi(
    failing(1, (response) =>
      sendText(response, 503, "maintenance", {
        date: "Sat, 22 Nov 2025 04:00:00 GMT",
        "retry-after": "Sat, 22 Nov 2025 04:00:07 GMT",
      }),
    ),
  );
  await createSpaceXClient({ baseUrl: api.url, retry }).crew.list(options);
  expect(observed.delays).toEqual([7000]);
});

test("a Retry-After beyond the cap fails at once as busy", async () => {
  const { observed, retry, options } = observer();
  await using api = await startApi((response) => sendText(response, 429, "no", { "retry-after": "3600" }));
  const client = createSpaceXClient({ baseUrl: api.url, retry: { ...retry, maxRetryAfterMs: 5000 } });
  const problem = await problemOf(client.crew.list(options));
  expect(problem).toMatchObject({ kind: "busy", exitCode: 5, retryable: true, code: "SOURCE_BUSY" });
  expect(problem.message).toContain("3600 s");
  expect(observed).toMatchObject({ requests: 1, delays: [] });
});

test("a 429 to the end is busy; waits grow up to the greatest and are random below it", async () => {
  const { observed, retry, options } = observer();
  await using api = await startApi((response) => sendText(response, 429, "slow down"));
  const client = createSpaceXClient({ baseUrl: api.url, retry: { ...retry, limit: 5, maxDelayMs: 3000 } });
  const problem = await problemOf(client.crew.list(options));
  expect(problem).toMatchObject({ kind: "busy", details: { status: 429, attempts: 6, body: "slow down" } });
  expect(observed.delays).toEqual([250, 500, 1000, 1500, 1500]);
  expect(observed.requests).toBe(6);
});

test("a 400 on a GET is an outage and tried again", async () => {
  const { observed, retry, options } = observer();
  await using api = await startApi(
    failing(1, (response) => sendText(response, 400, "getaddrinfo ENOTFOUND mongo")),
  );
  expect(await createSpaceXClient({ baseUrl: api.url, retry }).crew.list(options)).toHaveLength(3);
  expect(observed.requests).toBe(2);
});

test("a 400 on a query is tried again only where its text speaks of an outage", async () => {
  const { observed, retry, options } = observer();
  await using api = await startApi((response, _, nth) => {
    if (nth === 1) sendText(response, 400, "Operation `crews.find()` buffering timed out after 10000ms");
    else sendText(response, 400, 'Cast to ObjectId failed for value "abc"');
  });
  const problem = await problemOf(createSpaceXClient({ baseUrl: api.url, retry }).crew.count({}, options));
  expect(problem).toMatchObject({ kind: "usage", exitCode: 2, code: "QUERY_REFUSED", retryable: false });
  expect(problem.message).toContain("Cast to ObjectId failed");
  expect(observed.requests).toBe(2);
});

test.each([
  [404, "NOT_FOUND", "source"],
  [401, "SOURCE_REFUSED", "auth"],
  [403, "SOURCE_REFUSED", "auth"],
  [413, "QUERY_TOO_LARGE", "usage"],
  [418, "SOURCE_UNEXPECTED_STATUS", "source"],
])("a %i is not tried again", async (status, code, kind) => {
  await using api = await startApi((response) => sendText(response, status, "no"));
  const problem = await problemOf(
    createSpaceXClient({ baseUrl: api.url, retry: observer().retry }).crew.list(),
  );
  expect(problem).toMatchObject({ code, kind, retryable: false, details: { status, body: "no" } });
  expect(api.requests).toHaveLength(1);
});

test.each([502, 200])(
  "a page of HTML with status %i is the edge's: tried again, named, not shown",
  async (status) => {
    const { observed, retry, options } = observer();
    await using api = await startApi((response) => sendHtml(response, status));
    const client = createSpaceXClient({ baseUrl: api.url, retry: { ...retry, limit: 1 } });
    const problem = await problemOf(client.crew.list(options));
    expect(problem).toMatchObject({ kind: "source", retryable: true });
    expect(problem.message).toContain("in front of the API");
    expect(JSON.stringify(problem.details) + problem.message).not.toContain("edge page");
    expect(observed.requests).toBe(2);
  },
);

test("a challenge page with 403 is refused as a matter of permission", async () => {
  await using api = await startApi((response) => sendHtml(response, 403));
  const problem = await problemOf(createSpaceXClient({ baseUrl: api.url }).crew.list());
  expect(problem).toMatchObject({ kind: "auth", retryable: false });
  expect(problem.hint).toContain("firewall");
});

test("an endless error text is read up to a bound only", async () => {
  await using api = await startApi((response) => {
    response.writeHead(404, { "content-type": "text/plain" });
    const fill = (): void => {
      while (!response.destroyed && response.write("x".repeat(10_000)));
      if (!response.destroyed) response.once("drain", fill);
    };
    fill();
  });
  const problem = await problemOf(createSpaceXClient({ baseUrl: api.url }).crew.list());
  expect(problem.details).toMatchObject({ body: "x".repeat(1000) });
  expect(problem.message.length).toBeLessThan(400);
});

test("a reset, a cut-off body and a stall inside of a typed answer are tried again", async () => {
  const { observed, retry, options } = observer();
  const text = JSON.stringify(crew);
  await using api = await startApi((response, _, nth) => {
    if (nth === 4) {
      sendJson(response, crew);
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.write(text.slice(0, 40));
    if (nth === 1) setTimeout(() => response.destroy(), 5);
    if (nth === 2) response.end();
  });
  const client = createSpaceXClient({ baseUrl: api.url, retry, timeout: 300 });
  expect(await client.crew.list(options)).toEqual(crew);
  expect(observed.requests).toBe(4);
  expect(observed.reasons.map((line) => line.split(" (")[0])).toEqual([
    expect.stringMatching(/^1: (terminated|other side closed|aborted|read ECONNRESET)/),
    "2: not JSON",
    "3: stalled",
  ]);
});

test("a server that never answers is a timeout", async () => {
  await using api = await startApi(() => undefined);
  const client = createSpaceXClient({
    baseUrl: api.url,
    retry: { ...observer().retry, limit: 1 },
    timeout: 50,
  });
  const problem = await problemOf(client.crew.list());
  expect(problem).toMatchObject({ kind: "source", code: "SOURCE_TIMEOUT", details: { attempts: 2 } });
  expect(api.requests).toHaveLength(2);
});

test("a closed port is named with its cause", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const { observed, retry, options } = observer();
  const client = createSpaceXClient({ baseUrl: `http://127.0.0.1:${port}`, retry });
  const problem = await problemOf(client.crew.list(options));
  expect(problem).toMatchObject({ kind: "source", code: "SOURCE_UNREACHABLE", retryable: true });
  expect(problem.message).toContain("ECONNREFUSED");
  expect(observed.requests).toBe(5);
});

test("an abort ends a wait, a request and a body with its own reason", async () => {
  const reason = new Error("stop now");
  const controller = new AbortController();
  await using busy = await startApi((response) => sendText(response, 429, "", { "retry-after": "50" }));
  const waiting = createSpaceXClient({ baseUrl: busy.url }).crew.list({
    signal: controller.signal,
    onRetry: () => controller.abort(reason),
  });
  await expect(waiting).rejects.toBe(reason);

  const silent = new AbortController();
  await using never = await startApi(() => silent.abort(reason));
  const asking = createSpaceXClient({ baseUrl: never.url }).crew.list({ signal: silent.signal });
  await expect(asking).rejects.toBe(reason);
  expect(never.requests).toHaveLength(1);

  const late = new AbortController();
  await using slow = await startApi((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("[");
    setTimeout(() => late.abort(reason), 5);
  });
  const reading = createSpaceXClient({ baseUrl: slow.url }).crew.list({ signal: late.signal });
  await expect(reading).rejects.toBe(reason);

  await expect(createSpaceXClient({ baseUrl: slow.url }).crew.list({ signal: late.signal })).rejects.toBe(
    reason,
  );
  expect(slow.requests).toHaveLength(1);
});
