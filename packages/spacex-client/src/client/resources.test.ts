import { expect, expectTypeOf, test } from "vitest";
import { allOf } from "../../test/all-of.ts";
import { type Handler, sendJson, sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { crewMember, crewMembers } from "../../test/records.ts";
import { createSpaceXClient, type CrewMember, type Launch, type Page } from "../index.ts";

interface SentQuery {
  readonly query: Record<string, unknown>;
  readonly options: { readonly limit: number; readonly page: number; readonly select?: string };
}

/** Pages of the given records, as the API's envelope. */
function paged(recordsAt: (page: number) => readonly unknown[]): Handler {
  return (response, request) => {
    const { limit, page } = (request.body as SentQuery).options;
    const records = recordsAt(page);
    const totalPages = Math.max(1, Math.ceil(records.length / limit));
    sendJson(response, {
      docs: records.slice((page - 1) * limit, page * limit),
      totalDocs: records.length,
      limit,
      totalPages,
      page,
      pagingCounter: (page - 1) * limit + 1,
      hasPrevPage: page > 1,
      hasNextPage: page < totalPages,
      prevPage: page > 1 ? page - 1 : null,
      nextPage: page < totalPages ? page + 1 : null,
    });
  };
}

test("a query reads page after page in one order", async () => {
  const crew = crewMembers(25);
  await using api = await startApi(paged(() => crew));
  const client = createSpaceXClient({ baseUrl: api.url });
  const result = client.crew.query({
    query: { agency: "NASA", id: { $ne: "5ebf1a6e23a9a60006e03a7a" } },
    limit: 10,
    sort: { name: "desc" },
  });
  expect(api.requests).toHaveLength(0);
  expect(await allOf(result)).toEqual(crew);
  expect(api.requests.map(({ method, path, body }) => ({ method, path, body }))).toEqual(
    [1, 2, 3].map((page) => ({
      method: "POST",
      path: "/v4/crew/query",
      body: {
        query: { agency: "NASA", _id: { $ne: "5ebf1a6e23a9a60006e03a7a" } },
        options: { limit: 10, page, sort: { name: -1, _id: 1 } },
      },
    })),
  );
  // A page is asked for when its first record is.
  for await (const member of result) {
    expect(member).toEqual(crew[0]);
    break;
  }
  expect(api.requests).toHaveLength(4);
});

test("whole pages, from a later one on, and an empty result", async () => {
  await using api = await startApi(paged(() => crewMembers(7)));
  const client = createSpaceXClient({ baseUrl: api.url });
  const pages: Page<CrewMember>[] = await allOf(client.crew.query({ limit: 3, page: 2 }).pages());
  expect(
    pages.map(({ page, totalPages, totalRecords, records }) => [
      page,
      totalPages,
      totalRecords,
      records.length,
    ]),
  ).toEqual([
    [2, 3, 7, 3],
    [3, 3, 7, 1],
  ]);
  await using empty = await startApi(paged(() => []));
  expect(await allOf(createSpaceXClient({ baseUrl: empty.url }).crew.query())).toEqual([]);
  expect(empty.requests).toHaveLength(1);
});

test.each<[string, (page: number) => readonly unknown[]]>([
  ["a record more", (page) => crewMembers(page === 1 ? 6 : 7)],
  ["a record fewer", (page) => crewMembers(page === 1 ? 5 : 4)],
])("%s between two pages is an error", async (_, recordsAt) => {
  await using api = await startApi(paged(recordsAt));
  const query = createSpaceXClient({ baseUrl: api.url }).crew.query({ limit: 2 });
  const problem = await problemOf(allOf(query));
  expect(problem).toMatchObject({ kind: "source", code: "SOURCE_CHANGED", retryable: true });
});

test("a page that is not full is an error and no endless loop", async () => {
  await using api = await startApi((response) => sendJson(response, { docs: [], totalDocs: 9 }));
  const query = createSpaceXClient({ baseUrl: api.url }).crew.query({ limit: 2 });
  expect(await problemOf(allOf(query))).toMatchObject({ code: "SOURCE_CHANGED" });
  expect(api.requests).toHaveLength(1);
});

test("a misspelt query never reaches the API", async () => {
  await using api = await startApi(paged(() => crewMembers(1)));
  const { crew } = createSpaceXClient({ baseUrl: api.url });
  // @ts-expect-error A field that the API does not have.
  expect(() => crew.query({ query: { nmae: "x" } })).toThrow(/Did you mean|no field "nmae"/);
  // @ts-expect-error The same, beside a field that it has.
  await expect(crew.count({ name: "x", statu: "active" })).rejects.toThrow(/no field "statu"/);
  // @ts-expect-error The shape that the API itself takes.
  expect(() => crew.query({ options: { limit: 1 } })).toThrow(/unknown key "options"/);
  // @ts-expect-error A misspelt option of the call.
  expect(() => crew.query({}, { sginal: AbortSignal.abort() })).toThrow(/sginal/);
  // @ts-expect-error A name that the client does not have.
  expect(() => crew.query({ filter: { name: "x" } })).toThrow(/unknown key "filter"/);
  expect(api.requests).toHaveLength(0);
});

test("selected fields are typed and checked as such", async () => {
  await using api = await startApi(paged(() => [{ id: "1", name: "FalconSat", cores: [], __v: 0 }]));
  const query = createSpaceXClient({ baseUrl: api.url }).launches.query({
    select: ["name", "cores"],
  });
  const [launch] = await allOf(query);
  expect(launch).toMatchObject({ id: "1", name: "FalconSat", cores: [] });
  expectTypeOf(launch!).branded.toEqualTypeOf<Pick<Launch, "id" | "name" | "cores">>();
  expect((api.requests[0]!.body as SentQuery).options.select).toBe("name cores");
  const client = createSpaceXClient();
  expectTypeOf(client.launches.query()[Symbol.asyncIterator]().next).returns.resolves.toExtend<
    IteratorResult<Pick<Launch, keyof Launch>>
  >();
});

test("a record that does not fit its type is named", async () => {
  const bad = { ...crewMember(2), status: 7 };
  await using api = await startApi((response) => sendJson(response, [crewMember(1), bad]));
  const problem = await problemOf(createSpaceXClient({ baseUrl: api.url }).crew.list());
  expect(problem).toMatchObject({ kind: "data", exitCode: 7, code: "RECORD_INVALID", retryable: false });
  expect(problem.message).toContain(bad.id);
  expect(problem.message).toContain("status");
  expect(api.requests).toHaveLength(1);
});

test("one record by its id, a single object, a count", async () => {
  await using api = await startApi((response, { method, path }) => {
    if (path === "/v4/crew/5ebf1a6e23a9a60006e03a7a") sendJson(response, crewMember(1));
    else if (path === "/v4/company")
      sendJson(response, { id: "1", name: "SpaceX", valuation: 74_000_000_000 });
    else if (method === "POST") sendJson(response, { docs: [], totalDocs: 12, totalPages: null });
    else sendText(response, 404, "Not Found");
  });
  const client = createSpaceXClient({ baseUrl: api.url });
  expect(await client.crew.get("5ebf1a6e23a9a60006e03a7a")).toEqual(crewMember(1));
  expect((await client.company.get()).valuation).toBe(74_000_000_000);
  expect(await client.crew.count({ status: "active" })).toBe(12);
  expect(await problemOf(client.crew.get("ffffffffffffffffffffffff"))).toMatchObject({ code: "NOT_FOUND" });
  expect(await problemOf(client.crew.get("../launches"))).toMatchObject({ kind: "usage" });
  expect(await problemOf(client.crew.get(""))).toMatchObject({ kind: "usage" });
  expectTypeOf(client.company).not.toHaveProperty("list");
});

test.each<[string, (client: ReturnType<typeof createSpaceXClient>) => Promise<unknown>]>([
  ["a list", (client) => client.crew.list()],
  ["a page", (client) => allOf(client.crew.query())],
  ["a count", (client) => client.crew.count()],
])("an object of another kind is no %s", async (_, run) => {
  await using api = await startApi((response) => sendJson(response, { error: "x" }));
  const problem = await problemOf(run(createSpaceXClient({ baseUrl: api.url })));
  expect(problem).toMatchObject({ kind: "source", code: "SOURCE_SHAPE", retryable: false });
});
