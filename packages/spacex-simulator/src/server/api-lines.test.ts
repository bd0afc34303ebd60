import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "./index.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const ask = (method: string, path: string, init: RequestInit = {}) =>
  fetch(simulator.url + path, { method, ...init });

const post = (path: string, body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) =>
  ask("POST", path, { body, headers: { "content-type": "application/json", ...headers } });

/** Routes of reference §2 that are answered by the same few lines of the API, in every spelling. */
describe("routes", () => {
  const RESOURCES = [
    "capsules",
    "cores",
    "crew",
    "dragons",
    "history",
    "landpads",
    "launchpads",
    "payloads",
    "rockets",
    "ships",
    "starlink",
  ];

  test.each(RESOURCES)("%s: list, one, query under v4 and latest; nothing under v5", async (name) => {
    const list = (await (await ask("GET", `/v4/${name}`)).json()) as { id: string }[];
    const id = list[0]?.id ?? "";
    for (const version of ["v4", "latest", "V4"]) {
      expect((await ask("GET", `/${version}/${name}/${id}/`)).status).toBe(200);
      expect(await (await post(`/${version}/${name}/query`, '{"options":{"limit":0}}')).json()).toMatchObject(
        {
          totalDocs: list.length,
        },
      );
    }
    for (const [method, path] of [
      ["GET", ""],
      ["GET", `/${id}`],
      ["POST", "/query"],
    ] as const)
      expect((await ask(method, `/v5/${name}${path}`)).status).toBe(404);
  });

  test.each([
    ["GET", "/v4/users"],
    ["GET", "/v4/users/5eb87cd9ffd86e000604b32a"],
    ["HEAD", "/latest/users"],
    ["POST", "/v4/users"],
    ["POST", "/v4/users/query"],
    ["PATCH", "/v4/users/x"],
    ["DELETE", "/v4/users/x"],
    ["DELETE", "/latest/admin/cache"],
    ["PATCH", "/v4/company/x"],
    ["PATCH", "/latest/roadster/x"],
    ["POST", "/v4/starlink"],
    ["PATCH", "/v4/starlink/44713"],
    ["DELETE", "/v5/launches/x"],
    ["PATCH", "/v4/launches/query"],
  ])("%s %s needs a key", async (method, path) => {
    const response = await ask(method, path);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      401,
      "text/plain; charset=utf-8",
    ]);
    expect(response.headers.get("cache-control")).toBeNull();
    if (method !== "HEAD") expect(await response.text()).toBe("https://youtu.be/RfiQYRn7fBg");
    expect((await ask(method, path, { headers: { "spacex-key": "wrong" } })).status).toBe(401);
  });

  test.each([
    ["PUT", "/v4/users"],
    ["POST", "/v4/users/x"],
    ["DELETE", "/v4/users"],
    ["DELETE", "/admin/cache"],
    ["GET", "/v4/admin/cache"],
    ["POST", "/v4/admin/health"],
    ["POST", "/v4/company"],
    ["DELETE", "/v4/roadster/x"],
    ["POST", "/v4/rockets/x"],
    ["PATCH", "/v4/rockets"],
    ["OPTIONS", "/v4/rockets"],
    ["GET", "/v5/company"],
    ["GET", "/v4/launches/past/x"],
  ])("%s %s is not there: 404, never 405", async (method, path) => {
    const response = await ask(method, path);
    expect([response.status, await response.text()]).toEqual([404, "Not Found"]);
    expect(response.headers.get("allow")).toBeNull();
  });

  test("latest has the health check too, and HEAD answers without a body", async () => {
    expect(await (await ask("GET", "/latest/admin/health")).text()).toBe("OK");
    const head = await ask("HEAD", "/v4/admin/health/");
    expect([head.status, await head.text(), head.headers.get("cache-control")]).toEqual([200, "", null]);
  });

  test("latest and next of an empty collection: 400 in version 4, 204 in version 5", async () => {
    await using own = await startSimulator();
    own.replace("launches", []);
    for (const which of ["latest", "next"]) {
      const v4 = await fetch(`${own.url}/v4/launches/${which}`);
      expect([v4.status, await v4.text()]).toEqual([
        400,
        "Cannot read properties of null (reading 'toObject')",
      ]);
      const v5 = await fetch(`${own.url}/v5/launches/${which}`);
      expect([v5.status, v5.headers.get("content-type"), v5.headers.get("etag")]).toEqual([204, null, null]);
    }
  });
});

describe("headers", () => {
  test("what an exception skips is missing: cache and time; the rest is there, the cache time too", async () => {
    for (const [response, status] of [
      [await post("/v4/launches/query", '{"query":{"rocket":"x"}}'), 400],
      [await ask("GET", "/v4/rockets/abc"), 404],
    ] as const) {
      const { headers } = response;
      expect([response.status, headers.get("access-control-allow-origin")]).toEqual([status, "*"]);
      expect(headers.get("cache-control")).toMatch(/^max-age=\d+$/);
      for (const name of ["etag", "spacex-api-cache", "spacex-api-response-time"])
        expect([name, headers.get(name)]).toEqual([name, null]);
    }
  });

  test("a body that cannot be read is refused before the origin is looked at", async () => {
    const response = await post("/v4/nowhere", "{", { origin: "http://example.com" });
    expect(response.status).toBe(400);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("the cache: keyed by method, address and body, by GET and POST only, and filled by a 304 too", async () => {
    await using own = await startSimulator();
    const cache = async (method: string, path: string, init: RequestInit = {}) =>
      (await fetch(own.url + path, { method, ...init })).headers.get("spacex-api-cache");
    const json = (body: string) => ({ body, headers: { "content-type": "application/json" } });
    expect(await cache("HEAD", "/v4/crew")).toBeNull();
    expect(await cache("GET", "/v4/crew")).toBe("MISS");
    expect(await cache("GET", "/v4/crew")).toBe("HIT");
    for (const path of ["/v4/crew/", "/V4/crew", "/v4/crew?x=1"])
      expect(await cache("GET", path)).toBe("MISS");
    expect(await cache("POST", "/v4/crew/query", json("{}"))).toBe("MISS");
    expect(await cache("POST", "/v4/crew/query", json('{"options":{}}'))).toBe("MISS");
    expect(await cache("POST", "/v4/crew/query", json("{ }"))).toBe("HIT");
    const bad = json('{"query":{"_id":"x"}}');
    expect([await cache("POST", "/v4/crew/query", bad), await cache("POST", "/v4/crew/query", bad)]).toEqual([
      null,
      null,
    ]);
    const etag = (await fetch(`${own.url}/v4/ships`, { method: "HEAD" })).headers.get("etag") ?? "";
    const conditional = { headers: { "if-none-match": etag, "cache-control": "max-age=0" } };
    expect(await cache("GET", "/v4/ships", conditional)).toBe("MISS");
    expect(await cache("GET", "/v4/ships")).toBe("HIT");
  });

  test("If-Modified-Since beside If-None-Match gets everything, for there is no Last-Modified", async () => {
    const etag = (await ask("HEAD", "/v4/crew")).headers.get("etag") ?? "";
    const headers = { "if-none-match": etag, "cache-control": "max-age=0" };
    expect((await ask("GET", "/v4/crew", { headers })).status).toBe(304);
    expect((await ask("HEAD", "/v4/crew", { headers })).status).toBe(304);
    const since = { ...headers, "if-modified-since": new Date().toUTCString() };
    expect((await ask("GET", "/v4/crew", { headers: since })).status).toBe(200);
    expect(
      (await ask("GET", "/v4/crew", { headers: { ...headers, "if-none-match": `*, "x"` } })).status,
    ).toBe(200);
  });

  test("a preflight says what is allowed and nothing of what is exposed", async () => {
    const headers = { origin: "http://example.com", "access-control-request-method": "POST" };
    const response = await ask("OPTIONS", "/v9/anything", { headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toBe("GET,POST,PATCH,DELETE");
    expect(response.headers.get("access-control-expose-headers")).toBeNull();
  });

  test("both versions of launches, their parts and a large query have the ETag of their own bytes", async () => {
    const { etagOf } = await import("./answer.ts");
    const responses = [
      await ask("GET", "/v4/launches"),
      await ask("GET", "/v4/launches/upcoming"),
      await ask("GET", "/v5/launches/past"),
      await post("/v4/starlink/query", '{"options":{"pagination":false}}'),
    ];
    for (const response of responses) {
      const { headers } = response;
      expect(headers.get("etag")).toBe(etagOf(Buffer.from(await response.arrayBuffer())));
    }
  });
});

describe("bodies of requests", () => {
  const LAUNCHES = "/v5/launches/query";

  test.each([
    ["{", "Unexpected end of JSON input"],
    ['{"query":', "Unexpected end of JSON input"],
    ['{"query":"x', "Unexpected end of JSON input"],
    ["{query:1}", "Unexpected token q in JSON at position 1"],
    ['{"a":1,}', "Unexpected token } in JSON at position 7"],
    ['{"a" 5}', "Unexpected number in JSON at position 5"],
    ['{"a" "b"}', "Unexpected string in JSON at position 5"],
    ["{}x", "Unexpected token x in JSON at position 2"],
    ["3", "invalid JSON, only supports object and array"],
    ['"x"', "invalid JSON, only supports object and array"],
    ["null", "invalid JSON, only supports object and array"],
    ['{"query":{"__proto__":{}}}', "Object contains forbidden prototype property"],
  ])("%s is refused in the words of the parser", async (body, text) => {
    const response = await post(LAUNCHES, body);
    expect([response.status, await response.text()]).toEqual([400, text]);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });

  test("compressed bodies are read; an unknown encoding is 415, what unpacks to over 1 MB is 413", async () => {
    const body = new Uint8Array(gzipSync('{"query":{"success":false}}'));
    expect(await (await post(LAUNCHES, body, { "content-encoding": "gzip" })).json()).toMatchObject({
      totalDocs: 5,
    });
    const unknown = await post(LAUNCHES, body, { "content-encoding": "zip" });
    expect([unknown.status, await unknown.text()]).toEqual([415, "Unsupported Content-Encoding: zip"]);
    const bomb = new Uint8Array(gzipSync(`{"query":{"name":"${"x".repeat(2_000_000)}"}}`));
    expect((await post(LAUNCHES, bomb, { "content-encoding": "gzip" })).status).toBe(413);
    expect((await post(LAUNCHES, body.subarray(0, 9), { "content-encoding": "gzip" })).status).toBe(500);
  });

  test("a form has arrays, dots and a limit of its own", async () => {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const form = "query.success=true&options[select][]=name&options[select][]=rocket&options[limit]=1";
    const page = (await (await post(LAUNCHES, form, type)).json()) as { totalDocs: number; docs: object[] };
    expect([page.totalDocs, Object.keys(page.docs[0] ?? {})]).toEqual([181, ["rocket", "name", "id"]]);
    expect((await post(LAUNCHES, `query[name]=${"x".repeat(60_000)}`, type)).status).toBe(413);
  });
});
