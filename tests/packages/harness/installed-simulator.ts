import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { cleanEnvironment } from "./command.ts";
import type { PackedProject } from "./packed-project.ts";

/** The API, served by the simulator that a project has installed, in a process of its own. */
export interface RunningSimulator extends AsyncDisposable {
  /** For SPACEX_API_URL. */
  readonly url: string;
}

const SERVER = `
import { embeddedSnapshot, startSimulator } from "@spacex-etl/spacex-simulator";
const simulator = await startSimulator({ data: await embeddedSnapshot() });
console.log(simulator.url);
process.stdin.resume().once("end", () => process.exit(0));
`;

/** Starts the simulator of a project that has `spacex-simulator` installed, on a free port of 127.0.0.1. */
export async function installedSimulator(project: PackedProject): Promise<RunningSimulator> {
  project.write("simulator.mjs", SERVER);
  const child = spawn(process.execPath, ["simulator.mjs"], {
    cwd: project.path,
    env: cleanEnvironment() as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`The installed simulator ended with ${code}.`)));
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
