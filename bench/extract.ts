/**
 * `extract` against the plain and the naive way to bring a collection into a compressed file. All sides are whole
 * processes that read from the same simulator, which runs in one more process on the same machine.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/extract.ts [records] [rounds]
 */
import { mkdtemp, rm } from "node:fs/promises";
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

export interface ExtractOptions {
  /** @default 100000 */
  readonly records?: number | undefined;
  /** @default 5 */
  readonly rounds?: number | undefined;
}

const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));
const side = (name: string): string => fileURLToPath(new URL(`sides/${name}.mjs`, import.meta.url));

/**
 * Ours validates every record, finds double keys, hashes and compresses with zstd. B0 (`sides/extract-baseline.mjs`)
 * does none of it and compresses with gzip; B1 (`sides/extract-naive.mjs`) validates and hashes.
 */
export async function extract(options: ExtractOptions = {}): Promise<ComparisonResult[]> {
  const { records = 100_000, rounds = 5 } = options;
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-extract-"));
  try {
    await using api = await startSyntheticApi(records);
    const results: ComparisonResult[] = [];
    for (const collection of ["starlink", "launches"]) {
      const used: number[] = [];
      const counted = (name: string, run: Side["run"]): Side => ({
        name,
        run: async () => {
          const before = await api.cpuSeconds();
          const measured = await run();
          const after = await api.cpuSeconds();
          if (before !== undefined && after !== undefined) used.push((after - before) / measured.seconds);
          return measured;
        },
      });
      const ours = counted("spacex-etl extract (zstd, every record valid)", async () => {
        const lake = join(folder, "lake");
        const where = ["--api", api.url, "--source", "synthetic", "--lake", lake];
        const measured = await measureNode(
          [cli, "extract", ...where, "--collections", collection, "--json"],
          {
            cwd: folder,
          },
        );
        await rm(lake, { recursive: true });
        return measured;
      });
      const theirs = (name: string, program: string): Side =>
        counted(name, () => measureNode([side(program), api.url, collection, join(folder, "out.gz")]));
      const what = `extract of ${records.toLocaleString("en-US")} ${collection}`;
      const plain = theirs("B0: ky.json(), JSON.stringify, gzip -6", "extract-baseline");
      const naive = theirs("B1: B0 with zod, sha256 and a write per record", "extract-naive");
      results.push(
        await compare({ what: `${what}, plain`, ours, theirs: plain, rounds, goal: { faster: 2.4 } }),
      );
      results.push(
        await compare({ what: `${what}, naive`, ours, theirs: naive, rounds, goal: { faster: 8 } }),
      );
      const share = used.toSorted((a, b) => a - b)[Math.floor(used.length / 2)];
      if (share !== undefined)
        console.log(
          `  the simulator itself used ${(100 * share).toFixed(0)} % of one core (median of all runs)`,
        );
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  await extract({
    records: process.argv[2] === undefined ? undefined : Number(process.argv[2]),
    rounds: process.argv[3] === undefined ? undefined : Number(process.argv[3]),
  });
}
