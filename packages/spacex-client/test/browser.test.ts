import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type * as client from "../src/index.ts";
import { type ApiServer, sendJson, sendText, startApi } from "./api-server.ts";
import { corsFetch } from "./cors-fetch.ts";
import { problemOf } from "./problem.ts";
import { crewMembers } from "./records.ts";

/** The part of esbuild that is used; it comes with tsup and has no place of its own among the dependencies. */
interface Bundler {
  build(options: Readonly<Record<string, unknown>>): Promise<{
    readonly outputFiles: readonly { readonly text: string; readonly contents: Uint8Array }[];
    readonly warnings: readonly unknown[];
  }>;
}

const require = createRequire(import.meta.url);
const bundler = createRequire(require.resolve("tsup"))("esbuild") as Bundler;
const root = fileURLToPath(new URL("..", import.meta.url));

async function bundle(code: string): Promise<{ text: string; kilobytes: number }> {
  const { outputFiles, warnings } = await bundler.build({
    stdin: { contents: code, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    minify: true,
    platform: "browser",
    format: "iife",
    globalName: "client",
    conditions: ["@spacex-etl/source"],
    target: "es2022",
    logLevel: "silent",
  });
  expect(warnings).toEqual([]);
  const output = outputFiles[0]!;
  return { text: output.text, kilobytes: gzipSync(output.contents).byteLength / 1000 };
}

/** What a page or a worker has, and nothing of Node; no code from strings either. */
function page(fetch: typeof globalThis.fetch): object {
  const names =
    "AbortController AbortSignal Blob DOMException Event EventTarget FormData Headers ReadableStream Request Response " +
    "TextDecoder TextEncoder URL URLSearchParams clearTimeout performance queueMicrotask setTimeout structuredClone";
  const all = globalThis as unknown as Readonly<Record<string, unknown>>;
  const globals = Object.fromEntries(names.split(" ").map((name) => [name, all[name]]));
  // As under a content security policy without `unsafe-eval`.
  return createContext(
    { ...globals, document: {}, fetch },
    { codeGeneration: { strings: false, wasm: false } },
  );
}

let text = "";
let kilobytes = 0;

beforeAll(async () => {
  ({ text, kilobytes } = await bundle('export * from "./src/index.ts";'));
});

afterEach(() => {
  vi.useRealTimers();
});

/** The client as a page of another origin runs it. */
function inPage(): typeof client {
  const context = page(corsFetch("https://page.example"));
  runInContext(text, context);
  return runInContext("client", context as never) as typeof client;
}

/** Answers as the API does, its CORS rules included. */
async function crewApi(): Promise<ApiServer> {
  const cors = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "spacex-api-cache,spacex-api-response-time",
  };
  return startApi((response, { method, path }) => {
    if (method === "OPTIONS") {
      const allow = {
        "access-control-allow-headers": "Content-Type,Accept",
        "access-control-allow-methods": "GET,POST,PATCH,DELETE",
      };
      response.writeHead(204, { ...cors, ...allow }).end();
    } else if (method === "POST") sendJson(response, { docs: [], totalDocs: 3 }, cors);
    else if (path === "/v4/crew")
      sendJson(response, crewMembers(3), { ...cors, etag: '"v"', "cache-control": "max-age=300" });
    else sendText(response, 404, "Not Found", cors);
  });
}

test("the bundle for a browser holds nothing of Node and stays small", () => {
  expect(text).not.toMatch(/["']node:/);
  console.log(`browser bundle: ${(text.length / 1000).toFixed(0)} KB, ${kilobytes.toFixed(1)} KB gzipped`);
  expect(kilobytes).toBeLessThan(80);
});

test("reads need no preflight; a query needs the one that the API allows", async () => {
  await using api = await crewApi();
  const { createSpaceXClient } = inPage();
  const { crew } = createSpaceXClient({ baseUrl: api.url });
  expect(await crew.list()).toHaveLength(3);
  expect(api.requests.map(({ method }) => method)).toEqual(["GET"]);
  expect(api.requests[0]!.headers["user-agent"]).not.toBe("spacex-etl");
  expect(await crew.count()).toBe(3);
  expect(api.requests.map(({ method }) => method)).toEqual(["GET", "OPTIONS", "POST"]);
  expect(api.requests[1]!.headers["access-control-request-headers"]).toBe("content-type");
});

test("the cache serves within max-age and then asks without conditions", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
  await using api = await crewApi();
  const context = page(corsFetch("https://page.example")) as { Date: DateConstructor };
  context.Date = Date;
  runInContext(text, context);
  const { createSpaceXClient, memoryCache } = runInContext("client", context) as typeof client;
  const events: string[] = [];
  const { crew } = createSpaceXClient({
    baseUrl: api.url,
    cache: memoryCache(),
    onEvent: (event) => events.push(event.type === "response" && event.fromCache ? "cache" : event.type),
  });
  const first = await crew.list();
  expect(await crew.list()).toEqual(first);
  vi.setSystemTime(1_000_000 + 301_000);
  expect(await crew.list()).toEqual(first);
  expect(events).toEqual(["request", "response", "cache", "request", "response"]);
  for (const { method, headers } of api.requests) {
    expect(method).toBe("GET");
    expect(headers["if-none-match"]).toBeUndefined();
  }
});

test("errors are as on a server", async () => {
  await using api = await crewApi();
  const { createSpaceXClient, SpaceXRequestError } = inPage();
  const sleep = async (): Promise<void> => undefined;
  const { crew } = createSpaceXClient({ baseUrl: api.url, retry: { limit: 1, sleep } });
  const missing = await problemOf(crew.get("5ebf1a6e23a9a60006e03a7a"));
  expect(SpaceXRequestError.isInstance(missing)).toBe(true);
  expect(missing).toMatchObject({ code: "NOT_FOUND", status: 404, body: "Not Found" });
  // As documented: the API's rules let no header of one's own through.
  const refused = await problemOf(crew.list({ headers: { "x-a": "1" } }));
  expect(refused).toMatchObject({ code: "SOURCE_UNREACHABLE", attempts: 2 });
  expect(api.requests.map(({ method }) => method)).toEqual(["GET", "OPTIONS", "OPTIONS"]);
});
