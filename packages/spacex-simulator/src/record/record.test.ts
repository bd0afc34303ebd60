import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  directoryData,
  embeddedSnapshot,
  parseFaults,
  record,
  type RecordOptions,
  type Simulator,
  startSimulator,
} from "../index.ts";

const ROUTES: Readonly<Record<string, string>> = {
  capsules: "/v4/capsules",
  company: "/v4/company",
  launches: "/v5/launches",
  "launches-v4": "/v4/launches",
  roadster: "/v4/roadster",
  starlink: "/v4/starlink",
};
const FAST = { maxRequestsPerSecond: 1000, retry: { baseDelayMs: 1 } };

let directory: string;
let simulator: Simulator;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recording-"));
  simulator = await startSimulator({ data: await embeddedSnapshot() });
});
afterEach(async () => {
  await simulator.close();
  await rm(directory, { recursive: true, force: true });
});

function run(options: Partial<RecordOptions> = {}) {
  return record({ api: simulator.url, directory, ...FAST, ...options });
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => "no failure",
    (error: { code: string; exitCode: number }) => `${error.exitCode} ${error.code}`,
  );
}

async function answersOf(url: string): Promise<Record<string, { body: string; etag: string | null }>> {
  const answers: Record<string, { body: string; etag: string | null }> = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    const response = await fetch(url + route);
    answers[name] = { body: await response.text(), etag: response.headers.get("etag") };
  }
  return answers;
}

/** An API of another make. */
async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a recording", () => {
  test("replays every list with its bytes and its ETag, and says what it holds", async () => {
    const report = await run();
    expect([report.files.length, report.absent, report.requests]).toEqual([15, [], 15]);
    await using replay = await startSimulator({ data: await directoryData(directory) });
    expect(await answersOf(replay.url)).toEqual(await answersOf(simulator.url));
    const launches = report.files.find(({ collection }) => collection === "launches");
    const bytes = await readFile(join(directory, "launches.json"));
    expect(launches).toMatchObject({
      bytes: bytes.length,
      records: 205,
      status: 200,
      url: `${simulator.url}/v5/launches`,
    });
    expect((await readdir(directory)).filter((name) => !name.endsWith(".json"))).toEqual([]);
  });

  test("of a few collections has both versions of launches, and grows", async () => {
    await run({ collections: ["launches"] });
    expect((await readdir(directory)).toSorted()).toEqual([
      "launches-v4.json",
      "launches.json",
      "recording.json",
    ]);
    const { requests, files } = await run({ collections: ["company"] });
    expect([requests, files.map(({ collection }) => collection)]).toEqual([
      1,
      ["company", "launches", "launches-v4"],
    ]);
  });

  test("of an API without some collections answers 404 for those too; a named one must be there", async () => {
    const all = await embeddedSnapshot();
    const few = new Map([...all.collections].filter(([name]) => ["crew", "company"].includes(name)));
    await using small = await startSimulator({ data: { description: "few", collections: few } });
    expect((await run({ api: small.url })).absent).toHaveLength(13);
    await using replay = await startSimulator({ data: await directoryData(directory) });
    expect((await fetch(`${replay.url}/v4/ships`)).status).toBe(404);
    expect(await failure(run({ api: small.url, collections: ["ships"] }))).toBe("4 SOURCE_NOT_FOUND");
  });

  test("keeps white space between records, unicode, big numbers and the order of keys", async () => {
    const body = '[ {"z":1.0,"id":"a","n":9007199254740993} ,\n {"id":"b","t":"\u00a0\\u00e9\u{1f680}"} ]\n';
    await using api = await serve((_request, response) => response.end(body));
    await run({ api: api.url, collections: ["crew"] });
    await using replay = await startSimulator({ data: await directoryData(directory) });
    const answer = await fetch(`${replay.url}/v4/crew`);
    expect(await answer.text()).toBe(body);
    expect(await (await fetch(`${replay.url}/v4/crew/b`)).text()).toBe("Not Found");
  });

  test("again costs no request; with refresh 304s only, and what has changed is fetched", async () => {
    await run();
    expect((await run()).requests).toBe(0);
    const before = simulator.requests.length;
    await run({ refresh: true });
    expect(simulator.requests.slice(before).map(({ status }) => status)).toEqual(Array(15).fill(304));
    simulator.replace("crew", []);
    const statuses: string[] = [];
    await run({ refresh: true, onProgress: ({ type }) => statuses.push(type) });
    expect(statuses.filter((status) => status !== "unchanged")).toEqual(["recorded"]);
    expect(await readFile(join(directory, "crew.json"), "utf8")).toBe("[]");
  });
});

describe("what goes wrong at the API", () => {
  test.each(["reset:2", "truncate:2", "5xx:3", "outage-400:2", "reset,truncate,5xx"])(
    "%s is tried again, and the bytes are right",
    async (faults) => {
      const calm = await answersOf(simulator.url);
      simulator.setFaults(parseFaults(faults));
      const collections = Object.keys(ROUTES);
      const { requests } = await run({ collections });
      expect(requests).toBeGreaterThan(collections.length);
      for (const name of collections) {
        expect(await readFile(join(directory, `${name}.json`), "utf8")).toBe(calm[name]?.body);
      }
    },
  );

  test("Retry-After is waited for; too long a one is given up at once", async () => {
    const asked: number[] = [];
    await using api = await serve((_request, response) => {
      asked.push(Date.now());
      if (asked.length === 1) response.writeHead(429, { "retry-after": "1" }).end("Too Many Requests");
      else if (asked.length === 2) response.end("[]");
      else response.writeHead(429, { "retry-after": "3600" }).end();
    });
    await run({ api: api.url, collections: ["crew"] });
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(990);
    expect(await failure(run({ api: api.url, collections: ["ships"] }))).toBe("5 SOURCE_BUSY");
    expect(asked).toHaveLength(3);
  });

  test.each([
    ["down", "4 SOURCE_UNREACHABLE"],
    ["5xx:all", "4 SOURCE_UNAVAILABLE"],
    ["429:all", "5 SOURCE_BUSY"],
    ["truncate:all", "4 SOURCE_INTERRUPTED"],
    ["edge:all", "3 SOURCE_REFUSED"],
    ["outage-400:all", "4 SOURCE_OUTAGE"],
  ])("%s to the end is %s, and what is cut short is not replayed", async (faults, expected) => {
    await run({ collections: ["company"] });
    simulator.setFaults(parseFaults(faults));
    expect(await failure(run({ collections: ["crew"], retry: { limit: 1, baseDelayMs: 1 } }))).toBe(expected);
    expect(await failure(directoryData(directory))).toBe("2 RECORDING_INCOMPLETE");
    simulator.setFaults([]);
    expect((await run({ collections: ["crew"] })).requests).toBe(1);
    expect((await directoryData(directory)).collections.size).toBe(2);
  });

  test.each([
    ["[{}", "ended early"],
    ["[{}] x", "more after its end"],
    ['[{"a":tru}]', "no JSON inside of a record"],
    ["[1]", "no objects"],
    ['{"id":"x"}', "an object for a list"],
    ["", "nothing"],
  ])("a body %j (%s) never becomes a file", async (body) => {
    await using api = await serve((_request, response) => response.end(body));
    const failed = run({ api: api.url, collections: ["crew"], retry: { limit: 0 } });
    expect(await failure(failed)).toBe("4 SOURCE_INTERRUPTED");
    expect(await readdir(directory)).toEqual(["recording.json"]);
  });

  test("a stalled body ends by its timeout, and an abort ends at once", async () => {
    await using api = await serve((_request, response) => void response.write("[{}"));
    const failed = run({ api: api.url, collections: ["crew"], retry: { limit: 0 }, timeoutMs: 100 });
    expect(await failure(failed)).toMatch(/^4 SOURCE_/);
    const stop = new AbortController();
    const aborted = run({ api: api.url, collections: ["crew"], signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stop")), 50);
    await expect(aborted).rejects.toThrow("stop");
    expect(await readdir(directory)).toEqual(["recording.json"]);
  });
});

describe("the folder", () => {
  test("with anything else in it is refused, and so is a recording of another API", async () => {
    await writeFile(join(directory, "notes.txt"), "mine");
    expect(await failure(run())).toBe("2 RECORD_FOLDER_FOREIGN");
    await rm(join(directory, "notes.txt"));
    await run({ collections: ["crew"] });
    expect(await failure(run({ api: "http://127.0.0.1:1" }))).toBe("2 RECORD_OTHER_API");
    await writeFile(join(directory, "recording.json"), "{}");
    expect(await failure(run())).toBe("2 RECORDING_UNREADABLE");
    expect(await failure(directoryData(directory))).toBe("2 RECORDING_UNREADABLE");
  });

  test("that another process has is busy; what a killed one left is not", async () => {
    await writeFile(join(directory, "recording.lock"), `${process.ppid}\n`);
    expect(await failure(run({ collections: ["crew"] }))).toBe("5 RECORD_FOLDER_LOCKED");
    await writeFile(join(directory, "recording.lock"), "999999999\n");
    await writeFile(join(directory, ".recording-00000000-0000-4000-8000-000000000000.tmp"), "[{");
    await run({ collections: ["crew"] });
    expect((await readdir(directory)).toSorted()).toEqual(["crew.json", "recording.json"]);
  });

  test("whose file was changed is not replayed, and is mended by the same call", async () => {
    await run({ collections: ["crew", "ships"] });
    await writeFile(join(directory, "crew.json"), "[]");
    expect(await failure(directoryData(directory))).toBe("10 RECORDING_CHANGED");
    expect((await run()).requests).toBe(14);
    expect((await directoryData(directory)).collections.get("crew")?.length).toBe(30);
    await rm(join(directory, "ships.json"));
    expect(await failure(directoryData(directory))).toBe("2 DATA_UNREADABLE");
    expect((await run()).requests).toBe(1);
  });

  test("and the options that make no sense are usage errors", async () => {
    for (const api of [
      "nonsense",
      "ftp://x",
      "http://a:b@127.0.0.1",
      `${simulator.url}/v4`,
      `${simulator.url}?x=1`,
    ])
      expect(await failure(run({ api }))).toBe("2 RECORD_API");
    expect(await failure(run({ collections: ["fairings"] }))).toBe("2 COLLECTION_UNKNOWN");
    expect(await failure(run({ collections: [] }))).toBe("2 COLLECTION_UNKNOWN");
    expect(await failure(run({ maxRequestsPerSecond: 0 }))).toBe("2 RECORD_RATE");
    await writeFile(join(directory, "file"), "");
    expect(await failure(run({ directory: join(directory, "file") }))).toBe("2 RECORD_NOT_FOLDER");
    expect(await failure(run({ directory: join(directory, "file", "x") }))).toBe("2 RECORD_NOT_FOLDER");
  });
});
