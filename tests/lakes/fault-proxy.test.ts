import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createServer, get, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultProxy, startFaultProxy } from "../harness/fault-proxy.ts";
import type { FaultRule, ProxyFault } from "../harness/proxy-faults.ts";
import { s3ClientOf, startVersitygw, type TestServer } from "../servers/index.ts";

const BODY = "0123456789".repeat(1_000);
const first = { nth: 1 } as const;

/** At how many places two texts of the same length differ. */
function differing(one: string, other: string): number {
  expect(one.length).toBe(other.length);
  return [...one].filter((character, index) => character !== other[index]).length;
}

describe("the proxy, before a server that counts", () => {
  const seen: { readonly path: string | undefined; readonly bytes: number; readonly whole: boolean }[] = [];
  const received: string[] = [];
  const server = createServer(async (incoming, response) => {
    let bytes = 0;
    let whole = true;
    try {
      for await (const chunk of incoming) {
        bytes += (chunk as Buffer).length;
        received.push((chunk as Buffer).toString("latin1"));
      }
    } catch {
      whole = false;
    }
    seen.push({ path: incoming.url, bytes, whole });
    response.setHeader("content-length", BODY.length).end(BODY);
  });
  let proxy: FaultProxy;

  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    proxy = await startFaultProxy({ service: "s3" });
    proxy.forwardTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  });

  interface Answer {
    readonly status: number | undefined;
    readonly body: string;
    readonly headers: IncomingMessage["headers"];
    /** Of the connection, if it ended too early. */
    readonly error: string | undefined;
  }

  function put(path: string, body: string): Promise<Answer> {
    return new Promise((resolve) => {
      const none = { status: undefined, body: "", headers: {}, error: undefined };
      const sending = request(`${proxy.endpoint}${path}`, { method: "PUT", agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        const end = (error?: NodeJS.ErrnoException): void =>
          resolve({ status: answer.statusCode, body: text, headers: answer.headers, error: error?.code });
        answer.once("end", () => end()).once("error", end);
      });
      sending.once("error", (error: NodeJS.ErrnoException) => resolve({ ...none, error: error.code }));
      sending.setHeader("content-length", Buffer.byteLength(body));
      sending.end(body);
    });
  }

  async function withFault(fault: ProxyFault, path = "/a?b=c"): Promise<Answer> {
    seen.length = 0;
    proxy.clear();
    proxy.setRules([{ fault, when: first }]);
    return put(path, BODY);
  }

  test("without a rule passes bytes, path and answer", async () => {
    proxy.setRules([]);
    expect(await put("/x%2Fy?list-type=2&prefix=%C3%A9", BODY)).toMatchObject({ status: 200, body: BODY });
    expect(seen.at(-1)).toEqual({
      path: "/x%2Fy?list-type=2&prefix=%C3%A9",
      bytes: BODY.length,
      whole: true,
    });
    expect(proxy.requests.at(-1)).toMatchObject({ method: "PUT", status: 200, fault: undefined });
  });

  test("resets before the server hears of it", async () => {
    expect(await withFault({ kind: "reset-before" })).toMatchObject({ error: "ECONNRESET" });
    expect(seen).toEqual([]);
  });

  test("resets after the server acted", async () => {
    expect(await withFault({ kind: "reset-after" })).toMatchObject({
      status: undefined,
      error: "ECONNRESET",
    });
    expect(seen).toEqual([{ path: "/a?b=c", bytes: BODY.length, whole: true }]);
    expect(proxy.requests).toMatchObject([{ status: 200, fault: "reset-after" }]);
  });

  test("cuts an upload in the middle", async () => {
    expect(await withFault({ kind: "cut-upload" })).toMatchObject({ error: "ECONNRESET" });
    await expect.poll(() => seen).toEqual([{ path: "/a?b=c", bytes: BODY.length / 2, whole: false }]);
  });

  test("changes a byte on the way there or back, and no length", async () => {
    received.length = 0;
    await withFault({ kind: "corrupt-upload" });
    expect(differing(received.join(""), BODY)).toBe(1);
    expect(seen).toEqual([{ path: "/a?b=c", bytes: BODY.length, whole: true }]);
    const { body } = await withFault({ kind: "corrupt-answer" });
    expect(differing(body, BODY)).toBe(1);
  });

  test("truncates under the right Content-Length", async () => {
    const answer = await withFault({ kind: "truncate" });
    expect(answer).toMatchObject({ status: 200, error: "ECONNRESET" });
    expect(answer.headers["content-length"]).toBe(String(BODY.length));
    expect(answer.body).toBe(BODY.slice(0, BODY.length / 2));
  });

  test("trickles, and the answer is whole", async () => {
    const answer = await withFault({ kind: "trickle", pieceBytes: 500, everyMs: 1 });
    expect(answer).toMatchObject({ status: 200, body: BODY, error: undefined });
  });

  test("says slow down in the words of the service", async () => {
    const answer = await withFault({ kind: "busy", status: 503, retryAfterSeconds: 7 });
    expect(answer).toMatchObject({ status: 503, body: expect.stringContaining("<Code>SlowDown</Code>") });
    expect(answer.headers["retry-after"]).toBe("7");
    expect(seen).toEqual([]);
  });

  test("stalls until the client gives up", async () => {
    proxy.setRules([{ fault: { kind: "stall" }, when: first }]);
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      const waiting = get(`${proxy.endpoint}/`, { agent: false, timeout: 200 });
      waiting.once("timeout", () => waiting.destroy(new Error("gave up")));
      waiting.once("error", resolve);
    });
    expect(error.message).toBe("gave up");
  });

  test("chooses by method, path and number, and by a seed that repeats", async () => {
    const reset: ProxyFault = { kind: "reset-before" };
    proxy.setRules([{ fault: reset, method: /^PUT$/, path: /^\/chosen/, when: { nth: 2, count: 2 } }]);
    const outcomes: (number | string | undefined)[] = [];
    for (const path of ["/chosen", "/other", "/chosen", "/chosen", "/chosen"]) {
      const { status, error } = await put(path, "x");
      outcomes.push(status ?? error);
    }
    expect(outcomes).toEqual([200, 200, "ECONNRESET", "ECONNRESET", 200]);

    const byChance = async (): Promise<string[]> => {
      const rule: FaultRule = { fault: reset, when: { probability: 0.5, limit: 5 } };
      proxy.setRules([rule], 42);
      proxy.clear();
      for (let n = 0; n < 20; n++) await put("/seeded", "x");
      return proxy.requests.map(({ fault }) => fault ?? "none");
    };
    const once = await byChance();
    expect(once.filter((fault) => fault === "reset-before")).toHaveLength(5);
    expect(await byChance()).toEqual(once);
  });
});

describe("the proxy before versitygw, which checks signatures", () => {
  let server: TestServer;
  let proxy: FaultProxy;
  let client: S3Client;

  beforeAll(async () => {
    server = await startVersitygw();
    await server.makeBucket("lake");
    proxy = await startFaultProxy({ service: "s3" });
    proxy.forwardTo(server.endpoint);
    client = s3ClientOf(proxy);
  });
  afterAll(async () => {
    client.destroy();
    await proxy.close();
    await server.close();
  });

  test("a signature over the proxy's host is good, odd keys and large bodies included", async () => {
    const Key = "odd/a b+c=d&é.json";
    for (const Body of ["text", "x".repeat(3_000_000)]) {
      await client.send(new PutObjectCommand({ Bucket: "lake", Key, Body }));
      const { Body: read } = await client.send(new GetObjectCommand({ Bucket: "lake", Key }));
      expect(await read?.transformToString()).toBe(Body);
    }
  });

  test("the SDK takes the answer for S3's own", async () => {
    proxy.setRules([{ fault: { kind: "busy", status: 503 }, when: { nth: 1, count: 9 } }]);
    const put = client.send(new PutObjectCommand({ Bucket: "lake", Key: "busy", Body: "x" }));
    await expect(put).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
  });
});
