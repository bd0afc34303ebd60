import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const recordUsage = new URL("record-usage.mjs", import.meta.url).href;

/** One process from its start to its end. */
export interface Measurement {
  readonly seconds: number;
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
  /** Peak resident set, in 10^6 bytes. */
  readonly peakMegabytes: number;
}

export interface MeasureOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The process is ended after this time, and the benchmark fails. @default 600000 */
  readonly timeoutMs?: number;
}

/** Runs `node <args>` and measures it. A process that does not end with 0 is an error with the end of its output. */
export async function measureNode(
  args: readonly string[],
  options: MeasureOptions = {},
): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-usage-"));
  const usageFile = join(folder, "usage.json");
  try {
    const started = performance.now();
    const child = spawn(process.execPath, [...args], {
      cwd: options.cwd,
      env: {
        ...process.env,
        ...options.env,
        NODE_OPTIONS: `--import=${recordUsage}`,
        SPACEX_ETL_USAGE_FILE: usageFile,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 600_000,
      killSignal: "SIGKILL",
    });
    let output = "";
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-2000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    const seconds = (performance.now() - started) / 1000;
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code ?? signal}:\n${output}`);
    const usage = JSON.parse(await readFile(usageFile, "utf8")) as {
      readonly peakKiB: number;
      readonly cpuMicroseconds: number;
    };
    return {
      seconds,
      cpuSeconds: usage.cpuMicroseconds / 1e6,
      peakMegabytes: (usage.peakKiB * 1024) / 1e6,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
