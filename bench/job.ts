/**
 * The whole job, API to typed warehouse tables with children, against what one would write in its place. All sides are
 * whole processes that read from the same simulator, which runs in one more process on the same machine.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/job.ts [records] [rounds]
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  compare,
  type ComparisonResult,
  measureNode,
  type Side,
  startSyntheticApi,
} from "./harness/index.ts";

export interface JobOptions {
  /** @default 200000 */
  readonly records?: number | undefined;
  /** @default 5 */
  readonly rounds?: number | undefined;
}

const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));
const COLLECTION = "launches";

/**
 * Ours validates every record, keeps the raw bytes, writes typed Parquet tables and loads ten tables in one transaction.
 * The naive job keeps gzip and one table with nested columns; the array job stands in for `curl` and DuckDB's command
 * line, and keeps the downloaded text and one such table.
 */
export async function job(options: JobOptions = {}): Promise<ComparisonResult[]> {
  const { records = 200_000, rounds = 5 } = options;
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-job-"));
  try {
    await using api = await startSyntheticApi(records);
    const side = (name: string, args: readonly string[]): Side => ({
      name,
      async run() {
        const work = join(folder, "work");
        await mkdir(work);
        const measured = await measureNode(args, { cwd: work });
        await rm(work, { recursive: true });
        return measured;
      },
    });
    const program = (file: string): string[] => [
      fileURLToPath(new URL(`sides/${file}.mjs`, import.meta.url)),
      api.url,
      COLLECTION,
    ];
    const target = ["--lake", "lake", "--warehouse", "warehouse.duckdb"];
    const source = ["--api", api.url, "--source", "synthetic", "--collections", COLLECTION];
    const ours = side("spacex-etl run", [cli, "run", ...source, ...target, "--no-transform", "--json"]);
    const naive = side("pages, JSON.stringify, gzip, read_json", program("job-naive"));
    const array = side("whole array to a file, read_json", program("job-array"));
    const what = `extract, normalize and load of ${records.toLocaleString("en-US")} ${COLLECTION}`;
    return [
      await compare({
        what: `${what}, naive`,
        ours,
        theirs: naive,
        rounds,
        goal: { atMost: 0.5 },
      }),
      await compare({ what: `${what}, array (stretch)`, ours, theirs: array, rounds, goal: { atMost: 1 } }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  await job({
    records: process.argv[2] === undefined ? undefined : Number(process.argv[2]),
    rounds: process.argv[3] === undefined ? undefined : Number(process.argv[3]),
  });
}
