import { EtlError } from "@spacex-etl/contracts/errors";
import { expectTypeOf, test } from "vitest";
import {
  type CacheEntry,
  type CallOptions,
  type ClientEvent,
  createSpaceXClient,
  memoryCache,
  type ResponseCache,
  SpaceXRequestError,
} from "../index.ts";
import { nodeFetch } from "../node/index.ts";

test("options of a call", () => {
  expectTypeOf<keyof CallOptions>().toEqualTypeOf<
    "signal" | "timeout" | "retry" | "headers" | "cache" | "onRequest" | "onRetry"
  >();
  expectTypeOf<CallOptions["cache"]>().toEqualTypeOf<false | undefined>();
  const { crew, company, health } = createSpaceXClient();
  expectTypeOf(crew.list).parameter(0).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(crew.get).parameter(1).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(company.get).parameter(0).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(health).parameter(0).toEqualTypeOf<CallOptions | undefined>();
  // @ts-expect-error A misspelt option.
  void crew.list({ timout: 5 });
  // @ts-expect-error The cache is an option of the client.
  void crew.list({ cache: memoryCache() });
});

test("a cache may be synchronous, asynchronous or a Map", () => {
  createSpaceXClient({ cache: memoryCache({ maxBytes: 1 }) });
  createSpaceXClient({ cache: new Map<string, CacheEntry>() });
  createSpaceXClient({ cache: { get: async () => null, set: async () => undefined } });
  // @ts-expect-error Without a set it keeps nothing.
  createSpaceXClient({ cache: { get: () => undefined } });
  expectTypeOf(memoryCache()).toExtend<ResponseCache>();
});

test("events narrow by their type", () => {
  createSpaceXClient({
    onEvent: (event) => {
      expectTypeOf(event).toEqualTypeOf<ClientEvent>();
      expectTypeOf(event.url).toEqualTypeOf<string>();
      if (event.type === "failure") expectTypeOf(event.error).toEqualTypeOf<SpaceXRequestError>();
      if (event.type === "response") expectTypeOf(event.fromCache).toEqualTypeOf<boolean>();
      if (event.type === "retry") expectTypeOf(event.delayMs).toEqualTypeOf<number>();
    },
  });
  expectTypeOf<ClientEvent["type"]>().toEqualTypeOf<
    "request" | "response" | "retry" | "failure" | "cache-failure"
  >();
});

test("errors narrow by isInstance", () => {
  const error: unknown = undefined;
  if (SpaceXRequestError.isInstance(error)) {
    expectTypeOf(error).toExtend<EtlError>();
    expectTypeOf(error.status).toEqualTypeOf<number | undefined>();
    expectTypeOf(error.request).toEqualTypeOf<{ readonly method: "GET" | "POST"; readonly url: string }>();
  }
});

test("nodeFetch is a fetch", () => {
  expectTypeOf(nodeFetch()).toEqualTypeOf<typeof globalThis.fetch>();
  createSpaceXClient({ fetch: nodeFetch() });
});
