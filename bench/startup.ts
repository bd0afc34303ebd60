/**
 * From the start of a process to loaded tables on the real snapshot: small data, so what counts is what a start costs.
 * Needs the built command line (`turbo run build`):
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/startup.ts [rounds]
 *
 * Ends with 1 if a goal is missed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  compare,
  type ComparisonResult,
  measureNode,
  type Measurement,
  startSnapshotApi,
} from "./harness/index.ts";

export interface StartupOptions {
  /** @default 7 */
  readonly rounds?: number | undefined;
}

/** Milliseconds from the start of the process to its end in the best round, for what needs nothing but words. */
const WORDS_LIMIT_MS = 120;

const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const cli = join(packages, "runner-local", "dist", "cli.js");
const naive = fileURLToPath(new URL("sides/startup-naive.mjs", import.meta.url));

/** All rows. The first result is that of the goal: at most 1.5 × the time of the naive job. */
export async function startup(options: StartupOptions = {}): Promise<ComparisonResult[]> {
  const { rounds = 7 } = options;
  const job = await compareJobs(rounds);
  const words = [await compareWords("help", rounds), await compareWords("--version", rounds)];
  await printDoors(Math.min(rounds, 5));
  return [job, ...words];
}

async function compareJobs(rounds: number): Promise<ComparisonResult> {
  await using api = await startSnapshotApi();
  const loaded = await mkdtemp(join(tmpdir(), "spacex-etl-startup-"));
  const run = (...more: string[]): string[] => [cli, "run", "--no-transform", "--json", ...more];
  const source = ["--api", api.url, "--source", "snapshot"];
  try {
    await measureNode(run(...source), { cwd: loaded });
    return await compare({
      what: "All collections of the snapshot, from start to loaded, without dbt",
      ours: { name: "spacex-etl run, 40 tables", run: () => inFreshFolder(() => run(...source)) },
      theirs: {
        name: "naive Node, 14 tables, unchecked",
        run: () => inFreshFolder((folder) => [naive, api.url, folder]),
      },
      others: [
        { name: "spacex-etl run on the embedded snapshot", run: () => inFreshFolder(() => run()) },
        { name: "spacex-etl run again, unchanged", run: () => measureNode(run(...source), { cwd: loaded }) },
      ],
      rounds,
      goal: { atMost: 1.5 },
    });
  } finally {
    await rm(loaded, { recursive: true, force: true });
  }
}

async function inFreshFolder(argumentsIn: (folder: string) => readonly string[]): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-startup-"));
  try {
    return await measureNode(argumentsIn(folder), { cwd: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compareWords(word: string, rounds: number): Promise<ComparisonResult> {
  const result = await compare({
    what: `spacex-etl ${word}`,
    ours: { name: `spacex-etl ${word}`, run: () => measureNode([cli, word]) },
    theirs: { name: "Node alone", run: () => measureNode(["--eval", "0"]) },
    rounds,
  });
  const milliseconds = (result.sides[0]?.best.seconds ?? Number.NaN) * 1000;
  console.log(`  best ${milliseconds.toFixed(0)} ms; goal < ${WORDS_LIMIT_MS} ms`);
  return { ...result, met: milliseconds < WORDS_LIMIT_MS };
}

/** What each door costs whoever imports it into an empty process. */
async function printDoors(rounds: number): Promise<void> {
  console.log(`\nCold import in an empty process, CPU ms (${rounds} processes each, median (best))`);
  const empty = await importTimes(undefined, rounds);
  for (const { name, file } of doors()) {
    const times = await importTimes(file, rounds);
    const [middle, best] = [times.middle - empty.middle, times.best - empty.best];
    console.log(
      `  ${name.padEnd(44)} ${Math.max(middle, 0).toFixed(0).padStart(5)} (${Math.max(best, 0).toFixed(0)})`,
    );
  }
}

/** CPU milliseconds of a process: the same on a busy machine and on an idle one, unlike the time on the clock. */
async function importTimes(
  file: string | undefined,
  rounds: number,
): Promise<{ readonly middle: number; readonly best: number }> {
  const program = file === undefined ? "0" : `await import(${JSON.stringify(pathToFileURL(file).href)})`;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { cpuSeconds } = await measureNode(["--input-type=module", "--eval", program]);
    times.push(cpuSeconds * 1000);
  }
  times.sort((a, b) => a - b);
  return { middle: times[Math.floor(times.length / 2)] ?? Number.NaN, best: times[0] ?? Number.NaN };
}

/** Every export of every built package but those for tests. */
function doors(): { readonly name: string; readonly file: string }[] {
  return readdirSync(packages).flatMap((folder) => {
    const manifest = join(packages, folder, "package.json");
    if (!existsSync(manifest)) return [];
    const { name, exports } = JSON.parse(readFileSync(manifest, "utf8")) as {
      readonly name: string;
      readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
    };
    return Object.entries(exports).flatMap(([subpath, target]) =>
      typeof target === "string" || subpath === "./testing"
        ? []
        : [{ name: name + subpath.slice(1), file: join(packages, folder, target.default) }],
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
  const results = await startup({ rounds });
  process.exitCode = results.every(({ met }) => met !== false) ? 0 : 1;
}
