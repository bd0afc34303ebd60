import { EXIT_CODES, type ErrorKind } from "@spacex-etl/contracts";
import { z } from "zod";

const countSchema = z.int().nonnegative();
const kinds = Object.keys(EXIT_CODES).filter((kind): kind is ErrorKind => kind !== "ok");

const errorSchema = z.object({
  /** Stable, for programs: `WAREHOUSE_LOCKED`. */
  code: z.string(),
  kind: z.enum(kinds),
  message: z.string(),
  /** What to do next; null where nothing better is known than the message. */
  hint: z.string().nullable(),
});
/** Why a command failed. */
export type ErrorSummary = Readonly<z.infer<typeof errorSchema>>;

const collectionSchema = z.object({
  name: z.string(),
  /** Valid records of the collection in this run, referenced parts included. */
  records: countSchema,
  /** Requests sent for it by this process, retries included; 0 for a collection that was complete before. */
  requests: countSchema,
  /** Bytes of its records before compression. */
  bytes: countSchema,
  /** Records in quarantine. */
  invalid: countSchema,
  /** As in the collection manifest; null: at least one part is new. */
  reused: z.enum(["not-modified", "same-content"]).nullable(),
  /** Fields that the schema does not know, and how many records have them. */
  drift: z.array(z.object({ path: z.string(), records: countSchema })),
});
/** What extract did with one collection. */
export type CollectionSummary = Readonly<z.infer<typeof collectionSchema>>;

const tableSchema = z.object({
  /** A parent table. A change in a child table is counted here, as an update of the row that it belongs to. */
  name: z.string(),
  /** Rows that are not deleted, after the load. */
  rows: countSchema,
  inserted: countSchema,
  updated: countSchema,
  deleted: countSchema,
  unchanged: countSchema,
});
/** What load did with one table. Counts are rows. */
export type TableSummary = Readonly<z.infer<typeof tableSchema>>;

const transformSchema = z.object({
  /** `skipped`: nothing to do; `off`: not asked for, or not part of the command; both with a reason. */
  status: z.enum(["done", "skipped", "failed", "off"]),
  reason: z.string().optional(),
  models: z.object({ built: countSchema, failed: countSchema, skipped: countSchema }).optional(),
  tests: z.object({ passed: countSchema, warned: countSchema, failed: countSchema }).optional(),
  durationMs: z.number().nonnegative().optional(),
});
/** What transform did, or why it did nothing. */
export type TransformSummary = Readonly<z.infer<typeof transformSchema>>;

/** The one JSON document that a command of the pipeline prints with `--json`. */
export const runSummarySchema = z.object({
  /** Null where the command failed before it had one. */
  runId: z.string().nullable(),
  /**
   * `ok`: something was written. `unchanged`: there was nothing to do, and nothing was written but the run's manifests.
   * `superseded`: a newer extraction is in the warehouse, so it was left alone. `failed`: see `error`.
   * `interrupted`: stopped by a signal; the same run id continues.
   */
  status: z.enum(["ok", "unchanged", "superseded", "failed", "interrupted"]),
  exitCode: z.int().min(0).max(255),
  error: errorSchema.optional(),
  durationMs: z.number().nonnegative(),
  /** Empty where extract was not part of the command. A collection that failed is missing. */
  collections: z.array(collectionSchema),
  /** Empty where load was not part of the command. */
  tables: z.array(tableSchema),
  transform: transformSchema,
  /**
   * The lake and the warehouse as they can be given to `--lake` and `--warehouse`: absolute paths or URLs.
   * Null where the command failed before they were known.
   */
  lake: z.string().nullable(),
  warehouse: z.string().nullable(),
});
/** What a command of the pipeline did, as plain data. */
export type RunSummary = Readonly<z.infer<typeof runSummarySchema>>;

/** A small table of results from the marts, for people. */
export interface Highlights {
  readonly title: string;
  readonly columns: readonly string[];
  /** Numbers get thousands separators, so give a year as text; null is printed as a dash. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/**
 * What `run` and the step commands return: the summary, and beside it what only a person wants to see. A command that
 * failed half-way returns what was done so far with `error` set, and the error itself in `cause`; it may also throw.
 */
export interface RunReport extends RunSummary {
  readonly highlights?: Highlights | undefined;
  /** Absolute path or URL of the newest manifest of the run. */
  readonly manifest?: string | undefined;
  /** What was thrown, for details and for the stack of a bug. */
  readonly cause?: unknown;
}
