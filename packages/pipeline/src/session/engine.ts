import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DuckDBConnectionLike } from "@spacex-etl/contracts";

/** An in-memory DuckDB of this process: normalize and load share it. */
export interface Engine extends AsyncDisposable {
  readonly connection: DuckDBConnectionLike;
  /** Others to the same DuckDB, so that normalize makes several batches at once. */
  readonly moreConnections: readonly DuckDBConnectionLike[];
  /** A folder of this process alone, removed at the end; DuckDB spills here, Parquet files are made here. */
  readonly workFolder: string;
}

/** Batches that normalize makes at once: each adds some 100 MB to the peak under the default memory limit. */
const MAX_LANES = 4;

/** Starts DuckDB; the binding is loaded only now, because most of a command's start-up would be its. */
export async function openEngine(memoryLimit: string): Promise<Engine> {
  const [{ DuckDBInstance }, workFolder] = await Promise.all([
    import("@duckdb/node-api"),
    // The folder of temporary files may be named relative to the working directory; paths of files must not be.
    mkdtemp(resolve(tmpdir(), "spacex-etl-")),
  ]);
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: memoryLimit,
    // What normalize and, on few cores, load work with: others would only be started to be stopped.
    threads: "1",
    temp_directory: join(workFolder, "spill"),
    // The extensions that are used are part of the binding; nothing is to be fetched from anywhere.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const moreConnections = await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), MAX_LANES) - 1 }, () => instance.connect()),
  );
  return {
    connection,
    moreConnections,
    workFolder,
    async [Symbol.asyncDispose]() {
      for (const each of [connection, ...moreConnections]) each.closeSync();
      instance.closeSync();
      await rm(workFolder, { recursive: true, force: true });
    },
  };
}
