import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../server/index.ts";

type Item = Record<string, unknown>;
interface Page extends Item {
  readonly docs: Item[];
  readonly totalDocs: number;
}

let simulator: Simulator;
let launches: Item[];
beforeAll(async () => {
  simulator = await startSimulator();
  launches = (await (await fetch(`${simulator.url}/v5/launches`)).json()) as Item[];
});
afterAll(() => simulator.close());

async function post(path: string, body: unknown, type = "application/json"): Promise<Response> {
  return await fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: type === "" ? {} : { "content-type": type },
    body: body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function query(filter: unknown, options: unknown = {}, path = "/v5/launches"): Promise<Page> {
  const response = await post(`${path}/query`, { query: filter, options });
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}

async function total(filter: unknown, path?: string): Promise<number> {
  return (await query(filter, { limit: 0 }, path)).totalDocs;
}

async function refusal(body: unknown, path = "/v5/launches"): Promise<string> {
  const response = await post(`${path}/query`, body);
  expect([response.status, response.headers.get("content-type")]).toEqual([400, "text/plain; charset=utf-8"]);
  return await response.text();
}

function envelope({ docs, ...rest }: Page): Item {
  return { docs: docs.length, ...rest };
}

describe("the envelope", () => {
  test("defaults: ten records, offset 0", async () => {
    const page = await query({});
    expect(Object.keys(page)).toEqual([
      "docs",
      "totalDocs",
      "offset",
      "limit",
      "totalPages",
      "page",
      "pagingCounter",
      "hasPrevPage",
      "hasNextPage",
      "prevPage",
      "nextPage",
    ]);
    expect(envelope(page)).toEqual({
      docs: 10,
      totalDocs: 205,
      offset: 0,
      limit: 10,
      totalPages: 21,
      page: 1,
      pagingCounter: 1,
      hasPrevPage: false,
      hasNextPage: true,
      prevPage: null,
      nextPage: 2,
    });
  });

  test("with a page there is no offset; beyond the end there are no records", async () => {
    const last = await query({}, { page: 21 });
    expect(envelope(last)).toMatchObject({
      docs: 5,
      page: 21,
      pagingCounter: 201,
      hasNextPage: false,
      prevPage: 20,
    });
    expect(last).not.toHaveProperty("offset");
    const beyond = await query({}, { page: 99, limit: 50 });
    expect(envelope(beyond)).toMatchObject({
      docs: 0,
      totalPages: 5,
      page: 99,
      hasPrevPage: true,
      hasNextPage: false,
    });
    expect(envelope(await query({}, { page: -3 }))).toMatchObject({ page: 1, hasPrevPage: false });
    expect(envelope(await query({}, { page: "x" }))).toMatchObject({
      docs: 10,
      page: null,
      pagingCounter: null,
    });
  });

  test("an offset wins over a page and reports approximate pages", async () => {
    const page = await query({}, { offset: 15, page: 9, limit: 10 });
    expect(envelope(page)).toMatchObject({ docs: 10, offset: 15, page: 2, pagingCounter: 11, prevPage: 1 });
    expect(page.docs[0]).toEqual(launches[15]);
    expect(envelope(await query({}, { offset: 3 }))).toMatchObject({
      page: 1,
      hasPrevPage: true,
      prevPage: 1,
    });
    expect(await refusal({ options: { offset: -1 } })).toContain("skip");
  });

  test("a limit of 0, below 0, null or no number only counts", async () => {
    for (const limit of [0, -5, null, "many"]) {
      expect(envelope(await query({ success: true }, { limit }))).toEqual({
        docs: 0,
        totalDocs: 181,
        offset: 0,
        limit: 0,
        totalPages: 1,
        page: 1,
        pagingCounter: 1,
        hasPrevPage: false,
        hasNextPage: false,
        prevPage: null,
        nextPage: null,
      });
    }
    expect((await query({}, { limit: "3" })).docs).toHaveLength(3);
    expect((await query({}, { limit: 1_000 })).docs).toHaveLength(205);
  });

  test("pagination false returns everything; only the JSON value counts", async () => {
    const page = await query({ upcoming: true }, { pagination: false, limit: 2, page: 3 });
    expect(envelope(page)).toMatchObject({ docs: 18, totalDocs: 18, limit: 18, totalPages: 1, page: 1 });
    expect((await query({}, { pagination: "false" })).docs).toHaveLength(10);
  });

  test("no match is an empty page", async () => {
    expect(envelope(await query({ name: "nothing" }))).toMatchObject({
      docs: 0,
      totalDocs: 0,
      totalPages: 1,
    });
  });

  test("records keep their own bytes", async () => {
    const list = await (await fetch(`${simulator.url}/v4/rockets`)).text();
    const answer = await (await post("/v4/rockets/query", {})).text();
    expect(answer.slice('{"docs":'.length).startsWith(list)).toBe(true);
  });
});

describe("filters", () => {
  test("unknown fields, id and unknown operators are dropped without a word", async () => {
    expect(await total({ id: "5eb87cd9ffd86e000604b32a" })).toBe(205);
    expect(await total({ sucess: true })).toBe(205);
    expect(await total({ options: { limit: 1 } })).toBe(205);
    expect(await total({ $nope: 1 })).toBe(205);
    expect(await total({ $or: [{ typo: 1 }, { success: false }] })).toBe(205);
    expect(await total({ _id: "5EB87CD9FFD86E000604B32A" })).toBe(1);
  });

  test("values are cast to the type of the field", async () => {
    expect(await total({ flight_number: "188" })).toBe(4);
    expect(await total({ success: "no" })).toBe(5);
    expect(await total({ success: 0 })).toBe(5);
    expect(await total({ flight_number: [1, "2"] })).toBe(2);
    expect(await total({ flight_number: { $in: ["1", 2] } })).toBe(2);
    expect(await total({ name: 5 })).toBe(0);
  });

  test("operators work on fields, arrays and nested documents", async () => {
    const upcoming = launches.filter((launch) => launch["upcoming"] === true).length;
    expect(await total({ upcoming: { $ne: false } })).toBe(upcoming);
    expect(await total({ success: null })).toBe(19);
    expect(await total({ details: { $exists: true } })).toBe(205);
    expect(await total({ fairings: null })).toBe(36);
    expect(await total({ "links.article": null })).toBe(63);
    expect(
      await total({ date_utc: { $gte: "2022-01-01T00:00:00.000Z", $lte: "2022-01-31T23:59:59.999Z" } }),
    ).toBe(launches.filter((launch) => String(launch["date_utc"]).startsWith("2022-01")).length);
    expect(await total({ name: { $regex: "^starlink", $options: "i" } })).toBe(
      launches.filter((launch) => /^starlink/i.test(String(launch["name"]))).length,
    );
    const core = "5e9e289df35918033d3b2623";
    expect(await total({ "cores.core": core })).toBe(1);
    expect(await total({ cores: { $elemMatch: { core, flight: "1", typo: 1 } } })).toBe(1);
    expect(await total({ cores: { $size: 3 } })).toBe(
      launches.filter(({ cores }) => (cores as unknown[]).length === 3).length,
    );
    expect(await total({ "cores.0.landing_type": "RTLS" })).toBeGreaterThan(20);
    expect(await total({ $and: [{ success: true }, { flight_number: { $lt: 10 } }] })).toBe(6);
    expect(await total({ $nor: [{ success: true }, { upcoming: true }] })).toBe(6);
    expect(await total({ flight_number: { $not: { $gt: 3 } } })).toBe(3);
    expect(await total({ date_precision: "bogus" })).toBe(0);
    expect(await total({ payloads: "5eb0e4b5b6c3bb0006eeb1e1" })).toBe(1);
    expect(await total({ "crew.crew": "5ebf1a6e23a9a60006e03a7a" }, "/v4/launches")).toBe(1);
  });

  test("text search goes over the indexed fields", async () => {
    expect(await total({ $text: { $search: "falconsat" } })).toBe(1);
    expect(await refusal({ query: { $text: { $search: "x" } } }, "/v4/starlink")).toContain(
      "text index required",
    );
  });

  test("a value that does not fit is refused with the API's text", async () => {
    expect(await refusal({ query: { rocket: "abc" } })).toBe(
      'Cast to ObjectId failed for value "abc" (type string) at path "rocket" for model "Launch"',
    );
    expect(await refusal({ query: { flight_number: "x" } })).toBe(
      'Cast to Number failed for value "x" (type string) at path "flight_number" for model "Launch"',
    );
    expect(await refusal({ query: { success: "maybe" } })).toBe(
      'Cast to Boolean failed for value "maybe" (type string) at path "success" for model "Launch"',
    );
    expect(await refusal({ query: { flight_number: { $near: 3 } } })).toMatch(
      /^Cast to number failed for value "3"/,
    );
    expect(await refusal({ query: { name: { $near: 3 } } })).toBe("Can't use $near with String.");
    expect(await refusal({ query: { _id: { $in: ["abc"] } } }, "/v4/crew")).toContain('for model "Crew"');
    expect(await refusal({ query: { $or: [] } })).toBe("$and/$or/$nor must be a nonempty array");
    expect(await refusal({ query: { $or: 1 } })).toContain("Cast to Array failed");
    expect(await refusal({ query: { crew: "5ebf1a6e23a9a60006e03a7a" } }, "/v4/launches")).toMatch(
      /^Parameter "obj" to Document\(\) must be an object, got/,
    );
    expect(await refusal({ query: { name: { $regex: "(" } } })).toContain("regular expression");
    expect(await refusal({ query: { $expr: { $nope: [1] } } })).not.toBe("");
    expect(await refusal({ query: { $where: "true" } })).toContain("$where");
  });
});

describe("sort, select and populate", () => {
  test("sorts by text, object or pairs", async () => {
    const orders = [
      "-flight_number",
      { flight_number: "desc" },
      { flight_number: -1 },
      [["flight_number", -1]],
    ];
    for (const sort of orders) {
      const { docs } = await query({ upcoming: false }, { sort, limit: 2 });
      expect(docs.map((launch) => launch["flight_number"])).toEqual([187, 186]);
    }
    const ids = (await query({}, { sort: "date_precision -_id", pagination: false })).docs;
    const expected = [...launches].sort(
      (a, b) =>
        String(a["date_precision"]).localeCompare(String(b["date_precision"])) ||
        (String(a["id"]) < String(b["id"]) ? 1 : -1),
    );
    expect(ids.map((launch) => launch["id"])).toEqual(expected.map((launch) => launch["id"]));
    expect(await refusal({ options: { sort: { flight_number: "down" } } })).toBe(
      "Invalid sort value: { flight_number: down }",
    );
  });

  test("pages sorted by _id cover every record once", async () => {
    const seen: unknown[] = [];
    for (let page = 1; page <= 5; page++) {
      seen.push(
        ...(await query({}, { sort: { _id: 1 }, page, limit: 50 })).docs.map((launch) => launch["id"]),
      );
    }
    expect(seen).toEqual(launches.map((launch) => String(launch["id"])).sort());
  });

  test("select keeps or drops fields; the id stays unless it is dropped", async () => {
    const first = async (select: unknown) => (await query({ flight_number: 1 }, { select })).docs[0];
    const id = "5eb87cd9ffd86e000604b32a";
    expect(await first("name flight_number")).toEqual({ flight_number: 1, name: "FalconSat", id });
    expect(await first({ name: 1, _id: 0 })).toEqual({ name: "FalconSat" });
    expect(await first(["links.patch.small", "cores.flight"])).toEqual({
      links: { patch: { small: "https://images2.imgbox.com/94/f2/NN6Ph45r_o.png" } },
      cores: [{ flight: 1 }],
      id,
    });
    const without = await first("-links -cores.core");
    expect(without).not.toHaveProperty("links");
    expect(without?.["cores"]).toEqual([expect.not.objectContaining({ core: expect.anything() })]);
    expect(await refusal({ options: { select: "name -links" } })).toBe(
      "Cannot do exclusion and inclusion in projection.",
    );
  });

  test("populate replaces ids by records", async () => {
    const { docs } = await query(
      { flight_number: 1 },
      { populate: ["rocket", { path: "payloads", select: { name: 1, _id: 0 } }, "cores.core"] },
    );
    expect(docs[0]).toMatchObject({
      rocket: { name: "Falcon 1" },
      payloads: [{ name: "FalconSAT-2" }],
      cores: [{ core: { serial: "Merlin1A" }, flight: 1 }],
    });
    const dangling = await query(
      { launch: "6161c7d26db1a92bfba85346" },
      { populate: "launch" },
      "/v4/payloads",
    );
    expect(dangling.docs[0]).toMatchObject({ launch: null });
    expect(await refusal({ options: { populate: "nope" } })).toMatch(/^Cannot populate path `nope` because/);
    const filter = { "crew.crew": "5ebf1a6e23a9a60006e03a7a" };
    const v5 = await query(filter, { populate: "crew" });
    expect(v5.docs[0]?.["crew"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ role: expect.any(String) })]),
    );
    const v4 = await query(filter, { populate: "crew" }, "/v4/launches");
    expect(v4.docs[0]).toMatchObject({
      crew: expect.arrayContaining([expect.objectContaining({ name: "Robert Behnken" })]),
    });
  });

  test("lean adds _id, except in version 4 of launches", async () => {
    const { docs } = await query({}, { lean: true, limit: 1 });
    expect(docs[0]?.["_id"]).toBe(docs[0]?.["id"]);
    expect(await refusal({ options: { lean: true } }, "/v4/launches")).toBe(
      "launch.toObject is not a function",
    );
  });
});

describe("bodies", () => {
  test("without the right content type a body is ignored", async () => {
    for (const type of ["", "text/plain"]) {
      const page = (await (
        await post("/v5/launches/query", Buffer.from('{"query":{"success":false}}'), type)
      ).json()) as Page;
      expect([page.totalDocs, page.docs.length]).toEqual([205, 10]);
    }
    const form = await post(
      "/v5/launches/query",
      "query[success]=false&options[limit]=2",
      "application/x-www-form-urlencoded",
    );
    expect(await form.json()).toMatchObject({ totalDocs: 5, limit: 2 });
  });

  test("empty, null and missing parts count as empty", async () => {
    for (const body of ["", "{}", '{"query":null,"options":null}', "[]"]) {
      expect(await (await post("/v5/launches/query", body)).json()).toMatchObject({ totalDocs: 205 });
    }
  });

  test("malformed, scalar and oversized bodies are refused as text", async () => {
    expect(await refusal("{")).toMatch(/JSON/);
    expect(await refusal("3")).toBe("invalid JSON, only supports object and array");
    const large = await post(
      "/v5/launches/query",
      JSON.stringify({ query: { name: "x".repeat(1_100_000) } }),
    );
    expect([large.status, await large.text()]).toEqual([413, "request entity too large"]);
  });

  test("roadster answers the object, or 204 if it does not match", async () => {
    const found = await post("/v4/roadster/query", {
      query: { norad_id: 43205 },
      options: { select: "name" },
    });
    expect(await found.json()).toEqual({
      name: "Elon Musk's Tesla Roadster",
      id: "5eb75f0842fea42237d7f3f4",
    });
    const missing = await post("/v4/roadster/query", { query: { name: "other" } });
    expect([missing.status, await missing.text()]).toEqual([204, ""]);
  });
});
