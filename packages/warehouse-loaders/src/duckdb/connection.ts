import { type DuckDBConnectionLike, EtlError } from "@spacex-etl/contracts";

export interface OwnedConnection {
  readonly connection: DuckDBConnectionLike;
  close(): void;
}

export interface InstanceSettings {
  readonly memoryLimit: string | undefined;
  readonly tempDirectory: string;
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
