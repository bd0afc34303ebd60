import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "./cli.ts";

const CLI = join(ROOT, "packages", "runner-local", "src", "cli.ts");
const LONGEST_WAIT_MS = 120_000;

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  /** Until it has printed the text; at its end at the latest. */
  says(text: string): Promise<void>;
}

/** Starts `spacex-etl` from its sources, for tests that do something to it while it works. */
export function startCli(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Running {
  const child = spawn(process.execPath, ["--conditions=@spacex-etl/source", CLI, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), LONGEST_WAIT_MS);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => (output += text));
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(limit);
      resolve({ code, output });
    });
  });
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text) && child.exitCode === null && child.signalCode === null) await sleep(20);
  };
  return { child, ended, says };
}

/** Until the file is there and holds the text, which the process is to see to. */
export async function fileHolding(path: string, text: string, { child, ended }: Running): Promise<string> {
  for (;;) {
    const over = child.exitCode !== null || child.signalCode !== null;
    const content = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (content.includes(text)) return content;
    if (over) throw new Error(`${path} never held ${JSON.stringify(text)}:\n${(await ended).output}`);
    await sleep(20);
  }
}

/** Those of the processes that still run after a moment; one that only waits to be buried does not. */
export async function survivors(pids: readonly number[]): Promise<number[]> {
  for (let waited = 0; ; waited += 50) {
    const left = pids.filter(isAlive);
    if (left.length === 0 || waited >= 2_000) return left;
    await sleep(50);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}

/** A program of a few lines of shell. */
export function writeScript(path: string, lines: readonly string[]): string {
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path, 0o755);
  return path;
}
