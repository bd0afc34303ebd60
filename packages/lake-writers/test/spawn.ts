import { spawn } from "node:child_process";
import { join } from "node:path";
import type { ProcessOptions, ProcessResult } from "./extract-process.ts";

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly result: ProcessResult | undefined;
}

/** Runs `extract-process.ts` to its end. */
export function runProcess(options: ProcessOptions): Promise<Ended> {
  const script = join(import.meta.dirname, "extract-process.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@spacex-etl/source", script, JSON.stringify(options)],
    {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
      killSignal: "SIGTERM",
    },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => {
      const result = stdout === "" ? undefined : (JSON.parse(stdout) as ProcessResult);
      resolve({ signal, stderr, result });
    });
  });
}
