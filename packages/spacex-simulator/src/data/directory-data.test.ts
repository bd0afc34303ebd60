import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collections } from "@spacex-etl/spacex-client/tables";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startSimulator } from "../server/index.ts";
import { directoryData } from "./index.ts";

const SHARED = fileURLToPath(new URL("../../../../../shared/data/spacex", import.meta.url));
const present = existsSync(SHARED);
if (!present) process.stderr.write(`SKIPPED: replay of recorded answers, because ${SHARED} is missing\n`);

describe.runIf(present)("recorded answers", () => {
  const records = {
    cores: 73,
    crew: 18,
    landpads: 7,
    launches: 205,
    launchpads: 6,
    payloads: 225,
    rockets: 4,
    starlink: 1445,
  };

  test("are replayed byte for byte, without the line ends of the files", async () => {
    await using simulator = await startSimulator({ data: await directoryData(SHARED) });
    const recorded = { ...records, "launches-v4": 205, company: 1, roadster: 1 };
    for (const [name, count] of Object.entries(recorded)) {
      const lines = readFileSync(join(SHARED, `${name}.json`), "utf8").replaceAll("\n", "");
      const single = name === "company" || name === "roadster";
      const expected = Buffer.from(single ? lines.slice(1, -1) : lines);
      const route =
        name === "launches-v4" ? "/v4/launches" : name === "launches" ? "/v5/launches" : `/v4/${name}`;
      const body = Buffer.from(await (await fetch(simulator.url + route)).arrayBuffer());
      expect([name, body.equals(expected)]).toEqual([name, true]);
      const parsed: unknown = JSON.parse(body.toString());
      expect([name, Array.isArray(parsed) ? parsed.length : 1]).toEqual([name, count]);
    }
  });

  test("have the ETag that the API sent for the same bytes", async () => {
    await using simulator = await startSimulator({ data: await directoryData(SHARED) });
    const body = readFileSync(join(SHARED, "launches-v4.json"), "utf8").replaceAll("\n", "");
    const etag = (await fetch(`${simulator.url}/v4/launches`, { method: "HEAD" })).headers.get("etag") ?? "";
    expect(etag.split("-", 1)[0]).toBe(`"${Buffer.byteLength(body).toString(16)}`);
  });

  test("a missing file makes all routes of the collection 404, never an empty list", async () => {
    await using simulator = await startSimulator({ data: await directoryData(SHARED) });
    for (const name of ["capsules", "dragons", "history", "ships"]) {
      for (const path of [`/v4/${name}`, `/v4/${name}/5eb87cd9ffd86e000604b32a`]) {
        const response = await fetch(simulator.url + path);
        expect([path, response.status, await response.text()]).toEqual([path, 404, "Not Found"]);
      }
      expect((await fetch(`${simulator.url}/v4/${name}/query`, { method: "POST" })).status).toBe(404);
    }
  });

  test("agree with the schemas, and one record has the bytes of its line", async () => {
    const data = await directoryData(SHARED);
    await using simulator = await startSimulator({ data });
    for (const name of Object.keys(records) as (keyof typeof records)[]) {
      const list = data.collections.get(name);
      for (let index = 0; index < (list?.length ?? 0); index++) {
        collections[name].schema.parse(JSON.parse(Buffer.from(list?.record(index) ?? []).toString()));
      }
    }
    const line = readFileSync(join(SHARED, "payloads.json"), "utf8").split("\n")[9] ?? "";
    const { id } = JSON.parse(line.replace(/,$/, "")) as { id: string };
    expect(await (await fetch(`${simulator.url}/v4/payloads/${id}`)).text()).toBe(line.replace(/,$/, ""));
  });
});

describe("a folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "simulator-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("may hold arrays or single objects in any layout, and files of other names", async () => {
    await writeFile(
      join(folder, "rockets.json"),
      '\n[\n {"id":"1" , "a":[1, {"b":"]},{"}]} ,\n\t{"id":"2","e":"\\\\\\""}\n ]\n',
    );
    await writeFile(join(folder, "company.json"), ' {"id":"c", "valuation": 74000000000} \n');
    await writeFile(join(folder, "notes.txt"), "not JSON");
    await using simulator = await startSimulator({ data: await directoryData(folder) });
    expect(await (await fetch(`${simulator.url}/v4/rockets`)).text()).toBe(
      '[{"id":"1" , "a":[1, {"b":"]},{"}]},{"id":"2","e":"\\\\\\""}]',
    );
    expect(await (await fetch(`${simulator.url}/v4/company`)).text()).toBe(
      '{"id":"c", "valuation": 74000000000}',
    );
  });

  test("that cannot be served is a usage error that says why", async () => {
    const problem = async (path: string) =>
      await directoryData(path).then(
        () => undefined,
        (error: unknown) => error as { code: string; exitCode: number; message: string },
      );
    expect(await problem(join(folder, "nowhere"))).toMatchObject({ code: "DATA_UNREADABLE", exitCode: 2 });
    expect(await problem(folder)).toMatchObject({ code: "DATA_EMPTY", exitCode: 2 });
    await writeFile(join(folder, "file"), "");
    expect((await problem(join(folder, "file")))?.message).toContain("not a folder");
    await writeFile(join(folder, "rockets.json"), '[{"id":"1"},');
    expect((await problem(folder))?.message).toContain("rockets.json is not valid JSON");
    await writeFile(join(folder, "rockets.json"), Buffer.from([0x5b, 0xff, 0x5d]));
    expect(await problem(folder)).toMatchObject({ code: "DATA_NOT_JSON" });
    await writeFile(join(folder, "rockets.json"), '"text"');
    expect(await problem(folder)).toMatchObject({ code: "DATA_NOT_RECORDS" });
    await rm(join(folder, "rockets.json"));
    await mkdir(join(folder, "rockets.json"));
    expect((await problem(folder))?.message).toContain("is a folder");
    await rm(join(folder, "rockets.json"), { recursive: true });
    await writeFile(join(folder, "roadster.json"), "[]");
    expect(await problem(folder)).toMatchObject({ code: "DATA_NOT_SINGLE", exitCode: 2 });
  });
});
