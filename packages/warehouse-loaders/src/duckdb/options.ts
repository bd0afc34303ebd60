import type { DuckDBConnectionLike } from "@spacex-etl/contracts";

interface CommonOptions {
  /** The database file. It and its folder are made by the first load. */
  readonly path: string;
  /** Schema of the raw tables. @default "raw" */
  readonly schema?: string | undefined;
  /** Name under which the file is attached. @default "warehouse" */
  readonly alias?: string | undefined;
  /** How long to wait for a file that is open elsewhere, in milliseconds. @default 5000 */
  readonly lockTimeoutMs?: number | undefined;
  /** The clock. @default () => new Date() */
  readonly now?: (() => Date) | undefined;
}

/** Which file to load, and by which DuckDB: one of its own, or the connection that is given. */
export type DuckDBLoaderOptions = CommonOptions &
  (
    | {
        /**
         * A connection to an in-memory instance. The loader attaches the file to it and detaches it when disposed, and
         * changes none of its settings. Nothing else may use the connection while a method runs.
         */
        readonly connection: DuckDBConnectionLike;
        readonly memoryLimit?: undefined;
        readonly tempDirectory?: undefined;
      }
    | {
        readonly connection?: undefined;
        /** DuckDB's `memory_limit`: `"512MB"`. @default 80 % of the machine's memory */
        readonly memoryLimit?: string | undefined;
        /** Where DuckDB spills to. @default the path of the file with `.tmp` appended */
        readonly tempDirectory?: string | undefined;
      }
  );
