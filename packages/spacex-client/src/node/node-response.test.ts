import { once } from "node:events";
import type { RequestListener } from "node:http";
import { pipeline, Readable } from "node:stream";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { failureOf, servePlain } from "../../test/plain-server.ts";
import { nodeFetch } from "./index.ts";

const fetch = nodeFetch();
const text = JSON.stringify(
  Array.from({ length: 20_000 }, (_, index) => ({ id: index, name: `ünïcode ${index}` })),
);

function brotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
}

test.each([
  ["identity", (bytes: Buffer) => bytes],
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotli],
  ["gzip, br", (bytes: Buffer) => brotli(gzipSync(bytes))],
])("a body in %s arrives as it was", async (coding, encode) => {
  let asked: string | undefined;
  await using server = await servePlain((request, response) => {
    asked = String(request.headers["accept-encoding"]);
    response.writeHead(200, { "content-encoding": coding, "x-a": "1", "set-cookie": ["a=1", "b=2"] });
    response.end(encode(Buffer.from(text)));
  });
  const response = await fetch(`${server.url}/v4/crew#part`);
  expect(response).toBeInstanceOf(Response);
  expect(response).toMatchObject({ status: 200, ok: true, url: `${server.url}/v4/crew`, redirected: false });
  expect(response.headers.get("x-a")).toBe("1");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect((await response.text()) === text).toBe(true);
  expect(asked).toBe("gzip");
});

test("a coding that nobody asked for is an error and not garbage", async () => {
  await using server = await servePlain((_, response) => {
    response.writeHead(200, { "content-encoding": "rot13" });
    response.end("x");
  });
  const error = await failureOf(fetch(server.url));
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error.cause)).toContain("rot13");
});

test.each<[string, RequestListener]>([
  [
    "a compressed body that ends too early",
    (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(text).subarray(0, -40));
    },
  ],
  [
    "bytes that are no gzip",
    (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end("plain");
    },
  ],
  [
    "a body shorter than its length",
    (_, response) => {
      response.writeHead(200, { "content-length": String(text.length) });
      response.write("[", () => setTimeout(() => response.destroy(), 10));
    },
  ],
  [
    "a compressed body that is cut off by a reset",
    (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.write(gzipSync(text).subarray(0, 1000), () =>
        setTimeout(() => response.socket?.resetAndDestroy(), 10),
      );
    },
  ],
])("%s fails", async (_, listener) => {
  await using server = await servePlain(listener);
  const response = await fetch(server.url);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow(/./);
});

test("a body that broke off before anybody read it still fails", async () => {
  await using server = await servePlain((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("x", () => response.destroy());
  });
  const response = await fetch(server.url);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await expect(response.text()).rejects.toThrow(/./);
});

test.each([204, 304])("a %i has no body", async (status) => {
  await using server = await servePlain((_, response) => response.writeHead(status, { etag: '"x"' }).end());
  const response = await fetch(server.url);
  expect([response.status, response.body, response.headers.get("etag")]).toEqual([status, null, '"x"']);
});

test("a cancelled body closes its connection", async () => {
  let closed: Promise<unknown> | undefined;
  await using server = await servePlain((_, response) => {
    closed = once(response, "close");
    response.write("[");
  });
  const response = await fetch(server.url);
  await response.body?.cancel();
  await closed;
});

test("who does not read makes the server wait", async () => {
  const piece = Buffer.alloc(256 * 1024);
  let sent = 0;
  await using server = await servePlain((_, response) => {
    const pieces = function* (): Generator<Buffer> {
      for (let count = 0; count < 400; count++) {
        sent += piece.length;
        yield piece;
      }
    };
    pipeline(Readable.from(pieces()), response, () => undefined);
  });
  const response = await fetch(server.url);
  const reader = response.body!.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 300));
  // 100 MB would have come; kernel buffers on both sides hold some MB.
  expect(sent).toBeLessThan(40_000_000);
  await reader.cancel();
});
