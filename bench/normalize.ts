/**
 * `normalize`, raw parts to typed Parquet tables with all child tables, against a Parquet writer in JavaScript. Both are
 * whole processes that read the same raw parts and must end with the same numbers of rows.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/normalize.ts [records] [rounds]
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTables } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import {
  compare,
  type ComparisonResult,
  measureNode,
  type Side,
  startSyntheticApi,
} from "./harness/index.ts";

export interface NormalizeBenchmarkOptions {
  /** @default 200000 */
  readonly records?: number | undefined;
  /** @default 5 */
  readonly rounds?: number | undefined;
}

const cli = fileURLToPath(new URL("../packages/runner-local/dist/cli.js", import.meta.url));
const writer = fileURLToPath(new URL("sides/normalize-hyparquet.mjs", import.meta.url));
const RUN = "bench";
const COLLECTION = "launches";

/** Theirs writes the same tables, columns, types and rows, one thread, with snappy (its default) or zstd. */
export async function normalize(options: NormalizeBenchmarkOptions = {}): Promise<ComparisonResult[]> {
  const { records = 200_000, rounds = 5 } = options;
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-normalize-"));
  const lake = join(folder, "lake");
  const raw = join(lake, "raw", "synthetic", COLLECTION, `run=${RUN}`);
  try {
    {
      await using api = await startSyntheticApi(records);
      const where = ["--api", api.url, "--source", "synthetic", "--lake", lake, "--run-id", RUN];
      await measureNode([cli, "extract", ...where, "--collections", COLLECTION, "--json"], { cwd: folder });
    }
    let rows: Record<string, number> = {};
    const ours: Side = {
      name: "spacex-etl normalize",
      async run() {
        for (const made of ["tables", "heads", join("runs", RUN, "tables.json")]) {
          await rm(join(lake, made), { recursive: true, force: true });
        }
        const which = ["--run-id", RUN, "--source", "synthetic", "--lake", lake];
        const measured = await measureNode([cli, "normalize", ...which, "--json"], { cwd: folder });
        const { document } = await readTables(fileStore({ root: lake }), RUN);
        rows = Object.fromEntries(
          document.collections.flatMap(({ tables }) => tables.map((table) => [table.spec.name, table.rows])),
        );
        return measured;
      },
    };
    const inJavaScript = (codec: string): Side => ({
      name: `JSON.parse and hyparquet-writer, ${codec.toLowerCase()}`,
      async run() {
        const out = join(folder, "out");
        const measured = await measureNode([writer, raw, COLLECTION, out, codec], { cwd: folder });
        const theirs = JSON.parse(await readFile(join(out, "rows.json"), "utf8")) as Record<string, number>;
        assertSameRows(theirs, rows);
        await rm(out, { recursive: true });
        return measured;
      },
    });
    // The first round of theirs is compared with it.
    await ours.run();
    const what = `normalize of ${records.toLocaleString("en-US")} ${COLLECTION} with ${Object.keys(rows).length - 1} child tables`;
    return [
      await compare({
        what,
        ours,
        theirs: inJavaScript("SNAPPY"),
        others: [inJavaScript("ZSTD")],
        rounds,
        goal: { faster: 4 },
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function assertSameRows(theirs: Record<string, number>, ours: Record<string, number>): void {
  for (const [table, count] of Object.entries(ours)) {
    if (theirs[table] !== count)
      throw new Error(`${table}: ${count} rows of ours, ${theirs[table]} of theirs.`);
  }
}

if (import.meta.main) {
  await normalize({
    records: process.argv[2] === undefined ? undefined : Number(process.argv[2]),
    rounds: process.argv[3] === undefined ? undefined : Number(process.argv[3]),
  });
}
