/**
 * Peak memory of the extracting process and of the whole job, on a synthetic corpus that a simulator in a process of its
 * own serves. Run it with the built command line:
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/memory.ts [records] [extract]
 *
 * Prints one line per command; ends with 1 if a limit is passed. With `extract` the whole job is left out.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureNode, startSyntheticApi } from "./harness/index.ts";

export interface MemoryOptions {
  /** @default 1000000 */
  readonly records?: number | undefined;
  /** @default both */
  readonly commands?: readonly Command[] | undefined;
}

export interface MemoryResult {
  readonly command: string;
  readonly collection: string;
  readonly records: number;
  readonly peakMegabytes: number;
  readonly limit: number;
  readonly met: boolean;
}

type Command = keyof typeof LIMITS;

const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));

/** Megabytes (10^6 bytes), whatever the number of records. */
const LIMITS = { extract: 256, run: 1200 } as const;

/** Measures each command on each of the large collections once. */
export async function memory(options: MemoryOptions = {}): Promise<MemoryResult[]> {
  const { records = 1_000_000, commands = ["extract", "run"] } = options;
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-memory-"));
  try {
    await using api = await startSyntheticApi(records);
    console.log(`\npeak memory with ${records.toLocaleString("en-US")} records`);
    const results: MemoryResult[] = [];
    for (const collection of ["starlink", "launches"]) {
      for (const command of commands) {
        const where = ["--api", api.url, "--source", "synthetic", "--lake", "lake"];
        const load = command === "run" ? ["--no-transform", "--warehouse", "warehouse.duckdb"] : [];
        const { peakMegabytes, seconds } = await measureNode(
          [cli, command, ...where, ...load, "--collections", collection, "--json"],
          { cwd: folder },
        );
        await rm(join(folder, "lake"), { recursive: true });
        await rm(join(folder, "warehouse.duckdb"), { force: true });
        const limit = LIMITS[command];
        const met = peakMegabytes <= limit;
        const result = { command, collection, records, peakMegabytes, limit, met };
        printPeak(result, seconds);
        results.push(result);
      }
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function printPeak(result: MemoryResult, seconds: number): void {
  const { command, collection, peakMegabytes, limit, met } = result;
  console.log(
    `  ${command.padEnd(17)} ${collection.padEnd(9)} ${peakMegabytes.toFixed(0).padStart(5)} MB` +
      `  ${seconds.toFixed(1).padStart(6)} s   limit ${limit} MB: ${met ? "met" : "missed"}`,
  );
}

if (import.meta.main) {
  const results = await memory({
    records: process.argv[2] === undefined ? undefined : Number(process.argv[2]),
    commands: process.argv[3] === "extract" ? ["extract"] : undefined,
  });
  process.exitCode = results.every(({ met }) => met) ? 0 : 1;
}
