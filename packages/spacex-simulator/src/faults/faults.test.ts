import { EtlError } from "@spacex-etl/contracts/errors";
import { describe, expect, test } from "vitest";
import { startSimulator } from "../server/index.ts";
import { syntheticData } from "../synthetic/index.ts";
import { FAULT_PROFILES, parseFaults } from "./index.ts";

interface Seen {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** What a client sees; status 0 for a connection that failed before or in the body. */
async function read(url: string, init?: RequestInit): Promise<Seen> {
  try {
    const response = await fetch(url, init);
    const type = response.headers.get("content-type");
    return { status: response.status, type, text: await response.text() };
  } catch (error) {
    return { status: 0, type: null, text: String((error as Error).cause ?? error) };
  }
}

async function statuses(profile: string, path: string, times: number, seed = 0): Promise<number[]> {
  await using simulator = await startSimulator({ faults: parseFaults(profile), seed });
  const seen: number[] = [];
  for (let time = 0; time < times; time++) seen.push((await read(simulator.url + path)).status);
  return seen;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("profiles as text", () => {
  test("are read with and without numbers", () => {
    expect(parseFaults("429, reset:3,latency:5,edge:all,down")).toEqual([
      { kind: "429", count: 1 },
      { kind: "reset", count: 3 },
      { kind: "latency", ms: 5 },
      { kind: "edge", count: Number.POSITIVE_INFINITY },
      { kind: "down" },
    ]);
    expect(parseFaults("")).toEqual([]);
    for (const { kind } of FAULT_PROFILES) expect(parseFaults(kind)).toMatchObject([{ kind }]);
  });

  test("that are wrong are refused with the list of those that exist", () => {
    for (const text of ["teapot", "429:x", "429:-1", "reset:1:2", "down:1", "latency:all", "5xx:1.5"]) {
      let error: unknown;
      try {
        parseFaults(text);
      } catch (thrown) {
        error = thrown;
      }
      expect([
        text,
        EtlError.isInstance(error) && [error.exitCode, error.hint?.includes("truncate[:COUNT]")],
      ]).toEqual([text, [2, true]]);
    }
  });
});

describe("faults", () => {
  test("429 comes with Retry-After, once for each route, then the answer", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("429") });
    for (const path of ["/v4/rockets", "/v5/launches"]) {
      const refused = await fetch(simulator.url + path);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
      expect((await fetch(simulator.url + path)).status).toBe(200);
    }
    expect(simulator.requests.map((request) => request.status)).toEqual([429, 200, 429, 200]);
  });

  test("5xx goes through the edge's pages and the API's texts", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("5xx:4") });
    const seen = [];
    for (let time = 0; time < 5; time++) seen.push(await read(`${simulator.url}/v4/crew`));
    expect(
      seen
        .slice(0, 4)
        .map(({ status }) => status)
        .sort(),
    ).toEqual([500, 502, 503, 523]);
    for (const { status, type, text } of seen.slice(0, 4)) {
      const html = status === 502 || status === 523;
      expect([status, type?.startsWith(html ? "text/html" : "text/plain"), text.includes("<html")]).toEqual([
        status,
        true,
        html,
      ]);
    }
    expect(seen[4]?.status).toBe(200);
  });

  test("reset breaks the connection inside large and small bodies", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("reset:2") });
    for (const path of ["/v4/starlink", "/v4/rockets", "/v4/company"]) {
      const response = await fetch(simulator.url + path);
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
      expect((await read(simulator.url + path)).status).toBe(0);
      expect(isJson((await read(simulator.url + path)).text)).toBe(true);
    }
  });

  test("truncate ends a chunked body as if it were whole, and a measured one too early", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("truncate") });
    const cut = await read(`${simulator.url}/v4/starlink`);
    expect([cut.status, isJson(cut.text)]).toEqual([200, false]);
    const whole = await read(`${simulator.url}/v4/starlink`);
    expect(
      whole.text.startsWith(cut.text) && cut.text.length < whole.text.length && cut.text.length > 0,
    ).toBe(true);
    const response = await fetch(`${simulator.url}/v4/rockets`);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1_000);
    await expect(response.text()).rejects.toThrow();
    expect(isJson((await read(`${simulator.url}/v4/rockets`)).text)).toBe(true);
  });

  test("edge answers HTML with 403 and with 200", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("edge:2") });
    const seen = [await read(`${simulator.url}/v4/crew`), await read(`${simulator.url}/v4/crew`)];
    expect(seen.map(({ status }) => status).sort()).toEqual([200, 403]);
    for (const { type, text } of seen)
      expect([type, text.includes("<html")]).toEqual(["text/html; charset=UTF-8", true]);
    expect((await read(`${simulator.url}/v4/crew`)).type).toBe("application/json; charset=utf-8");
  });

  test("outage-400 is a 400 with the driver's text, and 500 for one record", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("outage-400") });
    const paths = { "/v5/launches": 400, "/v4/company": 400, "/v4/rockets/5e9d0d95eda69955f709d1eb": 500 };
    for (const [path, status] of Object.entries(paths)) {
      const seen = await read(simulator.url + path);
      expect([seen.status, seen.type]).toEqual([status, "text/plain; charset=utf-8"]);
      expect(seen.text).toContain("buffering timed out");
      expect((await read(simulator.url + path)).status).toBe(200);
    }
    const query = await read(`${simulator.url}/v4/crew/query`, { method: "POST" });
    expect(query).toMatchObject({ status: 400, text: expect.stringContaining("buffering timed out") });
  });

  test("down never answers, and latency delays what follows", async () => {
    expect(await statuses("down", "/v4/rockets", 3)).toEqual([0, 0, 0]);
    expect(await statuses("latency:20,429", "/v4/rockets", 2)).toEqual([429, 200]);
  });

  test("several follow one another, and :all never ends", async () => {
    expect(await statuses("429,reset,429:2", "/v4/rockets", 5)).toEqual([429, 0, 429, 429, 200]);
    expect(await statuses("429:all", "/v4/rockets", 6)).toEqual([429, 429, 429, 429, 429, 429]);
  });

  test("the same seed gives the same series, and faults can be replaced", async () => {
    const [one, again] = [
      await statuses("5xx:3", "/v4/crew", 4, 3),
      await statuses("5xx:3", "/v4/crew", 4, 3),
    ];
    expect(again).toEqual(one);
    await using simulator = await startSimulator({ faults: parseFaults("down") });
    expect((await read(`${simulator.url}/v4/crew`)).status).toBe(0);
    simulator.setFaults([]);
    expect((await read(`${simulator.url}/v4/crew`)).status).toBe(200);
  });
});

describe("changing data", () => {
  async function lengthAndCount(url: string): Promise<[length: number, total: number]> {
    const list = (await (await fetch(`${url}/v5/launches`)).json()) as unknown[];
    const counted = await fetch(`${url}/v5/launches/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ options: { limit: 0 } }),
    });
    return [list.length, ((await counted.json()) as { totalDocs: number }).totalDocs];
  }

  test("settles on the true records after the given number of reads", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("changing:2") });
    const seen = [];
    for (let time = 0; time < 4; time++) seen.push(await lengthAndCount(simulator.url));
    expect(seen).toEqual([
      [206, 204],
      [204, 205],
      [205, 205],
      [205, 205],
    ]);
  });

  test("never settles with :all, also for a generated corpus", async () => {
    await using simulator = await startSimulator({
      data: syntheticData({ records: 500 }),
      faults: parseFaults("changing:all"),
    });
    for (let time = 0; time < 5; time++) {
      const [length, total] = await lengthAndCount(simulator.url);
      expect(Math.abs(length - total)).toBe(2);
    }
  });

  test("each state has its own ETag, and the extra record its own id", async () => {
    await using simulator = await startSimulator({ faults: parseFaults("changing:2") });
    const etags = new Set<string | null>();
    for (let time = 0; time < 3; time++) {
      const response = await fetch(`${simulator.url}/v4/crew`);
      const list = (await response.json()) as { id: string }[];
      expect(new Set(list.map((member) => member.id)).size).toBe(list.length);
      etags.add(response.headers.get("etag"));
    }
    expect(etags.size).toBe(3);
  });
});
