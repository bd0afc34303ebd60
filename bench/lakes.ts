/**
 * A lake in a bucket against one in a folder, and the memory of an extraction into a bucket. The object stores are real
 * servers on the same machine (`tests/servers`), in processes of their own, and take their share of its processors.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/lakes.ts [records] [rounds] [records for memory]
 *
 * Ends with 1 if a goal is missed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installServers, startFakeGcs, startVersitygw, type TestServer } from "../tests/servers/index.ts";
import {
  compare,
  type ComparisonResult,
  type Measurement,
  measureNode,
  startSyntheticApi,
} from "./harness/index.ts";
import { type MemoryResult, printPeak } from "./memory.ts";

export interface LakesOptions {
  /** @default 100000 */
  readonly records?: number | undefined;
  /** @default 5 */
  readonly rounds?: number | undefined;
}

const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));

/** Megabytes (10^6 bytes), whatever the number of records. */
const LIMIT = 300;

/** The same extraction into a bucket of versitygw and into a folder. */
export async function lakes(options: LakesOptions = {}): Promise<ComparisonResult[]> {
  const { records = 100_000, rounds = 5 } = options;
  await installServers(console.log);
  return inFolder(async (folder) => {
    await using api = await startSyntheticApi(records);
    await using server = await startVersitygw();
    const results: ComparisonResult[] = [];
    for (const collection of ["starlink", "launches"]) {
      const bucketOf = buckets(server, collection);
      results.push(
        await compare({
          what: `extract of ${records.toLocaleString("en-US")} ${collection} into a bucket`,
          ours: {
            name: "lake in S3 (versitygw)",
            run: async () => extract(api.url, collection, folder, await bucketOf(), server),
          },
          theirs: {
            name: "lake in a folder",
            run: async () => {
              const measured = await extract(api.url, collection, folder, "lake");
              await rm(join(folder, "lake"), { recursive: true });
              return measured;
            },
          },
          rounds,
          goal: { faster: 0.8 },
        }),
      );
    }
    return results;
  });
}

/** Peak memory of extracting each large collection once into S3 and once into GCS. */
export async function lakesMemory(records = 1_000_000): Promise<MemoryResult[]> {
  await installServers(console.log);
  return inFolder(async (folder) => {
    await using api = await startSyntheticApi(records);
    console.log(
      `\npeak memory of an extraction into a bucket with ${records.toLocaleString("en-US")} records`,
    );
    const results: MemoryResult[] = [];
    for (const start of [startVersitygw, startFakeGcs]) {
      await using server = await start();
      for (const collection of ["starlink", "launches"]) {
        const lake = await buckets(server, collection)();
        const { peakMegabytes, seconds } = await extract(api.url, collection, folder, lake, server);
        const command = `extract into ${server.service}`;
        const met = peakMegabytes <= LIMIT;
        const result = { command, collection, records, peakMegabytes, limit: LIMIT, met };
        printPeak(result, seconds);
        results.push(result);
      }
    }
    return results;
  });
}

function extract(
  api: string,
  collection: string,
  cwd: string,
  lake: string,
  server?: TestServer,
): Promise<Measurement> {
  const where = ["--api", api, "--source", "synthetic", "--lake", lake];
  return measureNode([cli, "extract", ...where, "--collections", collection, "--json"], {
    cwd,
    env: { ...server?.env },
  });
}

/** A new bucket for every run. */
function buckets(server: TestServer, collection: string): () => Promise<string> {
  let made = 0;
  return async () => {
    const bucket = `${collection}-${made++}`;
    await server.makeBucket(bucket);
    return server.lakeUrl(bucket, "lake");
  };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-lakes-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [records, rounds, forMemory] = process.argv.slice(2).map(Number);
  const compared = await lakes({ records, rounds });
  const peaks = await lakesMemory(forMemory);
  process.exitCode = [...compared, ...peaks].every(({ met }) => met !== false) ? 0 : 1;
}
