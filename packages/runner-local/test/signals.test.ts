import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a run that lasts, sends the signals one after the other when it is at work, and waits for its end. */
async function endedBy(
  signals: readonly NodeJS.Signals[],
  flags: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Ended> {
  const cli = fileURLToPath(new URL("signal-cli.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@spacex-etl/source", cli, "run", ...flags], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  const pending = [...signals];
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    if (/at work|stopping/.test(chunk)) {
      const next = pending.shift();
      if (next !== undefined) child.kill(next);
    }
  });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { code: code as number | null, stdout, stderr };
}

test.each([
  ["SIGINT", 130, "INTERRUPTED"],
  ["SIGTERM", 143, "TERMINATED"],
  ["SIGHUP", 143, "TERMINATED"],
] as const)("%s stops the work and says how to continue", async (signal, exitCode, code) => {
  const ended = await endedBy([signal], ["--json"]);
  expect(ended.code).toBe(exitCode);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    runId: "r1",
    status: "interrupted",
    exitCode,
    error: { code },
  });
  expect(ended.stderr).toContain(`Stopped by ${signal}.`);
  expect(ended.stderr).toContain("spacex-etl run --run-id r1 --json");
  expect(ended.stderr).not.toMatch(/\n\s+at /);
});

test("the second signal ends at once what does not stop", async () => {
  const ended = await endedBy(["SIGTERM", "SIGINT"], ["--strict"]);
  expect(ended.code).toBe(143);
  expect(ended.stderr).toContain("SIGTERM: stopping");
});

test("time ends what does not stop", async () => {
  const ended = await endedBy(["SIGINT"], ["--strict"], { HARD_EXIT_MS: "200" });
  expect(ended.code).toBe(130);
});

test("a reader that went away is no reason to stop", async () => {
  const cli = fileURLToPath(new URL("signal-cli.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@spacex-etl/source", cli, "plan"], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
