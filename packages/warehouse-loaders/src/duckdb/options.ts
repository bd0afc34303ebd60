import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import type { LoadPart } from "../loader/load-request.ts";

interface CommonOptions {
  /** The database file. It and its folder are made by the first load. */
  readonly path: string;
  /** Schema of the raw tables. @default "raw" */
  readonly schema?: string | undefined;
  /** Name under which the file is attached. @default "warehouse" */
  readonly alias?: string | undefined;
  /** How long to wait for a file that is open elsewhere, in milliseconds. @default 5000 */
  readonly lockTimeoutMs?: number | undefined;
  /**
   * Brings a part whose `uri` is no path on this machine here, and returns the absolute path of the copy, which must stay
   * until the staged load is disposed. Called for tables that are loaded and for no others, for a few parts at once; the
   * copies are then checked against the manifest like any file. Without it such parts are refused (PART_URI).
   */
  readonly localPart?:
    | ((part: LoadPart, options: { readonly signal?: AbortSignal | undefined }) => Promise<string>)
    | undefined;
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
