import { expect, test } from "vitest";
import { allOf } from "../../test/all-of.ts";
import { sendJson, sendText, startApi } from "../../test/api-server.ts";
import { createSpaceXClient } from "../index.ts";

const ID = "5eb87cd9ffd86e000604b32a";

const LISTS = [
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
] as const;

interface AnyCollection {
  list(): Promise<readonly unknown[]>;
  get(id: string): Promise<unknown>;
  query(): AsyncIterable<unknown>;
  count(): Promise<number>;
}

/** The public routes of the API, from its documentation and its source. */
const ROUTES: readonly string[] = [
  ...LISTS.flatMap((name) => [`GET /v4/${name}`, `GET /v4/${name}/:id`, `POST /v4/${name}/query`]),
  ...["v4", "v5"].flatMap((version) => [
    `GET /${version}/launches`,
    `GET /${version}/launches/:id`,
    `POST /${version}/launches/query`,
    ...["past", "upcoming", "latest", "next"].map((name) => `GET /${version}/launches/${name}`),
  ]),
  "GET /v4/company",
  "GET /v4/roadster",
  "POST /v4/roadster/query",
  "GET /v4/admin/health",
];

test("the 51 public routes can be reached, and no other", async () => {
  expect(ROUTES).toHaveLength(51);
  await using api = await startApi((response, { method, path }) => {
    if (path === "/v4/admin/health") sendText(response, 200, "OK");
    else if (path === "/v4/roadster" || path === "/v4/company")
      sendJson(response, { id: ID, flickr_images: [] });
    else if (path === "/v4/roadster/query" || /\/(latest|next)$/.test(path)) response.writeHead(204).end();
    else if (method === "POST") sendJson(response, { docs: [], totalDocs: 0 });
    else if (path.endsWith(ID)) sendText(response, 404, "Not Found");
    else sendJson(response, []);
  });
  const client = createSpaceXClient({ baseUrl: api.url });
  const collections: readonly AnyCollection[] = [
    ...LISTS.map((name) => client[name]),
    client.launches,
    client.v4.launches,
  ];
  for (const collection of collections) {
    expect(await collection.list()).toEqual([]);
    await expect(collection.get(ID)).rejects.toMatchObject({ code: "NOT_FOUND", status: 404 });
    expect(await allOf(collection.query())).toEqual([]);
    expect(await collection.count()).toBe(0);
  }
  for (const launches of [client.launches, client.v4.launches]) {
    expect(await launches.past()).toEqual([]);
    expect(await launches.upcoming()).toEqual([]);
    expect(await launches.latest()).toBeNull();
    expect(await launches.next()).toBeNull();
  }
  expect((await client.company.get()).id).toBe(ID);
  expect((await client.roadster.get()).id).toBe(ID);
  expect(await client.roadster.query({ query: { name: "no such car" } })).toBeNull();
  await client.health();
  const reached = api.requests.map(({ method, path }) => `${method} ${path.replace(ID, ":id")}`);
  expect([...new Set(reached)].sort()).toEqual([...ROUTES].sort());
  // Everything that the client has was called above.
  expect(Object.keys(client).sort()).toEqual(
    [...LISTS, "launches", "company", "roadster", "v4", "health", "baseUrl", "recordSource"].sort(),
  );
  const methods = new Set(collections.flatMap((collection) => Object.keys(collection)));
  expect([...methods].sort()).toEqual(
    ["list", "get", "query", "count", "past", "upcoming", "latest", "next"].sort(),
  );
  expect(Object.keys(client.roadster).sort()).toEqual(["get", "query"]);
  expect(Object.keys(client.company)).toEqual(["get"]);
  expect(Object.keys(client.v4)).toEqual(["launches"]);
});
