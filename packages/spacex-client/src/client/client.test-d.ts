import type { RecordSource } from "@spacex-etl/contracts";
import { expectTypeOf, test } from "vitest";
import {
  type CallOptions,
  type CollectionName,
  type CollectionResource,
  type Company,
  createSpaceXClient,
  type CrewModel,
  type Launch,
  type LaunchModel,
  type LaunchV4,
  memoryCache,
  type Query,
  type QueryResult,
  type Roadster,
  type Rocket,
  type SpaceXClient,
  type SpaceXClientOptions,
  SpaceXRequestError,
} from "../index.ts";

const client = createSpaceXClient();

test("every collection is a member of the client, and nothing else is", () => {
  expectTypeOf<keyof SpaceXClient>().toEqualTypeOf<
    CollectionName | "v4" | "health" | "baseUrl" | "recordSource"
  >();
  expectTypeOf(client.rockets.list()).resolves.toEqualTypeOf<readonly Rocket[]>();
  expectTypeOf(client.rockets.get("5e9d0d95eda69973a809d1ec")).resolves.toEqualTypeOf<Rocket>();
  expectTypeOf(client.rockets.count()).resolves.toEqualTypeOf<number>();
  expectTypeOf(client.company.get()).resolves.toEqualTypeOf<Company>();
  expectTypeOf(client.roadster.get()).resolves.toEqualTypeOf<Roadster>();
  expectTypeOf(client.roadster.query()).resolves.toEqualTypeOf<Roadster | null>();
  expectTypeOf(client.health()).resolves.toEqualTypeOf<void>();
  expectTypeOf(client.recordSource("launches")).toEqualTypeOf<RecordSource>();
  expectTypeOf(client.company).not.toHaveProperty("query");
  expectTypeOf(client.company).not.toHaveProperty("list");
  expectTypeOf(client.roadster).not.toHaveProperty("count");
  expectTypeOf(client.crew).not.toHaveProperty("latest");
  // @ts-expect-error The same records as launches; only the 14 collections are read as bytes.
  client.recordSource("launches-v4");
});

test("shortcuts of launches, in the shape of either version", () => {
  expectTypeOf(client.launches.latest()).resolves.toEqualTypeOf<Launch | null>();
  expectTypeOf(client.launches.next()).resolves.toEqualTypeOf<Launch | null>();
  expectTypeOf(client.launches.past()).resolves.toEqualTypeOf<readonly Launch[]>();
  expectTypeOf(client.v4.launches.upcoming()).resolves.toEqualTypeOf<readonly LaunchV4[]>();
  expectTypeOf<LaunchV4["crew"]>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<Omit<LaunchV4, "crew">>().branded.toEqualTypeOf<Omit<Launch, "crew">>();
});

test("every method takes the options of a call last", () => {
  const call: CallOptions = {
    signal: AbortSignal.abort(),
    timeout: 1000,
    retry: { limit: 0 },
    headers: { "x-trace": "1" },
    cache: false,
    onRequest: () => undefined,
    onRetry: ({ attempt, delayMs, reason }) => [attempt, delayMs, reason],
  };
  expectTypeOf(client.crew.list).parameter(0).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(client.crew.get).parameter(1).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(client.crew.count).parameter(1).toEqualTypeOf<CallOptions | undefined>();
  client.crew.query({}, call);
  expectTypeOf(client.launches.latest).parameter(0).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(client.health).parameter(0).toEqualTypeOf<CallOptions | undefined>();
  void client.roadster.query({ query: { norad_id: 43205 } }, call);
  // @ts-expect-error The cache is made with the client; a call can only go past it.
  void client.crew.list({ cache: true });
  // @ts-expect-error A misspelt option.
  void client.crew.list({ singal: AbortSignal.abort() });
});

test("options of the client", () => {
  expectTypeOf(createSpaceXClient).parameter(0).toEqualTypeOf<SpaceXClientOptions | undefined>();
  expectTypeOf({
    baseUrl: undefined,
    cache: memoryCache(),
    retry: { limit: 2 },
  }).toExtend<SpaceXClientOptions>();
  // @ts-expect-error A misspelt option.
  createSpaceXClient({ baseURL: "http://127.0.0.1" });
});

test("a query is flat", () => {
  const query: Query<LaunchModel> = { query: { success: true }, sort: "-date_unix", limit: 5, page: 2 };
  expectTypeOf(client.launches.query(query)).toExtend<QueryResult<{ readonly id: string }>>();
  // @ts-expect-error The API's own shape.
  client.launches.query({ query: {}, options: { limit: 5 } });
  // @ts-expect-error Pages are counted.
  client.launches.query({ offset: 5 });
  // @ts-expect-error A number.
  client.launches.query({ limit: "5" });
  // @ts-expect-error The filter of a count stands alone.
  void client.launches.count({ query: { success: true } });
});

test("a function over one kind of collection", () => {
  const names = async (crew: CollectionResource<CrewModel>): Promise<(string | null)[]> => {
    const all: (string | null)[] = [];
    for await (const { name } of crew.query({ select: ["name"] })) all.push(name);
    return all;
  };
  expectTypeOf(names).toBeCallableWith(client.crew);
});

test("what is known of a failed request", () => {
  const error: unknown = undefined;
  if (!SpaceXRequestError.isInstance(error)) return;
  expectTypeOf(error.status).toEqualTypeOf<number | undefined>();
  expectTypeOf(error.body).toEqualTypeOf<string | undefined>();
  expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>();
  expectTypeOf(error.attempts).toEqualTypeOf<number>();
  expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
  expectTypeOf(error.request.url).toEqualTypeOf<string>();
});
