import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ROOT, TOOLS } from "./workspace-packages.ts";

/** Longest that any command of a test may take, in milliseconds; one that hangs is killed and fails the test. */
const TIMEOUT_MS = 300_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  readonly cwd: string;
  /** The whole environment; see {@link cleanEnvironment}. */
  readonly env: Environment;
}

export interface CommandResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, for messages. */
  readonly output: string;
}

/** Runs a program to its end. A program that cannot be started rejects; one that fails does not. */
export function command(
  file: string,
  args: readonly string[],
  { cwd, env }: CommandOptions,
): Promise<CommandResult> {
  const windows = process.platform === "win32";
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: env as NodeJS.ProcessEnv,
      // npm, npx and what they put in .bin are scripts there, which only a shell can start.
      shell: windows && file !== process.execPath,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const limit = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    let stdout = "";
    let stderr = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(limit);
      resolve({ code, stdout, stderr, output });
    });
  });
}

/** Runs a program that must succeed. */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const result = await command(file, args, options);
  if (result.code !== 0) {
    throw new Error(`${[file, ...args].join(" ")} ended with ${result.code}:\n${result.output}`);
  }
  return result;
}

/** Settings of npm that say how to reach a registry. */
const REACH =
  /^npm_config_.*(registry|proxy|cafile|cert|strict_ssl|userconfig|globalconfig|fetch|auth|token|offline)|^npm_config_(ca|key)$/i;

/** Variables that a person in an empty folder does not have: of npm, of the test runner, of this project. */
const OURS =
  /^(npm_|pnpm_|INIT_CWD$|NODE_OPTIONS$|NODE_ENV$|NODE_PATH$|VITEST|TEST$|FORCE_COLOR$|SPACEX_|LAKE_|WAREHOUSE_|RUN_ID$|DBT_)/i;

/** The environment of a person who never saw this workspace: none of its settings, none of its programs on PATH. */
export function cleanEnvironment(from: Environment = process.env): Environment {
  const entries = Object.entries(from).filter(([name]) => REACH.test(name) || !OURS.test(name));
  const env: Record<string, string | undefined> = { ...Object.fromEntries(entries), NO_COLOR: "1" };
  const path = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const foreign = (folder: string): boolean =>
    folder !== "" && !(folder.startsWith(ROOT) && folder.includes(join("node_modules", ".bin")));
  env[path] = (env[path] ?? "").split(delimiter).filter(foreign).join(delimiter);
  return env;
}

/**
 * The environment of a command of the workspace itself. The bootstrap's pnpm stands last on PATH, for those who started
 * the test runner without the bootstrap.
 */
export function workspaceEnvironment(): Environment {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  const own = join(TOOLS, "pnpm", "node_modules", ".bin");
  return { ...process.env, [name]: [process.env[name] ?? "", own].join(delimiter) };
}
