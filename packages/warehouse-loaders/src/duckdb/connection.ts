import { type DuckDBConnectionLike, EtlError } from "@spacex-etl/contracts";
import { availableParallelism } from "node:os";

export interface OwnedConnection {
  readonly connection: DuckDBConnectionLike;
  close(): void;
}

export interface InstanceSettings {
  readonly memoryLimit: string | undefined;
  readonly tempDirectory: string;
}

/** Measured on two cores, taken to hold up to here. */
const FEW_CORES = 4;

/**
 * DuckDB's `threads` for a load: 1 up to four cores, else half of the cores. The loader's own DuckDB has it; with a
 * connection of yours, `SET threads = …` before a load is worth it.
 */
export function loadThreads(cores: number = availableParallelism()): number {
  // With more than one, each thread makes small row groups, which are then put together and written again, and those that
  // wait for work spin: for 200,000 wide rows with two million children, two threads on two cores took twice as long as one.
  return cores <= FEW_CORES ? 1 : Math.floor(cores / 2);
}

/**
 * A connection to an in-memory instance of its own. `@duckdb/node-api` is loaded here and nowhere else.
 *
 * @throws EtlError PEER_MISSING, kind `usage`, where the package is not installed.
 */
export async function openConnection(settings: InstanceSettings): Promise<OwnedConnection> {
  const { DuckDBInstance } = await import("@duckdb/node-api").catch((cause: unknown) => {
    throw new EtlError({
      kind: "usage",
      code: "PEER_MISSING",
      message: "The DuckDB loader needs the package @duckdb/node-api, which cannot be loaded.",
      hint: "Install it: npm install @duckdb/node-api — or pass a connection of your own.",
      cause,
    });
  });
  const instance = await DuckDBInstance.create(":memory:", {
    // All that a load needs is built in; nothing is fetched behind the user's back.
    autoinstall_known_extensions: "false",
    temp_directory: settings.tempDirectory,
    threads: String(loadThreads()),
    ...(settings.memoryLimit === undefined ? {} : { memory_limit: settings.memoryLimit }),
  });
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
