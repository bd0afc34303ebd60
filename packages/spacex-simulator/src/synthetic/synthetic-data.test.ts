import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { collectionNames, collections } from "@spacex-etl/spacex-client/tables";
import { describe, expect, test } from "vitest";
import type { RecordList, SimulatorData } from "../data/index.ts";
import { startSimulator } from "../server/index.ts";
import { digitSum } from "./orbit.ts";
import { syntheticData } from "./index.ts";

type Item = Record<string, unknown>;

function listOf(data: SimulatorData, name: string): RecordList {
  const list = data.collections.get(name);
  if (list === undefined) throw new Error(`no ${name}`);
  return list;
}

function itemsOf(data: SimulatorData, name: string): Item[] {
  const list = listOf(data, name);
  return Array.from({ length: list.length }, (_, index) => JSON.parse(text(list.record(index))) as Item);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function bodyHash(list: RecordList): string {
  const hash = createHash("sha256");
  for (const chunk of list.chunks(0, list.length)) hash.update(chunk);
  return hash.digest("hex");
}

describe("a synthetic corpus", () => {
  const data = syntheticData({ records: 1_300, seed: 5 });

  test("has the sizes that its options ask for", () => {
    const sizes = Object.fromEntries(collectionNames.map((name) => [name, listOf(data, name).length]));
    expect(sizes).toMatchObject({ launches: 1_300, payloads: 1_300, starlink: 1_300, cores: 433, crew: 130 });
    expect(sizes).toMatchObject({
      capsules: 130,
      ships: 130,
      rockets: 4,
      company: 1,
      history: 15,
      landpads: 7,
    });
  });

  test("is the same for the same options and another for others", () => {
    const again = syntheticData({ records: 1_300, seed: 5 });
    const other = syntheticData({ records: 1_300, seed: 6 });
    for (const name of ["launches", "payloads", "starlink", "cores", "ships"]) {
      const list = listOf(data, name);
      expect(bodyHash(listOf(again, name))).toBe(bodyHash(list));
      expect(bodyHash(listOf(other, name))).not.toBe(bodyHash(list));
      expect([
        listOf(again, name).digest === list.digest,
        listOf(other, name).digest === list.digest,
      ]).toEqual([true, false]);
    }
  });

  test("every record is valid, has an id of its own, and is found by it", () => {
    for (const name of collectionNames) {
      const list = listOf(data, name);
      const ids = new Set<unknown>();
      itemsOf(data, name).forEach((item, index) => {
        const parsed = collections[name].schema.safeParse(item);
        expect([name, index, parsed.error?.message]).toEqual([name, index, undefined]);
        expect(item["id"]).toMatch(/^[0-9a-f]{24}$/);
        expect(list.indexOf(String(item["id"]))).toBe(index);
        ids.add(item["id"]);
      });
      expect(ids.size).toBe(list.length);
      expect(list.indexOf("0".repeat(24))).toBe(-1);
    }
  });

  test("records are of the real size, and pieces of a list join to its records", () => {
    const average = (name: string) => listOf(data, name).bytes / listOf(data, name).length;
    expect(average("launches")).toBeGreaterThan(1_800);
    expect(average("launches")).toBeLessThan(2_300);
    expect(average("starlink")).toBeGreaterThan(1_200);
    const list = listOf(data, "launches");
    const joined = Buffer.concat([...list.chunks(7, 900)]).toString();
    const expected = Array.from({ length: 893 }, (_, index) => text(list.record(index + 7))).join(",");
    expect(joined).toBe(expected);
  });

  test("both sides of every link agree", () => {
    const launches = itemsOf(data, "launches");
    const past = new Set(
      launches.filter((launch) => launch["upcoming"] === false).map((launch) => launch["id"]),
    );
    const linkedFrom = (idsOf: (launch: Item) => unknown[]) => {
      const links = new Map<unknown, unknown[]>();
      for (const launch of launches.filter(({ id }) => past.has(id))) {
        for (const id of new Set(idsOf(launch))) links.set(id, [...(links.get(id) ?? []), launch["id"]]);
      }
      return links;
    };
    const cores = (launch: Item) => (launch["cores"] as Item[]).map((core) => core["core"]);
    const crew = (launch: Item) => (launch["crew"] as Item[]).map((seat) => seat["crew"]);
    const sides = [
      ["cores", linkedFrom(cores)],
      ["crew", linkedFrom(crew)],
      ["capsules", linkedFrom((launch) => launch["capsules"] as unknown[])],
      ["ships", linkedFrom((launch) => launch["ships"] as unknown[])],
    ] as const;
    for (const [name, links] of sides) {
      for (const item of itemsOf(data, name)) {
        expect([name, item["id"], item["launches"]]).toEqual([name, item["id"], links.get(item["id"]) ?? []]);
        links.delete(item["id"]);
      }
      expect([name, links.size]).toEqual([name, 0]);
    }
    const payloads = new Map(itemsOf(data, "payloads").map((payload) => [payload["id"], payload]));
    for (const launch of launches) {
      for (const id of launch["payloads"] as string[]) {
        expect(payloads.get(id)).toMatchObject({ launch: launch["id"] });
        payloads.delete(id);
      }
    }
    expect(payloads.size).toBe(0);
    const flights = launches
      .flatMap((launch) => launch["cores"] as Item[])
      .filter((core) => core["core"] !== null);
    expect(flights.every((core) => Number(core["flight"]) >= 1)).toBe(true);
  });

  test("holds what breaks careless readers", () => {
    const body = text(Buffer.concat([...listOf(data, "launches").chunks(0, 1_300)]));
    for (const odd of ["\u00a0", "打ち上げ", "🚀", '\\"hot fire\\"', '"details":""', "]}{["])
      expect(body).toContain(odd);
    expect(text(Buffer.concat([...listOf(data, "payloads").chunks(0, 1_300)]))).toMatch(/"mass_kg":1350\.0,/);
    const launches = itemsOf(data, "launches");
    const upcoming = launches.filter((launch) => launch["upcoming"] === true);
    expect(upcoming.length).toBe(Math.round((1_300 * 18) / 205));
    const nulls = launches.filter((launch) => launch["fairings"] === null).length / 1_300;
    expect(nulls).toBeCloseTo(0.2, 1);
    const numbers = launches.map((launch) => Number(launch["flight_number"]));
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
    expect(new Set(numbers).size).toBeLessThan(numbers.length);
  });

  test("two-line elements have right checksums, also with letters in the number", () => {
    const list = listOf(syntheticData({ records: 300_000 }), "starlink");
    for (const index of [0, 999, 55_764, 55_765, 80_000, 200_000]) {
      const satellite = JSON.parse(text(list.record(index))) as { spaceTrack: Record<string, unknown> };
      const { NORAD_CAT_ID, OBJECT_ID, TLE_LINE1, TLE_LINE2 } = satellite.spaceTrack;
      for (const line of [TLE_LINE1, TLE_LINE2].map(String)) {
        expect([index, line.length, digitSum(line.slice(0, -1)) % 10]).toEqual([
          index,
          69,
          Number(line.at(-1)),
        ]);
      }
      expect(String(TLE_LINE1).slice(9, 17).trim()).toBe(String(OBJECT_ID).slice(2).replace("-", ""));
      if (Number(NORAD_CAT_ID) < 100_000) expect(String(TLE_LINE1).slice(2, 7)).toBe(String(NORAD_CAT_ID));
    }
    expect(JSON.parse(text(list.record(299_999)))).toMatchObject({
      spaceTrack: { TLE_LINE1: null, NORAD_CAT_ID: 344_234 },
    });
  });

  test("exists in every small size, and not in impossible ones", () => {
    for (const records of [0, 1, 2, 3, 7, 19, 41]) {
      const small = syntheticData({ records });
      for (const name of collectionNames) {
        for (const item of itemsOf(small, name)) collections[name].schema.parse(item);
      }
    }
    for (const records of [-1, 1.5, Number.NaN, 20_000_000]) {
      expect(() => syntheticData({ records })).toThrow(expect.objectContaining({ exitCode: 2 }));
    }
  });
});

describe("a large corpus over HTTP", () => {
  test("is counted, paged, filtered by id and read back", async () => {
    await using simulator = await startSimulator({ data: syntheticData({ records: 150_000 }) });
    const query = async (body: unknown) =>
      await fetch(`${simulator.url}/v5/launches/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect(await (await query({ options: { limit: 0 } })).json()).toMatchObject({
      totalDocs: 150_000,
      docs: [],
    });
    const page = (await (await query({ options: { page: 1_000, limit: 100, sort: { _id: 1 } } })).json()) as {
      docs: Item[];
    };
    expect(page.docs).toHaveLength(100);
    const [first] = page.docs;
    const one = await fetch(`${simulator.url}/v5/launches/${String(first?.["id"])}`);
    expect(await one.json()).toEqual(first);
    const last = (await (await query({ options: { limit: 1, sort: "-_id" } })).json()) as { docs: Item[] };
    expect(last.docs[0]).toMatchObject({ upcoming: true });
    const scanned = await query({ query: { success: false } });
    expect([scanned.status, await scanned.text()]).toEqual([
      400,
      expect.stringContaining("at most 100000 records"),
    ]);
    const next = (await (await fetch(`${simulator.url}/v5/launches/next`)).json()) as Item;
    expect(next["upcoming"]).toBe(true);
  });

  test("arrives as it was made, whatever the client's pace", async () => {
    const data = syntheticData({ records: 5_000 });
    await using simulator = await startSimulator({ data });
    const expected = createHash("sha256").update("[");
    for (const chunk of listOf(data, "launches").chunks(0, 5_000)) expected.update(chunk);
    const digest = expected.update("]").digest("hex");
    const download = async (pause: boolean) => {
      const hash = createHash("sha256");
      const response = await fetch(`${simulator.url}/v5/launches`);
      let pieces = 0;
      for await (const piece of response.body ?? []) {
        hash.update(piece);
        if (pause && ++pieces % 20 === 0) await setImmediate();
      }
      return hash.digest("hex");
    };
    expect(await Promise.all([download(true), download(false), download(true)])).toEqual([
      digest,
      digest,
      digest,
    ]);
  });

  test("its ETag stands for the options", async () => {
    await using simulator = await startSimulator({ data: syntheticData({ records: 20_000 }) });
    const etag = (await fetch(`${simulator.url}/v5/launches`, { method: "HEAD" })).headers.get("etag") ?? "";
    const headers = { "if-none-match": etag, "cache-control": "max-age=0" };
    expect((await fetch(`${simulator.url}/v5/launches`, { headers })).status).toBe(304);
    await using other = await startSimulator({ data: syntheticData({ records: 20_000, seed: 2 }) });
    expect((await fetch(`${other.url}/v5/launches`, { method: "HEAD", headers })).status).toBe(200);
  });
});
