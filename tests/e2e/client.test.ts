import {
  type CrewMember,
  createSpaceXClient,
  memoryCache,
  type SpaceXClient,
  SpaceXRequestError,
} from "@spacex-etl/spacex-client";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import {
  directoryData,
  embeddedSnapshot,
  parseFaults,
  type Simulator,
  type SimulatorData,
  startSimulator,
} from "@spacex-etl/spacex-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasRecorded, RECORDED } from "../harness/workspace.ts";

type Item = Readonly<Record<string, unknown>>;

/** What all collections have in common, for tests that go over them by name. */
interface AnyCollection {
  list(): Promise<readonly Item[]>;
  get(id: string): Promise<Item>;
  query(query?: unknown): AsyncIterable<Item>;
  count(filter?: unknown): Promise<number>;
}

function collectionOf(client: SpaceXClient, name: string): AnyCollection {
  const collections: Readonly<Record<string, unknown>> = { ...client, "v4.launches": client.v4.launches };
  return collections[name] as AnyCollection;
}

/** Every path that the API can populate (reference, section 4.3), and of which collection. */
const POPULATE: readonly (readonly [collection: string, path: string, target: string])[] = [
  ...["launches", "v4.launches"].flatMap((launches) =>
    [
      ["rocket", "rockets"],
      ["launchpad", "launchpads"],
      ["payloads", "payloads"],
      ["capsules", "capsules"],
      ["ships", "ships"],
      ["fairings.ships", "ships"],
      ["cores.core", "cores"],
      ["cores.landpad", "landpads"],
    ].map(([path = "", target = ""]) => [launches, path, target] as const),
  ),
  ["launches", "crew.crew", "crew"],
  ["capsules", "launches", "launches"],
  ["capsules", "dragon", "dragons"],
  ["cores", "launches", "launches"],
  ["crew", "launches", "launches"],
  ["ships", "launches", "launches"],
  ["landpads", "launches", "launches"],
  ["launchpads", "rockets", "rockets"],
  ["launchpads", "launches", "launches"],
  ["payloads", "launch", "launches"],
  ["payloads", "dragon.capsule", "capsules"],
  ["starlink", "launch", "launches"],
];

const LISTS = [...collectionNames.filter((name) => !["company", "roadster"].includes(name)), "v4.launches"];

/** The recorded responses, with the embedded records of collections that were not recorded. */
async function recordedData(): Promise<SimulatorData> {
  const embedded = await embeddedSnapshot();
  const { collections } = await directoryData(RECORDED);
  return { description: "recorded", collections: new Map([...embedded.collections, ...collections]) };
}

describe.each<[string, () => Promise<SimulatorData>]>([
  ["the embedded snapshot", embeddedSnapshot],
  ...(hasRecorded()
    ? ([["the recorded responses", recordedData]] satisfies [string, typeof recordedData][])
    : []),
])("over %s", (_, load) => {
  let simulator: Simulator;
  let client: SpaceXClient;
  beforeAll(async () => {
    simulator = await startSimulator({ data: await load() });
    client = createSpaceXClient({ baseUrl: simulator.url });
  });
  afterAll(() => simulator.close());

  test.each(LISTS)("%s is listed, queried, counted and got", async (name) => {
    const collection = collectionOf(client, name);
    const listed = await collection.list();
    expect(listed.length).toBeGreaterThan(1);
    const queried = await allOf(collection.query({ limit: Math.ceil(listed.length / 3) }));
    const byId = new Map(listed.map((record) => [record["id"], record]));
    expect(queried).toHaveLength(listed.length);
    for (const record of queried) expect(record).toEqual(byId.get(record["id"]));
    const ids = queried.map(({ id }) => String(id));
    expect(ids).toEqual([...ids].sort());
    expect(await collection.count()).toBe(listed.length);
    const some = ids.slice(1, 3);
    expect(await collection.count({ id: { $in: some } })).toBe(some.length);
    expect(await collection.get(ids[0]!)).toEqual(byId.get(ids[0]));
    await expect(collection.get("f".repeat(24))).rejects.toMatchObject({ code: "NOT_FOUND", status: 404 });
  });

  test.each(POPULATE)("%s with %s populated is a join with %s", async (name, path, target) => {
    const records = await allOf(collectionOf(client, name).query({ limit: 500 }));
    const found = new Map(
      (await collectionOf(client, target).list()).map((record) => [record["id"], record]),
    );
    const joined = records.map((record) => join(record, path.split("."), found));
    const populated = await allOf(collectionOf(client, name).query({ limit: 500, populate: [path] }));
    expect(populated).toEqual(joined);
  });

  test("version 4 keeps the seat of a crew member without a record", async () => {
    const people = new Map((await client.crew.list()).map((person) => [person.id, person]));
    const seats = new Map((await client.launches.list()).map(({ id, crew }) => [id, crew]));
    const expected = (id: string): unknown[] =>
      (seats.get(id) ?? []).map(({ crew, role }) => people.get(crew ?? "") ?? { crew: null, role });
    const query = client.v4.launches.query({ query: { "crew.crew": { $exists: true } }, populate: "crew" });
    for await (const { id, crew } of query) expect(crew).toEqual(expected(id));
    const both = client.v4.launches.query({
      query: { "crew.role": "Commander" },
      populate: ["rocket", "crew"],
      select: ["name"],
    });
    const named = client.v4.launches.query({
      query: { "crew.role": "Commander" },
      populate: { path: "crew", select: ["name"] },
    });
    for await (const { crew } of named) {
      for (const person of crew) {
        const keys = "role" in person ? ["crew", "role"] : ["id", "name"];
        expect(Object.keys(person).sort()).toEqual(keys);
      }
    }
    for await (const launch of both) {
      expect(launch.crew).toEqual(expected(launch.id));
      expect(launch.crew.length).toBeGreaterThan(0);
      expect(launch.rocket?.name).toBe("Falcon 9");
      expect(Object.keys(launch).sort()).toEqual(["crew", "id", "name", "rocket"]);
    }
  });

  test("what is selected of records and of populated records, and nothing else", async () => {
    const query = client.launches.query({
      query: { "cores.landing_type": "RTLS" },
      select: ["name", "links.patch.small", "cores.core"],
      populate: [
        { path: "rocket", select: ["name", "height.meters"] },
        { path: "payloads", select: ["-norad_ids"], populate: { path: "launch", select: ["name"] } },
      ],
      limit: 7,
    });
    const launches = await allOf(query);
    expect(launches.length).toBeGreaterThan(10);
    for (const launch of launches) {
      expect(Object.keys(launch).sort()).toEqual(["cores", "id", "links", "name", "payloads", "rocket"]);
      expect(Object.keys(launch.links)).toEqual(["patch"]);
      for (const core of launch.cores) expect(Object.keys(core)).toEqual(["core"]);
      expect(Object.keys(launch.rocket ?? {}).sort()).toEqual(["height", "id", "name"]);
      for (const payload of launch.payloads) {
        expect(payload).not.toHaveProperty("norad_ids");
        expect(payload.launch?.name).toEqual(expect.any(String));
      }
    }
  });

  test("a record that is left out of a launch stays out in every form", async () => {
    const without = await allOf(client.launches.query({ select: ["-links", "-cores.core"], limit: 300 }));
    for (const launch of without) {
      expect(launch).not.toHaveProperty("links");
      for (const core of launch.cores) expect(core).not.toHaveProperty("core");
    }
    const fairings = await allOf(client.launches.query({ select: ["fairings.ships"], limit: 300 }));
    expect(fairings.length).toBe(without.length);
  });

  test("shortcuts of launches go by upcoming and flight number", async () => {
    for (const launches of [client.launches, client.v4.launches]) {
      const [past, upcoming, latest, next] = [
        await launches.past(),
        await launches.upcoming(),
        await launches.latest(),
        await launches.next(),
      ];
      expect(past.length + upcoming.length).toBe((await launches.list()).length);
      expect(past.every((launch) => !launch.upcoming)).toBe(true);
      expect(upcoming.every((launch) => launch.upcoming)).toBe(true);
      expect(latest?.flight_number).toBe(Math.max(...past.map((launch) => launch.flight_number)));
      expect(next?.flight_number).toBe(Math.min(...upcoming.map((launch) => launch.flight_number)));
    }
  });

  test("pages of a sort by what is not unique neither overlap nor leave gaps", async () => {
    const all = await client.launches.list();
    for (const sort of ["flight_number", "-success", [["rocket", -1]]] as const) {
      const launches = await allOf(client.launches.query({ sort, limit: 4, select: ["flight_number"] }));
      expect(new Set(launches.map(({ id }) => id)).size).toBe(all.length);
    }
  });

  test("conditions of every kind count what a loop over the list does", async () => {
    const launches = await client.launches.list();
    const count = (matches: (launch: (typeof launches)[number]) => boolean): number =>
      launches.filter(matches).length;
    const noon = new Date("2020-06-01T12:00:00Z");
    const { launches: api } = client;
    expect(await api.count({ date_utc: { $gte: noon } })).toBe(
      count(({ date_utc }) => new Date(date_utc) >= noon),
    );
    expect(await api.count({ date_utc: { $lt: "2020-06-01T14:00:00+02:00" } })).toBe(
      count(({ date_utc }) => new Date(date_utc) < noon),
    );
    expect(await api.count({ success: null, upcoming: false })).toBe(
      count(({ success, upcoming }) => success === null && !upcoming),
    );
    expect(await api.count({ fairings: null })).toBe(count(({ fairings }) => fairings === null));
    expect(await api.count({ ships: { $size: 0 }, $nor: [{ capsules: { $size: 1 } }] })).toBe(
      count(({ ships, capsules }) => ships.length === 0 && capsules.length !== 1),
    );
    expect(await api.count({ cores: { $elemMatch: { landing_type: "ASDS", landing_success: false } } })).toBe(
      count(({ cores }) =>
        cores.some((core) => core.landing_type === "ASDS" && core.landing_success === false),
      ),
    );
    expect(
      await api.count({ name: { $regex: "^starlink", $options: "i" }, "cores.flight": { $gt: 10 } }),
    ).toBe(
      count(({ name, cores }) => /^starlink/i.test(name) && cores.some(({ flight }) => (flight ?? 0) > 10)),
    );
    expect(await api.count({ $or: [{ id: launches[0]!.id }, { "failures.time": { $lt: 0 } }] })).toBe(
      count(({ id, failures }) => id === launches[0]!.id || failures.some(({ time }) => (time ?? 0) < 0)),
    );
    expect(await api.count({ $text: { $search: "crs-7" } })).toBeGreaterThan(0);
  });

  test("company, roadster and health", async () => {
    expect((await client.company.get()).name).toBe("SpaceX");
    const whole = await client.roadster.get();
    expect(await client.roadster.query()).toEqual(whole);
    const { id, name, period_days } = whole;
    expect(await client.roadster.query({ select: ["name", "period_days"] })).toEqual({
      id,
      name,
      period_days,
    });
    expect(await client.roadster.query({ query: { norad_id: -1 } })).toBeNull();
    expect(await client.health()).toBeUndefined();
  });
});

describe("what the API does silently", () => {
  let simulator: Simulator;
  let client: SpaceXClient;
  beforeAll(async () => {
    simulator = await startSimulator();
    client = createSpaceXClient({ baseUrl: simulator.url, retry: { baseDelayMs: 0 } });
  });
  afterAll(() => simulator.close());

  test.each<[string, Item]>([
    ["id", { id: "f".repeat(24) }],
    ["a field that it does not know", { nmae: "x" }],
    ["the same inside of $or", { $or: [{ nmae: "x" }] }],
    ["options inside of the filter", { options: { limit: 1 } }],
  ])("%s in a filter matches everything there, and not here", async (_, filter) => {
    const answer = await fetch(`${simulator.url}/v5/launches/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: filter }),
    });
    expect(await answer.json()).toMatchObject({ totalDocs: 205 });
    const query = collectionOf(client, "launches");
    if ("id" in filter) expect(await query.count(filter)).toBe(0);
    else expect(() => query.query({ query: filter })).toThrow(/was not sent/);
  });

  test("a deleted launch is null in its payloads", async () => {
    const payloads = client.payloads.query({
      query: { launch: { $ne: null } },
      select: ["name"],
      populate: { path: "launch", select: ["name"] },
    });
    const dangling = (await allOf(payloads)).filter(({ launch }) => launch === null);
    expect(dangling.map(({ name }) => name).sort()).toEqual([
      "IM-1 Nova-C",
      "Janus",
      "Psyche",
      "Starlink 2-2 (v1.5)",
    ]);
  });

  test("records that change while pages are read end the loop", async () => {
    await using changing = await startSimulator();
    const { crew } = createSpaceXClient({ baseUrl: changing.url });
    const people = await crew.list();
    const names: (string | null)[] = [];
    const run = async (): Promise<void> => {
      for await (const { name } of crew.query({ select: ["name"], limit: 5 })) {
        if (names.push(name) === 5) changing.replace("crew", people.slice(1));
      }
    };
    await expect(run()).rejects.toMatchObject({ code: "SOURCE_CHANGED", kind: "source", retryable: true });
    expect(names).toHaveLength(5);
  });

  test("pages that fail on the way are read again", async () => {
    await using failing = await startSimulator({ faults: parseFaults("5xx:2,outage-400:1") });
    const { launches } = createSpaceXClient({ baseUrl: failing.url, retry: { baseDelayMs: 0 } });
    const all = await allOf(launches.query({ select: ["name"], populate: "rocket", limit: 50 }));
    expect(all).toHaveLength(205);
    expect(failing.requests.filter(({ status }) => status >= 400).length).toBeGreaterThan(1);
  });

  test("version 4 without any launch answers an error, which means none", async () => {
    await using empty = await startSimulator();
    empty.replace("launches", []);
    const client = createSpaceXClient({ baseUrl: empty.url, retry: { baseDelayMs: 0 } });
    expect(await client.launches.latest()).toBeNull();
    expect(await client.v4.launches.latest()).toBeNull();
    expect(await client.v4.launches.next()).toBeNull();
    expect(await allOf(client.v4.launches.query())).toEqual([]);
  });

  test("a query of more than a megabyte and an expression that is none are refused by the API itself", async () => {
    const ids = Array.from({ length: 45_000 }, (_, index) => index.toString(16).padStart(24, "0"));
    await expect(client.launches.count({ id: { $in: ids } })).rejects.toMatchObject({
      code: "QUERY_TOO_LARGE",
      status: 413,
      retryable: false,
    });
    const problem: unknown = await client.launches.count({ name: { $regex: "(" } }).catch((error) => error);
    if (!SpaceXRequestError.isInstance(problem)) throw problem;
    expect(problem).toMatchObject({ code: "QUERY_REFUSED", status: 400, retryable: false, attempts: 1 });
  });

  test("a cache asks again with the ETag and gets records of the same kind", async () => {
    const cached = createSpaceXClient({ baseUrl: simulator.url, cache: memoryCache() });
    const before = simulator.requests.length;
    const first = await cached.crew.list();
    expect(await cached.crew.list()).toEqual(first);
    expect(simulator.requests.length - before).toBe(1);
    const fresh: readonly CrewMember[] = await cached.crew.list({ cache: false });
    expect(fresh).toEqual(first);
    expect(simulator.requests.length - before).toBe(2);
  });
});

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Records in place of their ids at a path: null for a single one without a record, gone from a list. */
function join(value: unknown, keys: readonly string[], found: ReadonlyMap<unknown, Item>): unknown {
  const [key, ...rest] = keys;
  if (Array.isArray(value)) {
    return key === undefined
      ? value.map((id) => found.get(id)).filter((record) => record !== undefined)
      : value.map((element) => join(element, keys, found));
  }
  if (key === undefined) return typeof value === "string" ? (found.get(value) ?? null) : value;
  if (typeof value !== "object" || value === null || !(key in value)) return value;
  return { ...value, [key]: join((value as Item)[key], rest, found) };
}
