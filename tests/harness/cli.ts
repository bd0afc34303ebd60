import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunSummary } from "@spacex-etl/pipeline";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CLI = join(ROOT, "packages", "runner-local", "src", "cli.ts");

/** Longest that any command of a test may take; one that hangs is killed and fails the test. */
const TIMEOUT_MS = 150_000;

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sends the signal once, after so many milliseconds or when something has come true. */
  readonly kill?: { readonly signal: NodeJS.Signals } & (
    | { readonly afterMs: number }
    | { readonly when: () => boolean }
  );
  /** Hears what comes to stdout, while it comes. */
  readonly onStdout?: (text: string) => void;
}

export interface CliResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, for messages. */
  readonly output: string;
}

/** Runs `spacex-etl` from its sources in a process of its own, with nothing of the caller's settings. */
export async function cli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(SPACEX_|LAKE_URL|WAREHOUSE_URL|RUN_ID|NODE_OPTIONS|VITEST)/.test(name),
    ),
  );
  const child = spawn(process.execPath, ["--conditions=@spacex-etl/source", CLI, ...args], {
    cwd: options.cwd,
    env: { ...inherited, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timers = [setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS)];
  const { kill } = options;
  if (kill !== undefined && "afterMs" in kill) {
    timers.push(setTimeout(() => child.kill(kill.signal), kill.afterMs));
  } else if (kill !== undefined) {
    const watch = setInterval(() => {
      if (!kill.when()) return;
      clearInterval(watch);
      child.kill(kill.signal);
    }, 10);
    timers.push(watch);
  }
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    options.onStdout?.(chunk.toString());
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...ended) => resolve(ended));
  });
  for (const timer of timers) clearTimeout(timer);
  return { code, signal, stdout, stderr, output: `${stdout}\n${stderr}` };
}

/** The same with `--json`; stdout must hold exactly one document. */
export async function cliJson(
  args: readonly string[],
  options: CliOptions,
): Promise<CliResult & { readonly summary: RunSummary }> {
  const result = await cli([...args, "--json"], options);
  return { ...result, summary: JSON.parse(result.stdout) as RunSummary };
}
