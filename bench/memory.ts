/**
 * Peak memory of the extracting process and of the whole job, on a synthetic corpus that a simulator in a process of its
 * own serves. Run it with the built command line:
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/memory.ts [records]
 *
 * Prints one line per command; ends with 1 if a limit is passed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureNode, startSyntheticApi } from "./harness/index.ts";

const records = Number(process.argv[2] ?? 1_000_000);
const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "spacex-etl-memory-"));

/** Megabytes (10^6 bytes), whatever the number of records. */
const LIMITS = { extract: 256, run: 1200 } as const;

async function measure(args: readonly string[]): Promise<number> {
  const { peakMegabytes, seconds } = await measureNode([cli, ...args, "--json"], { cwd: folder });
  console.log(
    `${(args[0] ?? "").padEnd(8)} ${(args[args.indexOf("--collections") + 1] ?? "").padEnd(9)} ` +
      `${peakMegabytes.toFixed(0).padStart(5)} MB  ${seconds.toFixed(1).padStart(6)} s`,
  );
  return peakMegabytes;
}

try {
  await using api = await startSyntheticApi(records);
  console.log(`${records.toLocaleString("en-US")} records`);
  let passed = true;
  let run = 0;
  for (const collection of ["starlink", "launches"]) {
    const job = (): string[] => [
      "--api",
      api.url,
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
  rmSync(folder, { recursive: true, force: true });
}
