import type { LogicalType } from "@spacex-etl/contracts";
import type { PlannedCollection } from "../../loader/load-plan.ts";

/** The only place where a logical type becomes a BigQuery type. */
export const BIGQUERY_TYPES: Readonly<Record<LogicalType, string>> = {
  string: "STRING",
  int64: "INT64",
  float64: "FLOAT64",
  boolean: "BOOL",
  timestamp: "TIMESTAMP",
  date: "DATE",
};

/** Where the raw tables are. */
export interface RawDataset {
  readonly project: string;
  readonly dataset: string;
}

/** Name in backticks, with the escapes of https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#quoted_identifiers */
export function identifier(name: string): string {
  return `\`${escaped(name).replaceAll("`", "\\`")}\``;
}

/** String in single quotes: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences */
export function literal(text: string): string {
  return `'${escaped(text).replaceAll("'", "\\'")}'`;
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll(
      /[\p{Cc}\u2028\u2029]/gu,
      (character) =>
        SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`,
    );
}

/** An instant in ISO 8601 in UTC, up to microseconds. */
export function timestampLiteral(instant: string): string {
  return `TIMESTAMP ${literal(instant)}`;
}

/** A table of the dataset, quoted as a whole: a project may be `example.com:name`. */
export function tableName({ project, dataset }: RawDataset, table: string): string {
  return identifier(`${project}.${dataset}.${table}`);
}

export function datasetName({ project, dataset }: RawDataset): string {
  return identifier(`${project}.${dataset}`);
}

/** Temporary table of what differs in a collection, by key. */
export function changesTable(collection: PlannedCollection): string {
  return identifier(`changes_of_${collection.tables[0]!.table}`);
}

/** Temporary table with one row per table of the report. */
export const COUNTS = "`counts_of_load`";
/** Temporary table with the live rows of each table that was written. */
export const LIVE = "`rows_after_load`";

/**
 * Script variable with the load's one time. In a query a column stands before a variable of its name; no column of a
 * record begins with an underscore.
 */
export const LOAD_TIME = "_load_time";
/** Query parameter with the clock: the text of a load is the same whenever it runs. */
export const CLOCK = "@clock";

/** What a script of ours fails with begins so, followed by a code and words, because BigQuery puts text of its own around it. */
export const MARK = "spacex-etl:";
