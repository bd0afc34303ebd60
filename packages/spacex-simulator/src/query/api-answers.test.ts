import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../server/index.ts";

// What is expected here was answered by the API's own models and routes (r-spacex/SpaceX-API at 9f56af1, mongoose 6.5.3,
// mongoose-paginate-v2 1.7.0) over the same records, but where a text is said to be MongoDB's.

type Item = Record<string, unknown>;
interface Page extends Item {
  readonly docs: Item[];
}

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const V5 = "/v5/launches";
const V4 = "/v4/launches";
const FIRST = { flight_number: 1 };
/** The only one with a crew of two that both have an agency. */
const CREWED = { "crew.crew": "5ebf1a6e23a9a60006e03a7a" };
const ID = "5eb87d46ffd86e000604b388";
const [BEHNKEN, HURLEY] = ["5ebf1a6e23a9a60006e03a7a", "5ebf1b7323a9a60006e03a7b"];

async function ask(body: unknown, path = V5): Promise<Response> {
  return await fetch(`${simulator.url}${path}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function page(query: unknown, options: unknown, path = V5): Promise<Page> {
  const response = await ask({ query, options }, path);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as Page;
}

describe("the envelope", () => {
  test.each([
    [
      { pagination: false, offset: 15 },
      { limit: 205, offset: 15, page: 2, pagingCounter: 11, totalPages: 1 },
      205,
    ],
    [{ pagination: false, limit: 0 }, { limit: 205, offset: 0, page: 1, pagingCounter: 1 }, 205],
    [{ pagination: 0, page: 3 }, { limit: 205, page: 1, hasPrevPage: false, nextPage: null }, 205],
    [{ pagination: null }, { limit: 205 }, 205],
    [{ limit: 2.7 }, { limit: 2, totalPages: 103 }, 2],
    [{ limit: true }, { limit: 0, totalPages: 1 }, 0],
    [{ page: null }, { page: null, pagingCounter: null, hasNextPage: false }, 10],
    [{ offset: null }, { offset: null, page: null, pagingCounter: null }, 10],
    [{ offset: 500 }, { page: 51, hasPrevPage: true, prevPage: 50, nextPage: null }, 0],
    [{ useEstimatedCount: true, limit: 0 }, { totalDocs: 205 }, 0],
  ])("%j", async (options, expected, docs) => {
    const answer = await page({}, options);
    expect([answer.docs.length, answer]).toEqual([docs, expect.objectContaining(expected)]);
  });

  test("an estimated count leaves the filter out, custom labels rename and remove fields", async () => {
    expect(await page({ upcoming: true }, { useEstimatedCount: true })).toMatchObject({ totalDocs: 205 });
    const labels = { docs: "items", totalDocs: "n", page: false, meta: "m" };
    const renamed = await page({}, { limit: 1, customLabels: labels });
    expect(Object.keys(renamed)).toEqual(["items", "m"]);
    expect(renamed["m"]).toMatchObject({ n: 205, offset: 0, limit: 1 });
    expect(renamed["m"]).not.toHaveProperty("page");
  });

  test("a mere count looks at no other option", async () => {
    const options = { limit: 0, sort: { name: "down" }, select: 5, populate: "nope" };
    expect(await page("x", options)).toMatchObject({ totalDocs: 205, docs: [] });
    expect(await page({}, { ...options, lean: true }, V4)).toMatchObject({ totalDocs: 205 });
  });
});

describe("refusals", () => {
  const at = (kind: string, value: string, type: string, path: string) =>
    `Cast to ${kind} failed for value "${value}" (type ${type}) at path "${path}" for model "Launch"`;

  test.each<[unknown, string]>([
    [{ query: "x" }, 'Parameter "filter" to find() must be an object, got x'],
    [{ query: [{}] }, 'Parameter "filter" to find() must be an object, got [object Object]'],
    [{ query: { "cores.core": "x" } }, at("ObjectId", "x", "string", "core")],
    [{ query: { "cores.0.flight": "x" } }, at("Number", "x", "string", "flight")],
    [{ query: { crew: { $elemMatch: { crew: "x" } } } }, at("ObjectId", "x", "string", "crew")],
    [{ query: { "payloads.0": "x" } }, at("ObjectId", "x", "string", "payloads.$")],
    [{ query: { "fairings.reused": "x" } }, at("Boolean", "x", "string", "fairings.reused")],
    [{ query: { rocket: { $exists: "x" } } }, at("boolean", "x", "string", "rocket")],
    [
      { query: { flight_number: { $gt: 1, $lt: "x", $foo: 2 } } },
      at("number", "2", "number", "flight_number"),
    ],
    [{ query: { rocket: "x", flight_number: "y" } }, at("Number", "y", "string", "flight_number")],
    [{ query: { $or: [{ rocket: "x" }] } }, at("ObjectId", "x", "string", "rocket")],
    [{ query: { $or: [1] } }, at("Object", "1", "number", "$or.0")],
    [{ query: { $text: "x" } }, at("$text", "x", "string", "$text")],
    [{ query: { _id: { $regex: "^5" } } }, "Can't use $regex"],
    [{ query: { crew: { $foo: 1 } } }, "Can't use $foo with Array."],
    [{ query: { crew: 5 } }, 'Parameter "obj" to Document() must be an object, got 5'],
    [
      { query: { payloads: { $size: "x" } } },
      "The expression evaluated to a falsy value:\n\n  assert.ok(!isNaN(val))\n",
    ],
    // MongoDB's
    [{ query: { success: { $foo: 1 } } }, "unknown operator: $foo"],
    [{ query: { $elemMatch: { name: 1 } } }, "unknown top level operator: $elemMatch"],
    [{ options: { sort: { name: true } } }, "Invalid sort value: { name: true }"],
    [{ options: { sort: [["name", "x"]] } }, "Invalid sort value: [ name, x ]"],
    [{ options: { sort: ["name"] } }, "Invalid sort() argument, must be array of arrays"],
    [{ options: { sort: 5 } }, "Invalid sort() argument. Must be a string, object, or array."],
    [{ options: { select: 5 } }, "Invalid select() argument. Must be string or object."],
    [{ options: { select: "links links.patch" } }, "Path collision at links.patch remaining portion patch"],
    [{ options: { populate: 5 } }, "utils.populate: invalid path. Expected string. Got typeof `number`"],
    [
      { options: { populate: "id" } },
      "If you are populating a virtual, you must set the localField and foreignField options",
    ],
    [{ options: { collation: null } }, "Cannot convert undefined or null to object"],
  ])("%j", async (body, text) => {
    const response = await ask(body);
    expect([response.status, await response.text()]).toEqual([400, text]);
  });

  test("roadster reads its options without looking whether there are any", async () => {
    const refused = await ask({ options: null }, "/v4/roadster");
    expect([refused.status, await refused.text()]).toEqual([
      400,
      "Cannot read properties of null (reading 'select')",
    ]);
    expect((await ask({ query: null }, "/v4/roadster")).status).toBe(200);
  });
});

describe("filters", () => {
  test.each<[string, unknown, number]>([
    [V5, { "name.first": 5 }, 0],
    [V5, { "cores.nope": 5 }, 205],
    [V5, { "links.nope": 1 }, 205],
    [V5, { $comment: "x" }, 205],
    [V5, { $or: [{}] }, 205],
    [V5, { "payloads.1": { $exists: true } }, 13],
    ["/v4/dragons", { "thrusters.amount": "18" }, 0],
    ["/v4/dragons", { "thrusters.amount": 18 }, 1],
    ["/v4/rockets", { payload_weights: { $elemMatch: { kg: { $gt: 50_000 } } } }, 2],
    ["/v4/payloads", { customers: "DARPA" }, 2],
  ])("%s %j", async (path, query, total) => {
    expect(await page(query, { limit: 0 }, path)).toMatchObject({ totalDocs: total });
  });
});

describe("select, populate and lean", () => {
  test.each<[string, unknown, unknown]>([
    [V5, { select: "_id" }, { id: ID }],
    [V5, { select: "name -_id" }, { name: "CCtCap Demo Mission 2" }],
    [
      V5,
      { projection: { name: 1 }, select: "flight_number" },
      { flight_number: 94, name: "CCtCap Demo Mission 2", id: ID },
    ],
    [V5, { projection: "name flight_number", select: "-name" }, { flight_number: 94, id: ID }],
    [V5, { select: "fairings.ships" }, { fairings: { ships: [] }, id: ID }],
    [V4, { select: "crew" }, { crew: [BEHNKEN, HURLEY], id: ID }],
    [V4, { select: "crew.crew" }, { crew: [BEHNKEN, HURLEY], id: ID }],
    [V4, { select: "crew.role" }, { crew: [{ role: "Joint Commander" }, { role: "Commander" }], id: ID }],
    [V5, { select: "name", lean: true }, { _id: ID, name: "CCtCap Demo Mission 2", id: ID }],
    [V5, { select: "name", lean: true, leanWithId: false }, { _id: ID, name: "CCtCap Demo Mission 2" }],
    [
      V5,
      { select: "name", populate: { path: "rocket", select: "name" } },
      { name: "CCtCap Demo Mission 2", rocket: { name: "Falcon 9", id: "5e9d0d95eda69973a809d1ec" }, id: ID },
    ],
    [
      V5,
      { select: "rocket", populate: "rocket.nope name links" },
      { rocket: "5e9d0d95eda69973a809d1ec", name: "CCtCap Demo Mission 2", id: ID, links: expect.anything() },
    ],
    [V5, { select: "-_id rocket", populate: { path: "rocket", match: { name: "x" } } }, { rocket: null }],
    [
      V5,
      { select: "payloads", populate: { path: "payloads", match: { name: "x" } } },
      { payloads: [], id: ID },
    ],
    [
      V5,
      { select: "rocket", lean: true, populate: { path: "rocket", select: "name" } },
      { _id: ID, rocket: { _id: "5e9d0d95eda69973a809d1ec", name: "Falcon 9" }, id: ID },
    ],
  ])("%s %j", async (path, options, expected) => {
    expect((await page(CREWED, options, path)).docs).toEqual([expected]);
  });

  const PATHS: Readonly<Record<string, string>> = {
    capsules: "launches dragon",
    cores: "launches",
    crew: "launches",
    ships: "launches",
    landpads: "launches",
    launchpads: "rockets launches",
    payloads: "launch dragon.capsule",
    starlink: "launch",
  };
  test.each(Object.entries(PATHS))("%s: %s become records, as they are listed", async (name, paths) => {
    const [record] = (await page({}, { limit: 1, populate: paths }, `/v4/${name}`)).docs;
    const [plain] = (await page({}, { limit: 1 }, `/v4/${name}`)).docs;
    for (const path of paths.split(" ")) {
      const at = (from: unknown) => path.split(".").reduce((value, key) => (value as Item)?.[key], from);
      const [ids, found] = [[at(plain)].flat(), [at(record)].flat()];
      const idsFound = found.map((one) => (one as Item | null | undefined)?.["id"] ?? one);
      expect([path, idsFound]).toEqual([path, ids]);
    }
  });

  test("a dangling id is null alone, leaves an array, and leaves a seat in version 4", async () => {
    const launch = {
      id: ID,
      flight_number: 1,
      upcoming: false,
      rocket: "0".repeat(24),
      payloads: ["0".repeat(24)],
      crew: [{ crew: "0".repeat(24), role: "Pilot" }],
    };
    await using own = await startSimulator();
    own.replace("launches", [launch]);
    const answer = async (path: string, populate: unknown) => {
      const response = await fetch(`${own.url}${path}/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ options: { populate } }),
      });
      return ((await response.json()) as Page).docs[0];
    };
    expect(await answer(V5, "rocket payloads crew.crew")).toMatchObject({
      rocket: null,
      payloads: [],
      crew: [{ crew: null, role: "Pilot" }],
    });
    const seat = [{ crew: null, role: "Pilot" }];
    for (const populate of ["crew", { path: "crew" }, [{ path: "crew" }], "rocket crew"])
      expect(await answer(V4, populate)).toMatchObject({ crew: seat });
    expect(await answer(V4, ["crew"])).toMatchObject({ crew: ["0".repeat(24)] });
  });

  test("populated records are sorted, cut and populated in their turn", async () => {
    const launches = { path: "launches", select: "name", options: { sort: { name: -1 }, limit: 2 } };
    const launchpad = { path: "launchpad", select: "name", populate: launches };
    const { docs } = await page(FIRST, { select: "name", populate: launchpad });
    const pad = docs[0]?.["launchpad"] as { launches: { name: string }[] };
    expect(pad.launches.map(({ name }) => name)).toEqual(["Trailblazer", "RazakSat"]);
    const unknown = await ask({
      query: FIRST,
      options: { populate: { path: "launchpad", populate: "nope" } },
    });
    expect([unknown.status, await unknown.text()]).toEqual([
      400,
      expect.stringMatching(/^Cannot populate path `nope`/),
    ]);
    expect((await ask({ query: { name: "none" }, options: { populate: "nope" } })).status).toBe(200);
  });
});
