import type { Loader } from "../loader/loader.ts";

/** A row as JSON values: 64-bit integers are decimal text, timestamps ISO 8601 in UTC to the microsecond, dates `YYYY-MM-DD`. */
export type RawRow = Readonly<Record<string, unknown>>;

/** One empty warehouse of the engine under test. */
export interface LoaderTarget extends AsyncDisposable {
  /** Another loader on the same warehouse. The suite disposes it. */
  loader(options?: { readonly now?: (() => Date) | undefined }): Loader;
  /**
   * The rows of a raw table, in any order; empty where there is no such table. Works while a loader is in its
   * transaction, on a connection of its own.
   */
  read(table: string): Promise<RawRow[]>;
  /** Executes one statement; no loader is open. */
  execute(sql: string): Promise<void>;
  /** How SQL names a raw table. */
  name(table: string): string;
  /** Name of a column's type in SQL. */
  readonly types: { readonly int64: string; readonly string: string };
  /** Brings a file to where the engine reads it and returns its uri; by default the path is the uri. */
  publish?(path: string): Promise<string>;
  /** A script that calls `runLoadProcess`, and what it needs to open a loader on this warehouse from another process. */
  readonly process: { readonly script: string; readonly argument: string };
}

/** The driver under test. */
export interface LoaderSuite {
  readonly name: string;
  /** Called for every test. */
  open(): Promise<LoaderTarget>;
  /** Rows of the large-table test; a million is worth a nightly run. @default 200_000 */
  readonly largeRows?: number | undefined;
  /** Kill at every n-th checkpoint, and always around files and the commit; 1 is worth a nightly run. @default 5 */
  readonly killEvery?: number | undefined;
}
