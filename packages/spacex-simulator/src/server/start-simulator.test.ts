import { createHash } from "node:crypto";
import { EtlError } from "@spacex-etl/contracts/errors";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syntheticData } from "../synthetic/index.ts";
import { type Simulator, startSimulator } from "./index.ts";

const LAUNCH = "5eb87cd9ffd86e000604b32a";
const ROCKET = "5e9d0d95eda69973a809d1ec";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

async function get(path: string, init?: RequestInit): Promise<Response> {
  return await fetch(simulator.url + path, init);
}

async function records(path: string): Promise<Record<string, unknown>[]> {
  return (await (await get(path)).json()) as Record<string, unknown>[];
}

/** `fetch` adds `Cache-Control: no-cache` to a request with If-None-Match unless it has a Cache-Control of its own. */
function conditional(etag: string): Record<string, string> {
  return { "if-none-match": etag, "cache-control": "max-age=0" };
}

async function expectNotFound(method: string, path: string): Promise<void> {
  const response = await get(path, { method });
  expect([path, response.status, await response.text()]).toEqual([path, 404, "Not Found"]);
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
}

describe("lists and objects", () => {
  test("every collection is served under its version and under latest", async () => {
    for (const name of collectionNames) {
      const version = name === "launches" ? "v5" : "v4";
      const [own, alias] = await Promise.all([get(`/${version}/${name}`), get(`/latest/${name}`)]);
      expect(own.status).toBe(200);
      expect(own.headers.get("content-type")).toBe("application/json; charset=utf-8");
      const text = await own.text();
      expect(await alias.text()).toBe(text);
      expect(text.startsWith(name === "company" || name === "roadster" ? "{" : "[")).toBe(true);
    }
  });

  test("version 4 of launches has ids where version 5 has seats, and equals it otherwise", async () => {
    const [v4, v5] = await Promise.all([records("/v4/launches"), records("/v5/launches")]);
    expect(v5).toHaveLength(205);
    const expected = v5.map((launch) => ({
      ...launch,
      crew: (launch["crew"] as { crew: string }[]).map((seat) => seat.crew),
    }));
    expect(v4).toEqual(expected);
    expect(v4.flatMap((launch) => launch["crew"])).toHaveLength(30);
  });

  test("past and upcoming are arrays, latest and next are objects", async () => {
    const [past, upcoming] = await Promise.all([
      records("/v5/launches/past"),
      records("/v5/launches/upcoming"),
    ]);
    expect([past.length, upcoming.length]).toEqual([187, 18]);
    const latest = (await (await get("/v4/launches/latest")).json()) as { name: string };
    const next = (await (await get("/v5/launches/next")).json()) as { name: string };
    expect([latest.name, next.name]).toEqual(["Crew-5", "USSF-44"]);
  });

  test("one record by id, in any case of the id", async () => {
    const one = (await (await get(`/v4/rockets/${ROCKET.toUpperCase()}`)).json()) as { name: string };
    expect(one.name).toBe("Falcon 9");
  });

  test("an unknown or malformed id, and unknown routes, are 404 with a text", async () => {
    const paths = [
      "/v4/rockets/abc",
      "/v4/rockets/abcdefghijkl",
      "/v4/rockets/000000000000000000000000",
      "/v4/launches/query",
      "/v5/rockets",
      "/v3/launches",
      "/v4/fairings",
      "/v4/company/5eb75edc42fea42237d7f3ed",
      "/v4/roadster/x",
      "/v4/rockets/a/b",
      "/",
      "/v4",
    ];
    for (const path of paths) await expectNotFound("GET", path);
    await expectNotFound("PUT", "/v4/rockets");
    await expectNotFound("POST", "/v4/company/query");
    await expectNotFound("DELETE", "/v4/rockets");
  });

  test("paths ignore case, a trailing slash and the query string", async () => {
    const plain = await (await get("/v4/rockets")).text();
    for (const path of ["/V4/Rockets", "/v4/rockets/", "/v4/rockets?limit=2", "/v4/ROCKETS/?x=1"]) {
      expect(await (await get(path)).text()).toBe(plain);
    }
  });

  test("health is a text, and routes that write need a key that nobody has", async () => {
    expect(await (await get("/v4/admin/health")).text()).toBe("OK");
    const refused = [
      ["POST", "/v4/launches"],
      ["PATCH", `/v5/launches/${LAUNCH}`],
      ["DELETE", `/v4/rockets/${ROCKET}`],
      ["DELETE", "/v4/admin/cache"],
    ] as const;
    for (const [method, path] of refused) {
      const response = await get(path, { method });
      expect([method, response.status]).toEqual([method, 401]);
      expect(await response.text()).toMatch(/^https:/);
    }
  });
});

describe("headers", () => {
  test("the cache time is the route's own, on errors too", async () => {
    const times = {
      "/v4/capsules": 300,
      "/v4/company": 86_400,
      "/v4/rockets": 86_400,
      "/v5/launches": 20,
      "/v4/launches/latest": 20,
      "/v4/starlink": 3_600,
      "/v4/roadster": 300,
      "/v4/dragons/nope": 86_400,
    };
    for (const [path, seconds] of Object.entries(times)) {
      expect((await get(path, { method: "HEAD" })).headers.get("cache-control")).toBe(`max-age=${seconds}`);
    }
    const query = await get("/v4/rockets/query", { method: "POST" });
    expect(query.headers.get("cache-control")).toBe("max-age=300");
  });

  test("the API's own headers are there, and the cache is missed once", async () => {
    const first = await get("/v4/crew?unique=1");
    expect(first.headers.get("vary")).toBe("Accept-Encoding, Origin");
    expect(first.headers.get("access-control-allow-origin")).toBe("*");
    expect(first.headers.get("access-control-expose-headers")).toBe(
      "spacex-api-cache,spacex-api-response-time",
    );
    expect(first.headers.get("spacex-api-cache")).toBe("MISS");
    expect((await get("/v4/crew?unique=1")).headers.get("spacex-api-cache")).toBe("HIT");
    expect((await get("/v4/crew?unique=2")).headers.get("spacex-api-cache")).toBe("MISS");
  });

  test("a browser's preflight allows two headers only", async () => {
    const response = await get("/v4/crew", {
      method: "OPTIONS",
      headers: { "access-control-request-method": "GET", origin: "http://example.com" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toBe("Content-Type,Accept");
  });

  test("large bodies are chunked, small ones announce their length", async () => {
    const [large, small] = [await get("/v5/launches"), await get("/v4/rockets")];
    expect(large.headers.get("transfer-encoding")).toBe("chunked");
    expect(large.headers.get("content-length")).toBeNull();
    expect(small.headers.get("content-length")).toBe(String((await small.arrayBuffer()).byteLength));
  });

  test("HEAD has the headers of GET and no body", async () => {
    const [head, full] = [await get("/v4/rockets", { method: "HEAD" }), await get("/v4/rockets")];
    expect(await head.text()).toBe("");
    for (const name of ["etag", "content-length", "content-type", "cache-control"]) {
      expect(head.headers.get(name)).toBe(full.headers.get(name));
    }
  });
});

describe("ETags", () => {
  test("the tag is length in hex and SHA-1 of the body, for lists, records and queries", async () => {
    const requests = [
      get("/v5/launches"),
      get("/v4/starlink"),
      get(`/v4/rockets/${ROCKET}`),
      get("/v4/company"),
      get("/v4/crew/query", { method: "POST" }),
    ];
    for (const response of await Promise.all(requests)) {
      const body = Buffer.from(await response.arrayBuffer());
      const digest = createHash("sha1").update(body).digest("base64").slice(0, 27);
      expect(response.headers.get("etag")).toBe(`"${body.length.toString(16)}-${digest}"`);
    }
  });

  test("the tag in either form gives 304 without a body; another tag gives 200", async () => {
    const etag = (await get("/v5/launches", { method: "HEAD" })).headers.get("etag") ?? "";
    for (const tag of [etag, `W/${etag}`, `"other", W/${etag}`, "*"]) {
      const response = await get("/v5/launches", { headers: conditional(tag) });
      expect([tag, response.status, (await response.text()).length]).toEqual([tag, 304, 0]);
      expect(response.headers.get("etag")).toBe(etag);
    }
    expect((await get("/v5/launches", { headers: conditional('"other"') })).status).toBe(200);
  });

  test("a plain fetch asks for no cache beside its If-None-Match, and so gets everything", async () => {
    const etag = (await get("/v4/rockets", { method: "HEAD" })).headers.get("etag") ?? "";
    expect((await get("/v4/rockets", { headers: { "if-none-match": etag } })).status).toBe(200);
    expect((await get("/v4/rockets", { headers: conditional(etag) })).status).toBe(304);
  });

  test("a query is never answered by 304", async () => {
    const etag = (await get("/v4/crew/query", { method: "POST" })).headers.get("etag") ?? "";
    const again = await get("/v4/crew/query", { method: "POST", headers: conditional(etag) });
    expect(again.status).toBe(200);
  });

  test("they can be switched off", async () => {
    await using without = await startSimulator({ etags: false });
    const response = await fetch(`${without.url}/v4/rockets`, { headers: conditional("*") });
    expect([response.status, response.headers.get("etag")]).toEqual([200, null]);
  });
});

describe("the running simulator", () => {
  test("other records are served byte for byte under another tag", async () => {
    await using own = await startSimulator();
    const before = (await fetch(`${own.url}/v4/rockets`)).headers.get("etag");
    own.replace("rockets", Buffer.from('[ {"id":"a" , "mass":1.0}\n, {"id":"b","big":9007199254740993} ]'));
    const after = await fetch(`${own.url}/v4/rockets`);
    expect(after.headers.get("etag")).not.toBe(before);
    expect(await after.text()).toBe('[{"id":"a" , "mass":1.0},{"id":"b","big":9007199254740993}]');
    own.replace("rockets", []);
    expect(await (await fetch(`${own.url}/v4/rockets`)).text()).toBe("[]");
    own.replace("launches", [
      { id: LAUNCH, flight_number: 1, upcoming: false, crew: [{ crew: "c", role: null }] },
    ]);
    expect(await (await fetch(`${own.url}/v4/launches`)).json()).toMatchObject([{ id: LAUNCH, crew: ["c"] }]);
    own.replace("launches", []);
    expect((await fetch(`${own.url}/v5/launches/next`)).status).toBe(204);
    expect((await fetch(`${own.url}/v4/launches/next`)).status).toBe(400);
  });

  test("data that it cannot serve is refused with a reason", async () => {
    const refused = [
      () => simulator.replace("fairings", []),
      () => simulator.replace("rockets", Buffer.from("[1,")),
      () => simulator.replace("rockets", Buffer.from("7")),
      () => simulator.replace("company", []),
    ];
    for (const replace of refused) {
      expect(replace).toThrow(expect.objectContaining({ kind: "usage", exitCode: 2 }));
    }
  });

  test("requests are logged with status and path", async () => {
    await using own = await startSimulator();
    await fetch(`${own.url}/v4/rockets?x=1`);
    await fetch(`${own.url}/v4/nothing`);
    expect(own.requests).toMatchObject([
      { method: "GET", path: "/v4/rockets?x=1", status: 200 },
      { method: "GET", path: "/v4/nothing", status: 404 },
    ]);
  });

  test("a port in use is an error of its own", async () => {
    const port = Number(new URL(simulator.url).port);
    const error: unknown = await startSimulator({ port }).catch((reason: unknown) => reason);
    expect(EtlError.isInstance(error) && [error.code, error.exitCode]).toEqual(["PORT_IN_USE", 2]);
  });

  test("it closes while a client reads, and again", async () => {
    const own = await startSimulator({ data: syntheticData({ records: 30_000 }) });
    const response = await fetch(`${own.url}/v5/launches`);
    await own.close();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await own.close();
    await expect(fetch(own.url)).rejects.toThrow();
  });
});
