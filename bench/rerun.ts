/**
 * The whole job (extract, normalize, load; no dbt) when nothing has changed, against its first run. Each run is a whole
 * process of the command line.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/rerun.ts [records] [rounds] [records with ETags]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  compare,
  type ComparisonResult,
  measureNode,
  type Measurement,
  startSyntheticApi,
} from "./harness/index.ts";

export interface RerunOptions {
  /** Without ETags. @default 200000 */
  readonly records?: number | undefined;
  /** @default 3 */
  readonly rounds?: number | undefined;
  /** With ETags. @default 1000000 */
  readonly recordsWithEtags?: number | undefined;
}

const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));

/** One second, to be compared with: a limit and not a measurement. */
const ONE_SECOND: Measurement = { seconds: 1, cpuSeconds: 1, peakMegabytes: 0 };

/** Without ETags the records are read again and recognized by their bytes; with ETags none is sent. */
export async function rerun(options: RerunOptions = {}): Promise<ComparisonResult[]> {
  const { records = 200_000, rounds = 3, recordsWithEtags = 1_000_000 } = options;
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-rerun-"));
  const jobs = (url: string, collection: string) => (place: string, more: readonly string[]) => {
    const from = ["--api", url, "--source", "synthetic", "--collections", collection, "--no-transform"];
    const to = ["--lake", `${place}-lake`, "--warehouse", `${place}.duckdb`, "--json"];
    return measureNode([cli, "run", ...from, ...to, ...more], { cwd: folder });
  };
  const remove = async (place: string): Promise<void> => {
    await rm(join(folder, `${place}-lake`), { recursive: true, force: true });
    await rm(join(folder, `${place}.duckdb`), { force: true });
  };
  try {
    const results: ComparisonResult[] = [];
    for (const collection of ["launches", "starlink"]) {
      await using api = await startSyntheticApi(records);
      const job = jobs(api.url, collection);
      await job("kept", []);
      results.push(
        await compare({
          what: `${records.toLocaleString("en-US")} unchanged ${collection} without ETags`,
          ours: { name: "the job again, --no-etag", run: () => job("kept", ["--no-etag"]) },
          theirs: {
            name: "its first run",
            run: async () => {
              const measured = await job("new", []);
              await remove("new");
              return measured;
            },
          },
          rounds,
          goal: { faster: 3 },
        }),
      );
      await remove("kept");
    }
    await using api = await startSyntheticApi(recordsWithEtags);
    const job = jobs(api.url, "starlink");
    await job("kept", []);
    results.push(
      await compare({
        what: `${recordsWithEtags.toLocaleString("en-US")} unchanged starlink with ETags`,
        ours: { name: "the job again", run: () => job("kept", []) },
        theirs: { name: "the limit", run: () => Promise.resolve(ONE_SECOND) },
        rounds,
        goal: { atMost: 1 },
      }),
    );
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [records, rounds, recordsWithEtags] = process.argv.slice(2).map(Number);
  await rerun({ records, rounds, recordsWithEtags });
}
