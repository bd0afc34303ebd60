import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import { extract, normalize, tablesAhead } from "../src/index.ts";
import { fileStore } from "../src/file/index.ts";
import { BATCH_BYTES } from "./batch-bytes.ts";
import { jobsOf, type ShopSources, shopSources } from "./run.ts";
import { shop } from "./shop.ts";

/** What a child process is told, as JSON in its first argument. */
export interface ProcessOptions {
  readonly root: string;
  readonly runId: string;
  readonly collections: readonly (keyof ShopSources)[];
  readonly orders: number;
  /** The process kills itself, as by `kill -9`, at this checkpoint; 0 for never. */
  readonly killAt: number;
  readonly normalize: boolean;
}

/** What it prints, as JSON. */
export interface ProcessResult {
  readonly extract: "committed" | "adopted";
  readonly normalize: "committed" | "adopted" | undefined;
  readonly checkpoints: number;
}

async function openDuckDB(): Promise<DuckDBConnectionLike> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  return (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? "") as ProcessOptions;
  let checkpoints = 0;
  const checkpoint = (): void => {
    checkpoints++;
    if (checkpoints === options.killAt) process.kill(process.pid, "SIGKILL");
  };
  const store = fileStore({ root: options.root, checkpoint });
  const { runId } = options;
  const sources = shopSources({ orders: options.orders });
  const asked = Object.fromEntries(options.collections.map((name) => [name, sources[name]]));
  const asTables = { store, runId, collections: shop, batchBytes: BATCH_BYTES, checkpoint };
  const connection = options.normalize ? await openDuckDB() : undefined;
  await using ahead = connection === undefined ? undefined : tablesAhead({ ...asTables, connection });
  const extracted = await extract({
    store,
    runId,
    source: "shop",
    collections: jobsOf(asked),
    partBytes: 8000,
    observer: ahead,
    checkpoint,
  });
  let normalized: "committed" | "adopted" | undefined;
  if (connection !== undefined) {
    normalized = (await normalize({ ...asTables, connection, ahead })).outcome;
  }
  const result: ProcessResult = { extract: extracted.outcome, normalize: normalized, checkpoints };
  process.stdout.write(JSON.stringify(result));
}

await main();
