import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnectionLike } from "@spacex-etl/contracts";

/** An in-memory DuckDB of this process: normalize and load share it. */
export interface Engine extends AsyncDisposable {
  readonly connection: DuckDBConnectionLike;
  /** A folder of this process alone, removed at the end; DuckDB spills here, Parquet files are made here. */
  readonly workFolder: string;
}

/** Starts DuckDB; the binding is loaded only now, because most of a command's start-up would be its. */
export async function openEngine(memoryLimit: string): Promise<Engine> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const workFolder = await mkdtemp(join(tmpdir(), "spacex-etl-"));
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: memoryLimit,
    temp_directory: join(workFolder, "spill"),
    // The extensions that are used are part of the binding; nothing is to be fetched from anywhere.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    connection,
    workFolder,
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await rm(workFolder, { recursive: true, force: true });
    },
  };
}
