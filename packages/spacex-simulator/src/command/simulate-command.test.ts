import { EtlError } from "@spacex-etl/contracts/errors";
import { describe, expect, test } from "vitest";
import { startSimulator } from "../server/index.ts";
import { simulateCommand } from "./index.ts";

/** Runs the command until it has printed its address, then does the work, then interrupts it. */
async function whileServing(argv: readonly string[], work: (url: string) => Promise<void>): Promise<number> {
  const stop = new AbortController();
  const lines: string[] = [];
  const { promise: started, resolve } = Promise.withResolvers<string>();
  const running = simulateCommand(argv, {
    stdout: (line) => {
      lines.push(line);
      resolve(line);
    },
    stderr: () => {},
    signal: stop.signal,
  });
  const url = await Promise.race([started, running.then(() => "ended")]);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await work(url);
  stop.abort();
  const code = await running;
  expect(lines).toHaveLength(1);
  await expect(fetch(url)).rejects.toThrow();
  return code;
}

async function failure(...argv: string[]): Promise<unknown> {
  const io = { stdout: () => {}, stderr: () => {}, signal: AbortSignal.timeout(10_000) };
  const error: unknown = await simulateCommand(argv, io).catch((reason: unknown) => reason);
  return EtlError.isInstance(error) ? `${error.exitCode} ${error.code}` : error;
}

describe("the command", () => {
  test("prints its address, serves the embedded snapshot, and ends with 0 when interrupted", async () => {
    const code = await whileServing([], async (url) => {
      const launches = (await (await fetch(`${url}/v5/launches`)).json()) as unknown[];
      expect(launches).toHaveLength(205);
    });
    expect(code).toBe(0);
  });

  test("serves a synthetic corpus with faults and without ETags", async () => {
    const argv = [
      "--synthetic",
      "50",
      "--seed",
      "3",
      "--fault",
      "429,edge",
      "--fault",
      "reset:0",
      "--no-etag",
    ];
    const code = await whileServing(argv, async (url) => {
      expect((await fetch(`${url}/v5/launches`)).status).toBe(429);
      expect((await fetch(`${url}/v5/launches`)).headers.get("content-type")).toContain("text/html");
      const response = await fetch(`${url}/v5/launches`);
      expect([response.headers.get("etag"), ((await response.json()) as unknown[]).length]).toEqual([
        null,
        50,
      ]);
    });
    expect(code).toBe(0);
  });

  test("explains itself, with every fault", async () => {
    const lines: string[] = [];
    const io = {
      stdout: (line: string) => void lines.push(line),
      stderr: () => {},
      signal: new AbortController().signal,
    };
    expect(await simulateCommand(["--help"], io)).toBe(0);
    expect(lines.join("\n")).toMatch(/--synthetic N[\s\S]*outage-400\[:COUNT\]/);
  });

  test("refuses what it does not understand or cannot have", async () => {
    expect(await failure("--colour")).toBe("2 FLAG_UNKNOWN");
    expect(await failure("extra")).toBe("2 FLAG_UNKNOWN");
    expect(await failure("--port", "http")).toBe("2 FLAG_VALUE");
    expect(await failure("--port", "70000")).toBe("2 FLAG_VALUE");
    expect(await failure("--synthetic", "1e3")).toBe("2 FLAG_VALUE");
    expect(await failure("--synthetic", "99999999999")).toBe("2 SYNTHETIC_RANGE");
    expect(await failure("--synthetic", "5", "--data", "x")).toBe("2 FLAGS_CONTRADICT");
    expect(await failure("--fault", "teapot")).toBe("2 FAULT_UNKNOWN");
    expect(await failure("--data", "/nowhere/at/all")).toBe("2 DATA_UNREADABLE");
    await using taken = await startSimulator();
    expect(await failure("--port", new URL(taken.url).port)).toBe("2 PORT_IN_USE");
  });
});
