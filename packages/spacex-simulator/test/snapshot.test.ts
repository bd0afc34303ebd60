import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { collectionNames, collections } from "@spacex-etl/spacex-client/tables";
import { beforeAll, describe, expect, test } from "vitest";
import { provenancePage } from "../scripts/snapshot/provenance.ts";
import { makeSnapshot } from "../scripts/snapshot/snapshot.ts";
import { readSource } from "../scripts/snapshot/source-records.ts";
import { embeddedSnapshot } from "../src/index.ts";

type Item = Record<string, unknown>;

const SHARED = fileURLToPath(new URL("../../../../shared/data/spacex", import.meta.url));
const present = existsSync(SHARED);
if (!present) process.stderr.write(`SKIPPED: making the snapshot again, because ${SHARED} is missing\n`);
const FOLDER = new URL("../snapshot/", import.meta.url);

const items = new Map<string, Item[]>();
const of = (name: string) => items.get(name) ?? [];

beforeAll(async () => {
  for (const [name, list] of (await embeddedSnapshot()).collections) {
    items.set(
      name,
      Array.from(
        { length: list.length },
        (_, index) => JSON.parse(Buffer.from(list.record(index)).toString()) as Item,
      ),
    );
  }
});

describe("the embedded snapshot", () => {
  test("holds all collections, valid to the last record", () => {
    expect([...items.keys()].sort()).toEqual([...collectionNames].sort());
    const counts = Object.fromEntries([...items].map(([name, records]) => [name, records.length]));
    expect(counts).toEqual({
      capsules: 21,
      company: 1,
      cores: 78,
      crew: 30,
      dragons: 2,
      history: 15,
      landpads: 7,
      launches: 205,
      launchpads: 6,
      payloads: 225,
      roadster: 1,
      rockets: 4,
      ships: 29,
      starlink: 1445,
    });
    for (const name of collectionNames) {
      for (const item of of(name)) collections[name].schema.parse(item);
      expect(new Set(of(name).map((item) => item["id"])).size).toBe(of(name).length);
    }
  });

  test("is below 1 MB and says where it is from", () => {
    const files = readdirSync(FOLDER);
    expect(files.reduce((sum, file) => sum + statSync(new URL(file, FOLDER)).size, 0)).toBeLessThan(
      1_000_000,
    );
    const page = readFileSync(new URL("PROVENANCE.md", FOLDER), "utf8");
    for (const name of collectionNames) expect(page).toContain(`| ${name} | ${of(name).length} |`);
  });

  test("holds no free text and no orbit of Space-Track", () => {
    const texts = ["details", "description", "summary", "last_update"];
    for (const records of items.values()) {
      for (const item of records) for (const field of texts) expect(item[field] ?? null).toBeNull();
    }
    expect(of("history").every((event) => event["title"] === null)).toBe(true);
    for (const launch of of("launches")) {
      for (const failure of launch["failures"] as Item[]) expect(failure).not.toHaveProperty("reason");
    }
    for (const satellite of of("starlink")) {
      expect(satellite["spaceTrack"]).toMatchObject({ COMMENT: "GENERATED ELEMENTS, NOT AN OBSERVATION" });
    }
  });

  test("its links resolve, but for the three launches that are gone in the API too", () => {
    const ids = new Map(
      [...items].map(([name, records]) => [name, new Set(records.map((item) => item["id"]))]),
    );
    const dangling = (name: string, linked: readonly unknown[]) =>
      [...new Set(linked)].filter((id) => id !== null && ids.get(name)?.has(id) !== true);
    const launches = of("launches") as {
      [key: string]: unknown;
      cores: Item[];
      crew: Item[];
      fairings: Item | null;
    }[];
    const all = (field: string) => launches.flatMap((launch) => launch[field] as unknown[]);
    expect(dangling("capsules", all("capsules"))).toEqual([]);
    expect(
      dangling("ships", [...all("ships"), ...launches.flatMap(({ fairings }) => fairings?.["ships"] ?? [])]),
    ).toEqual([]);
    expect(dangling("payloads", all("payloads"))).toEqual([]);
    expect(
      dangling(
        "cores",
        launches.flatMap(({ cores }) => cores.map((core) => core["core"])),
      ),
    ).toEqual([]);
    expect(
      dangling(
        "crew",
        launches.flatMap(({ crew }) => crew.map((seat) => seat["crew"])),
      ),
    ).toEqual([]);
    const capsules = of("payloads").map((payload) => (payload["dragon"] as Item)["capsule"]);
    expect(dangling("capsules", capsules)).toEqual([]);
    expect(
      dangling(
        "launches",
        of("starlink").map((satellite) => satellite["launch"]),
      ),
    ).toEqual([]);
    expect(
      dangling(
        "launches",
        of("payloads").map((payload) => payload["launch"]),
      ),
    ).toHaveLength(3);
    for (const name of ["cores", "crew", "capsules", "ships", "landpads", "launchpads"]) {
      expect(
        dangling(
          "launches",
          of(name).flatMap((item) => item["launches"] as unknown[]),
        ),
      ).toEqual([]);
    }
  });
});

describe.runIf(present)("made again from the recorded answers", () => {
  test("it is the same, and so is its page", () => {
    const made = makeSnapshot(readSource(SHARED));
    for (const { name, records } of made) {
      expect([name, JSON.parse(JSON.stringify(records))]).toEqual([name, of(name)]);
    }
    expect(readFileSync(new URL("PROVENANCE.md", FOLDER), "utf8")).toBe(provenancePage(made));
  });

  test("what is kept of a launch is what was recorded", () => {
    const recorded = JSON.parse(readFileSync(`${SHARED}/launches.json`, "utf8")) as (Item & {
      failures: Item[];
    })[];
    const expected = recorded.map((launch) => ({
      ...launch,
      details: null,
      failures: launch.failures.map(({ time, altitude }) => ({ time, altitude })),
    }));
    expect(of("launches")).toEqual(expected);
  });
});
