import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  directoryData,
  embeddedSnapshot,
  parseFaults,
  type Simulator,
  startSimulator,
} from "@spacex-etl/spacex-simulator";
import { describe, expect, test } from "vitest";
import { cli, type CliOptions, type CliResult } from "../harness/cli.ts";
import { startCli } from "../harness/running.ts";
import { hasRecorded, RECORDED, temporaryFolder } from "../harness/workspace.ts";

const COLLECTIONS = [
  "capsules",
  "company",
  "cores",
  "crew",
  "dragons",
  "history",
  "landpads",
  "launches",
  "launches-v4",
  "launchpads",
  "payloads",
  "roadster",
  "rockets",
  "ships",
  "starlink",
];
const DERIVED = [
  "/v4/launches/past",
  "/v5/launches/upcoming",
  "/v4/launches/latest",
  "/v5/launches/next",
  "/latest/launches",
  "/v4/rockets/5e9d0d95eda69973a809d1ec",
];
const ROUTES = [
  ...COLLECTIONS.map((name) =>
    name === "launches-v4" ? "/v4/launches" : name === "launches" ? "/v5/launches" : `/v4/${name}`,
  ),
  ...DERIVED,
];

interface Site extends AsyncDisposable {
  readonly cwd: string;
  readonly out: string;
  readonly simulator: Simulator;
  record(words?: string, extra?: Partial<CliOptions>): Promise<CliResult>;
}

async function openSite(data = embeddedSnapshot()): Promise<Site> {
  const folder = temporaryFolder();
  const simulator = await startSimulator({ data: await data });
  const out = join(folder.path, "recorded");
  return {
    cwd: folder.path,
    out,
    simulator,
    record: (words = "", extra = {}) =>
      cli(["record", "--api", simulator.url, "--out", out, ...words.split(" ").filter(Boolean)], {
        cwd: folder.path,
        ...extra,
      }),
    async [Symbol.asyncDispose]() {
      await simulator.close();
      folder[Symbol.dispose]();
    },
  };
}

async function answersOf(url: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const route of ROUTES) {
    const response = await fetch(url + route);
    const body = Buffer.from(await response.arrayBuffer());
    const sha256 = createHash("sha256").update(body).digest("hex");
    answers.push([route, response.status, response.headers.get("etag"), body.length, sha256]);
  }
  return answers;
}

/** Serves the recording by the command line, as a person would. */
async function answersOfReplay(site: Site): Promise<unknown[]> {
  const running = startCli(["simulate", "--data", site.out], { cwd: site.cwd, env: {} });
  let url = "";
  running.child.stdout?.on("data", (text: string) => (url += text));
  await running.says("Interrupt to stop");
  const answers = await answersOf(url.trim());
  running.child.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
  return answers;
}

function complete({ out }: Site): string[] {
  const path = join(out, "recording.json");
  if (!existsSync(path)) return [];
  return Object.keys((JSON.parse(readFileSync(path, "utf8")) as { files: object }).files);
}

function listsAsked({ simulator }: Site, from: number): string[] {
  return simulator.requests.slice(from).map(({ path }) => path);
}

describe("record, then simulate --data", () => {
  test.concurrent("of the embedded snapshot: every route has its bytes and its ETag", async () => {
    await using site = await openSite();
    const { code, stdout, stderr, output } = await site.record();
    expect(code, output).toBe(0);
    expect(stdout).toMatch(/^Recorded http:\S+: 15 lists, [\d,]+ bytes, 15 requests\.$/m);
    expect(stdout).toContain(`simulate --data ${site.out}`);
    expect(stderr).toMatch(/^launches: recorded, 205 records, [\d,]+ bytes$/m);
    expect(await answersOfReplay(site)).toEqual(await answersOf(site.simulator.url));
  });

  test.runIf(hasRecorded())(
    "of the API's own recorded bodies, with holes where there are none",
    { concurrent: true },
    async () => {
      await using site = await openSite(directoryData(RECORDED));
      const { code, stdout, output } = await site.record();
      expect(code, output).toBe(0);
      expect(stdout).toMatch(/^It has no capsules, dragons, history, ships\.$/m);
      expect(await answersOfReplay(site)).toEqual(await answersOf(site.simulator.url));
    },
  );
});

describe("cut short", () => {
  test.concurrent("by kill -9: not replayed; the same command fetches only the rest", async () => {
    await using site = await openSite();
    site.simulator.setFaults(parseFaults("latency:120"));
    const when = (): boolean => complete(site).length >= 4;
    const killed = await site.record("", { kill: { when, signal: "SIGKILL" } });
    expect(killed.signal).toBe("SIGKILL");
    const kept = complete(site);
    expect(kept.length).toBeLessThan(COLLECTIONS.length);
    const refused = await cli(["simulate", "--data", site.out], { cwd: site.cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/cut short[\s\S]*RECORDING_INCOMPLETE[\s\S]*spacex-etl record --api/);

    site.simulator.setFaults([]);
    const before = site.simulator.requests.length;
    const again = await site.record();
    expect(again.code, again.output).toBe(0);
    const asked = listsAsked(site, before);
    expect(asked).toHaveLength(COLLECTIONS.length - kept.length);
    for (const name of kept) expect(again.stderr).toContain(`${name}: kept`);
    expect(await answersOfReplay(site)).toEqual(await answersOf(site.simulator.url));
  });

  test.concurrent.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s: exit %d, and it goes on", async (signal, code) => {
    await using site = await openSite();
    site.simulator.setFaults(parseFaults("latency:150"));
    const when = (): boolean => complete(site).length >= 2;
    const stopped = await site.record("", { kill: { when, signal } });
    expect(stopped.code, stopped.output).toBe(code);
    expect(readdirSync(site.out).filter((name) => !name.endsWith(".json"))).toEqual([]);
    const kept = complete(site).length;
    const before = site.simulator.requests.length;
    site.simulator.setFaults([]);
    expect((await site.record()).code).toBe(0);
    expect(listsAsked(site, before)).toHaveLength(COLLECTIONS.length - kept);
  });

  test.concurrent("by a bad day of the API: all is right in the end, and told on stderr", async () => {
    await using site = await openSite();
    const calm = await answersOf(site.simulator.url);
    site.simulator.setFaults(parseFaults("429,5xx,reset,truncate"));
    const { code, stderr, output } = await site.record("--collections launches,company,starlink");
    expect(code, output).toBe(0);
    expect(stderr).toMatch(/429.*Again in 1\.0 s\./);
    site.simulator.setFaults([]);
    expect((await site.record()).code).toBe(0);
    expect(await answersOfReplay(site)).toEqual(calm);
  });
});

describe("the place for it", () => {
  test.runIf(process.platform === "linux")(
    "a full disk is exit 8 with a hint, and goes on with space",
    { concurrent: true },
    async () => {
      await using site = await openSite();
      mkdirSync(site.out);
      // Files over 64 KiB cannot be written; the signal that comes with it is ignored, so that the write fails.
      const script = 'trap "" XFSZ; ulimit -f 64; exec "$@"';
      const main = new URL("../../packages/runner-local/src/cli.ts", import.meta.url).pathname;
      const words = [process.execPath, "--conditions=@spacex-etl/source", main];
      const child = spawn(
        "bash",
        ["-c", script, "bash", ...words, "record", "--api", site.simulator.url, "--out", site.out],
        {
          cwd: site.cwd,
          stdio: ["ignore", "ignore", "pipe"],
        },
      );
      let stderr = "";
      child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(code, stderr).toBe(8);
      expect(stderr).toMatch(/no space left[\s\S]*RECORD_DISK_FULL[\s\S]*run the same command again/);
      const kept = complete(site);
      expect(kept).toContain("company");
      expect(kept).not.toContain("launches");
      expect((await site.record()).code).toBe(0);
      expect(complete(site).toSorted()).toEqual(COLLECTIONS);
    },
  );

  test.concurrent("other files, another API, bad flags: exit 2 that says why, and nothing is asked", async () => {
    await using site = await openSite();
    mkdirSync(site.out);
    writeFileSync(join(site.out, "mine.json"), "[]");
    const foreign = await site.record();
    expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining("mine.json")]);
    for (const words of [
      ["--api", "live"],
      ["--out", "x"],
      ["--api", "x", "--out", "y"],
      ["--what"],
      ["extra"],
    ]) {
      const { code, stderr } = await cli(["record", ...words], { cwd: site.cwd });
      expect([words, code]).toEqual([words, 2]);
      expect(stderr).toMatch(/^ next \S/m);
    }
    expect(site.simulator.requests).toEqual([]);
    const help = await cli(["help", "record"], { cwd: site.cwd });
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("--max-requests-per-second")]);
  });
});
