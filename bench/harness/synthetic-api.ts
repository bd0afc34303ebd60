import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The simulator's command in a process of its own, as on the machine of a user. Needs `turbo run build`. */
export interface SyntheticApi extends AsyncDisposable {
  readonly url: string;
  /** What its process has used since its start, in seconds; undefined where the system does not tell (not Linux). */
  cpuSeconds(): Promise<number | undefined>;
}

const cli = fileURLToPath(new URL("../../packages/runner-local/dist/cli.js", import.meta.url));

/** Serves so many records of each large collection, the same ones every time. */
export async function startSyntheticApi(records: number): Promise<SyntheticApi> {
  return startApi(["--synthetic", String(records)]);
}

/** Serves the real snapshot that comes with the simulator. */
export async function startSnapshotApi(): Promise<SyntheticApi> {
  return startApi([]);
}

async function startApi(args: readonly string[]): Promise<SyntheticApi> {
  const child = spawn(process.execPath, [cli, "simulate", ...args], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "close");
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(() => Promise.reject(new Error("The simulator ended before it said its address."))),
  ])) as [string];
  return {
    url,
    cpuSeconds: () => cpuSecondsOf(child.pid),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Hundredths of a second of user and system time are fields 14 and 15 of `/proc/<pid>/stat` (proc(5)). */
async function cpuSecondsOf(pid: number | undefined): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / 100;
}
