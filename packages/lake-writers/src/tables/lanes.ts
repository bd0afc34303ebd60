import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checkpoint, DuckDBConnectionLike } from "@spacex-etl/contracts";
import type { ObjectStore } from "../store/object-store.ts";
import { workFolderError } from "../store/read.ts";
import type { NormalizeContext } from "./normalize-collection.ts";
import { type Pool, pool } from "./pool.ts";

/** On what batches are made, and where they go. */
export interface LanesOptions {
  readonly store: ObjectStore;
  readonly runId: string;
  /** An in-memory DuckDB. Its `TimeZone` is set to UTC, and a temporary table of ours comes and goes. */
  readonly connection: DuckDBConnectionLike;
  /**
   * Further connections to the same DuckDB: with each, one more batch is made at the same time. DuckDB's `threads` is 1
   * meanwhile. One connection per processor is best.
   *
   * @default none
   */
  readonly moreConnections?: readonly DuckDBConnectionLike[] | undefined;
  /** Where Parquet files are made before the lake has them. @default a folder in the system's temporary folder */
  readonly workFolder?: string | undefined;
  /**
   * A batch closes with the raw part that reaches this many bytes: a connection turns so many into tables at once.
   * Bounds memory and the size of a Parquet file.
   *
   * @default 32 MiB
   */
  readonly batchBytes?: number | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Connections that are set up to make batches, until it is disposed of. */
export interface Lanes extends AsyncDisposable {
  readonly context: NormalizeContext;
}

const BATCH_BYTES = 32 * 1024 * 1024;

export function batchBytesOf({ batchBytes = BATCH_BYTES }: Pick<LanesOptions, "batchBytes">): number {
  return batchBytes;
}

function slots(count: number): Pool<number> {
  return pool(Array.from({ length: count }, () => 0));
}

/** Whoever uses the lanes must have ended before they are disposed of. */
export async function openLanes(options: LanesOptions): Promise<Lanes> {
  const { store, runId, connection, signal } = options;
  const connections = [connection, ...(options.moreConnections ?? [])];
  const workFolder = await makeWorkFolder(options.workFolder);
  const failure = new AbortController();
  const stopped = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const interrupt = (): void => connections.forEach((each) => each.interrupt?.());
  stopped.addEventListener("abort", interrupt, { once: true });
  let restoreThreads = async (): Promise<void> => undefined;
  async function close(): Promise<void> {
    stopped.removeEventListener("abort", interrupt);
    await restoreThreads();
    await rm(workFolder, { recursive: true, force: true });
  }
  const transfers = Math.max(store.parallelCreates ?? 0, 2);
  try {
    for (const each of connections) await each.run("SET TimeZone = 'UTC'");
    if (connections.length > 1) restoreThreads = await useOneThreadEach(connection);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    context: {
      store,
      runId,
      connections: pool(connections),
      // So many that a connection waits for uploads only while all transfers are busy.
      batches: slots(connections.length + transfers),
      spools: slots(connections.length + 1),
      transfers: slots(transfers),
      workFolder,
      batchBytes: batchBytesOf(options),
      checkpoint: options.checkpoint ?? (() => undefined),
      signal: stopped,
      stop: (reason) => failure.abort(reason),
    },
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Lets every connection work on the thread that asks it, and on no other: DuckDB's own threads would take the work over,
 * and the asking thread would wait for them in a loop that keeps a processor busy. Returns what undoes it.
 */
async function useOneThreadEach(connection: DuckDBConnectionLike): Promise<() => Promise<void>> {
  const result = await connection.runAndReadAll("SELECT current_setting('threads') AS threads");
  const before = Number(result.getRowObjectsJson()[0]?.["threads"]);
  if (before === 1) return async () => undefined;
  await connection.run("SET threads = 1");
  return async () => void (await connection.run(`SET threads = ${before}`).catch(() => undefined));
}

async function makeWorkFolder(parent: string | undefined): Promise<string> {
  const base = parent ?? tmpdir();
  try {
    await mkdir(base, { recursive: true });
    return await mkdtemp(join(base, "normalize-"));
  } catch (error) {
    throw workFolderError(error);
  }
}
