/**
 * Peak memory of the extracting process and of the whole job, on a synthetic corpus that a simulator in a process of its
 * own serves. Run it with the built command line:
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/memory.ts [records]
 *
 * Prints one line per command; ends with 1 if a limit is passed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const records = Number(process.argv[2] ?? 1_000_000);
const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));
const peak = pathToFileURL(fileURLToPath(new URL("record-peak.mjs", import.meta.url))).href;
const folder = mkdtempSync(join(tmpdir(), "spacex-etl-memory-"));

/** Megabytes (10^6 bytes): what issue and README promise for a million records. */
const LIMITS = { extract: 300, run: 1200 } as const;

async function measure(args: readonly string[]): Promise<number> {
  const file = join(folder, "peak");
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", peak, cli, ...args, "--json"], {
    cwd: folder,
    env: { ...process.env, PEAK_FILE: file },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${errors}`);
  const megabytes = (Number(readFileSync(file, "utf8")) * 1024) / 1e6;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${(args[0] ?? "").padEnd(8)} ${(args[args.indexOf("--collections") + 1] ?? "").padEnd(9)} ` +
      `${megabytes.toFixed(0).padStart(5)} MB  ${seconds.toFixed(1).padStart(6)} s`,
  );
  return megabytes;
}

const simulator = spawn(process.execPath, [cli, "simulate", "--synthetic", String(records)], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [url] = (await once(createInterface(simulator.stdout), "line")) as [string];
  console.log(`${records.toLocaleString("en-US")} records`);
  let passed = true;
  let run = 0;
  for (const collection of ["starlink", "launches"]) {
    const job = (): string[] => [
      "--api",
      url,
      "--source",
      "synthetic",
      "--collections",
      collection,
      "--no-transform",
      "--lake",
      `lake-${++run}`,
      "--warehouse",
      `warehouse-${run}.duckdb`,
    ];
    for (const command of ["extract", "run"] as const) {
      passed = (await measure([command, ...job()])) <= LIMITS[command] && passed;
      rmSync(join(folder, `lake-${run}`), { recursive: true });
    }
    rmSync(join(folder, `warehouse-${run}.duckdb`));
  }
  console.log(
    passed ? "within the limits" : `over the limits (extract ${LIMITS.extract} MB, run ${LIMITS.run} MB)`,
  );
  process.exitCode = passed ? 0 : 1;
} finally {
  simulator.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
