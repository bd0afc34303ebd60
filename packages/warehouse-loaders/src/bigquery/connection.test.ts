import { OAuth2Client } from "google-auth-library";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { connect } from "./connection.ts";
import type { BigQueryFailure } from "./failure.ts";
import { type BigQueryLoaderOptions, bigquerySettings } from "./options.ts";

const closing: (() => void)[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const close of closing.splice(0)) close();
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

async function server(
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<{ endpoint: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const listening = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks) });
      answer(seen.at(-1)!, response);
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return { endpoint: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, seen };
}

const sender = (options: Partial<BigQueryLoaderOptions>) =>
  connect(bigquerySettings({ project: "shop-project", dataset: "raw", ...options }));
const ok = (_: Seen, response: ServerResponse) => response.end('{"kind":"x"}');

test("over plain HTTP no credentials are looked for or sent", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nothing/here.json");
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
  const api = await server(ok);
  const send = sender({ endpoint: api.endpoint });
  expect(await send({ method: "GET", path: "p/datasets/raw", query: { a: "b c", none: undefined } })).toEqual(
    { kind: "x" },
  );
  expect(api.seen[0]).toMatchObject({ method: "GET", url: "/bigquery/v2/projects/p/datasets/raw?a=b+c" });
  expect(api.seen[0]?.headers).not.toHaveProperty("authorization");
  expect(api.seen[0]?.headers).not.toHaveProperty("x-goog-api-key");
});

test("a file goes along with the configuration", async () => {
  const api = await server(ok);
  const upload = Buffer.from("\r\n--PAR1\0");
  await sender({ endpoint: api.endpoint })({ method: "POST", path: "p/jobs", body: { a: 1 }, upload });
  const [request] = api.seen;
  expect(request?.url).toBe("/upload/bigquery/v2/projects/p/jobs?uploadType=multipart");
  const boundary = /boundary=(\S+)/.exec(request?.headers["content-type"] ?? "")?.[1];
  const parts = request!.body.toString("latin1").split(`--${boundary}`);
  expect(parts[1]).toContain('{"a":1}');
  expect(parts[2]).toContain(`\r\n\r\n${upload.toString("latin1")}\r\n`);
});

test("a client's credentials are exchanged for those of the account to act as", async () => {
  const api = await server(ok);
  const source = new OAuth2Client();
  source.setCredentials({ access_token: "own", expiry_date: Date.now() + 3_600_000 });
  // The library warns of configurations from files; none is used here.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const asked: string[] = [];
  vi.spyOn(source, "request").mockImplementation((async (options: { url: string }) => {
    asked.push(String(options.url));
    return { data: { accessToken: "theirs", expireTime: new Date(Date.now() + 3_600_000).toISOString() } };
  }) as unknown as typeof source.request);
  const client = {
    apiEndpoint: api.endpoint,
    authClient: {
      getClient: () => Promise.resolve(source),
      fromAPIKey: () => {
        throw new Error("no key");
      },
    },
  };
  const impersonate = "etl@shop-project.iam.gserviceaccount.com";
  await sender({ client, impersonate })({ method: "GET", path: "p/datasets/raw" });
  expect(api.seen[0]?.headers.authorization).toBe("Bearer theirs");
  expect(asked[0]).toContain(impersonate);
  await sender({ client })({ method: "GET", path: "p/datasets/raw" });
  expect(api.seen[1]?.headers.authorization).toBe("Bearer own");
});

const failing = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail("it worked"),
    (error: unknown) => error as BigQueryFailure,
  );

test("refusals, pages of proxies, silence and signals are told apart", async () => {
  const answers: ((seen: Seen, response: ServerResponse) => void)[] = [
    (_, response) =>
      response
        .writeHead(403)
        .end(
          JSON.stringify({ error: { message: "no", errors: [{ reason: "accessDenied", location: "x" }] } }),
        ),
    (_, response) => response.writeHead(502).end("<html>Bad gateway</html>"),
    (_, response) => response.end("<html>Log in</html>"),
    () => undefined,
    () => undefined,
  ];
  const api = await server((seen, response) => answers.shift()?.(seen, response));
  const send = sender({ endpoint: api.endpoint });
  const request = { method: "GET", path: "p/datasets/raw" } as const;
  expect((await failing(send(request))).facts).toMatchObject({
    step: "answer",
    status: 403,
    reason: "accessDenied",
  });
  expect((await failing(send(request))).facts).toMatchObject({ step: "answer", status: 502 });
  expect((await failing(send(request))).facts).toMatchObject({ step: "network", code: "ANSWER" });
  expect(await failing(send({ ...request, timeoutMs: 100 }))).toMatchObject({
    message: "no answer within 100 ms",
    facts: { step: "network" },
  });
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("stop")), 50);
  expect(await failing(send({ ...request, signal: stop.signal }))).toMatchObject({ message: "stop" });
});
