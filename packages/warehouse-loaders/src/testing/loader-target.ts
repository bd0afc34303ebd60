import type { Loader } from "../loader/loader.ts";

/** A row as JSON values: 64-bit integers are decimal text, timestamps ISO 8601 in UTC to the microsecond, dates `YYYY-MM-DD`. */
export type RawRow = Readonly<Record<string, unknown>>;

/** One empty warehouse of the engine under test: a file, or a schema or dataset of its own that may not exist yet. */
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
  /**
   * Brings a file to where the engine reads it and returns its uri; by default the path is the uri. `name` is a relative
   * object name of plain characters, another one for each file of each test. Every target of the suite can read it.
   */
  publish?(path: string, name: string): Promise<string>;
  /**
   * A script that calls `runLoadProcess`, and what it needs to open a loader on this warehouse from another process: a JSON
   * value, written into a file that only the test can read for as long as the process runs.
   */
  readonly process: { readonly script: string; readonly argument: unknown };
}

/** The driver under test. */
export interface LoaderSuite {
  readonly name: string;
  /** Called for every test, and for every kill. */
  open(): Promise<LoaderTarget>;
  /** Rows of the large-table test; a million is worth a nightly run. @default 200_000 */
  readonly largeRows?: number | undefined;
  /** Kill at every n-th checkpoint, and always around files, schemas and the commit; 1 is worth a nightly run. @default 5 */
  readonly killEvery?: number | undefined;
  /** The engine has `ALTER TABLE … ALTER COLUMN … SET NOT NULL`. @default true */
  readonly canSetNotNull?: boolean | undefined;
  /**
   * Tables and columns are made by statements of the phase `schema`, before the transaction and not undone with it. A load
   * that was not committed may then leave new tables without a row and new columns without a value, and nothing else.
   * @default false
   */
  readonly schemaBeforeTransaction?: boolean | undefined;
  /** Reading a table waits for the end of a transaction that altered it. @default false */
  readonly alteredTablesBlock?: boolean | undefined;
  /** A table with rows takes one load job or COPY; without, the engine reads the files in place. @default false */
  readonly stagesByJob?: boolean | undefined;
  /**
   * Least number of checkpoints of a load that creates, alters and fills seven tables. An engine that sends its whole
   * transaction as one request has fewer than one that sends its statements. @default 20
   */
  readonly leastCheckpoints?: number | undefined;
}
