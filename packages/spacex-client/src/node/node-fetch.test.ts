import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureOf, servePlain } from "../../test/plain-server.ts";
import { nodeFetch } from "./index.ts";

const fetch = nodeFetch();

test("a POST sends its body and length", async () => {
  await using server = await servePlain(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    response.end(
      JSON.stringify([
        request.method,
        request.headers["content-type"],
        request.headers["content-length"],
        body,
      ]),
    );
  });
  const headers = { "content-type": "application/json" };
  const response = await fetch(server.url, { method: "POST", headers, body: '{"a":"ü"}' });
  expect(await response.json()).toEqual(["POST", "application/json", "10", '{"a":"ü"}']);
});

test("redirects are followed; credentials stay with their origin", async () => {
  const seen: unknown[] = [];
  await using other = await servePlain((request, response) => {
    seen.push([request.method, request.headers.authorization, request.headers["x-a"]]);
    response.end("there");
  });
  await using server = await servePlain((request, response) => {
    seen.push([request.method, request.headers.authorization, request.headers["x-a"]]);
    response
      .writeHead(request.url === "/" ? 307 : 302, { location: request.url === "/" ? "/next" : other.url })
      .end();
  });
  const headers = { authorization: "Bearer x", "x-a": "1" };
  const response = await fetch(server.url, { method: "POST", body: "x", headers });
  expect([await response.text(), response.redirected, response.url]).toEqual([
    "there",
    true,
    `${other.url}/`,
  ]);
  expect(seen).toEqual([
    ["POST", "Bearer x", "1"],
    ["POST", "Bearer x", "1"],
    ["GET", undefined, "1"],
  ]);
});

test.each<[string, string, RequestInit, RegExp]>([
  ["in a circle", "/", {}, /more than 20 redirects/],
  ["to a file", "file:///etc/passwd", {}, /no http\(s\) address/],
  ["that are unwanted", "/x", { redirect: "error" }, /unwanted redirect/],
])("redirects %s fail", async (_, location, init, message) => {
  await using server = await servePlain((__, response) => response.writeHead(302, { location }).end());
  const error = await failureOf(fetch(server.url, init));
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error.cause)).toMatch(message);
});

test("connections are used again, and one that died meanwhile is replaced", async () => {
  const sockets = new Set<Socket>();
  const counting = createServer((_, response) => response.end("x"));
  counting.on("connection", (socket) => sockets.add(socket));
  await using server = await servePlain(() => undefined, counting);
  for (let count = 0; count < 3; count++) await (await fetch(server.url)).text();
  expect(sockets.size).toBe(1);
  for (const socket of sockets) socket.resetAndDestroy();
  expect(await (await fetch(server.url)).text()).toBe("x");
  expect(sockets.size).toBe(2);
});

test("an abort ends a request and a body with its own reason", async () => {
  const reason = new Error("stop now");
  await expect(fetch("http://127.0.0.1:1", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const silent = new AbortController();
  await using never = await servePlain(() => silent.abort(reason));
  await expect(fetch(never.url, { signal: silent.signal })).rejects.toBe(reason);
  const late = new AbortController();
  let closed: Promise<unknown> | undefined;
  await using slow = await servePlain((_, response) => {
    closed = once(response, "close");
    response.write("[");
  });
  const response = await fetch(slow.url, { signal: late.signal });
  const reading = response.text();
  late.abort(reason);
  await expect(reading).rejects.toBe(reason);
  await closed;
});

test("a refused connection and one without TLS are errors with a cause", async () => {
  const refused = await failureOf(fetch("http://127.0.0.1:1"));
  expect(refused).toBeInstanceOf(TypeError);
  expect(String(refused.cause)).toContain("ECONNREFUSED");
  await using server = await servePlain((_, response) => response.end("x"));
  expect(await failureOf(fetch(server.url.replace("http:", "https:")))).toBeInstanceOf(TypeError);
});

test("a process that has read everything ends by itself", () => {
  const script = `
    import { createServer } from "node:http";
    import { nodeFetch } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const server = createServer((_, response) => response.end("[1]")).listen(0, "127.0.0.1", async () => {
      const response = await nodeFetch()(\`http://127.0.0.1:\${server.address().port}\`);
      console.log(await response.text());
      server.unref();
    });
    server.on("connection", (socket) => socket.unref());`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=@spacex-etl/source", "--input-type=module", "-e", script],
    { encoding: "utf8", timeout: 20_000 },
  );
  expect(output).toBe("[1]\n");
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("No openssl: the test of TLS certificates does not run.\n");
    return false;
  }
}

test.runIf(hasOpenssl())("a certificate is checked, and may come from an agent of one's own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "spacex-etl-tls-"));
  try {
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost " +
        "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
      ).split(" "),
      { cwd: folder, stdio: "ignore" },
    );
    const cert = readFileSync(certFile);
    const safe = createTlsServer({ key: readFileSync(keyFile), cert }, (_, response) => response.end("safe"));
    await using server = await servePlain(() => undefined, safe, "https");
    const error = await failureOf(fetch(server.url));
    expect(String(error.cause)).toContain("self-signed certificate");
    const agent = new Agent({ ca: cert, keepAlive: true });
    expect(await (await nodeFetch({ agent: () => agent })(server.url)).text()).toBe("safe");
    agent.destroy();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
