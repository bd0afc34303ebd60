import type { RawColumn } from "../../planning/raw-tables.ts";
import {
  BIGQUERY_TYPES,
  datasetName,
  identifier,
  literal,
  type RawDataset,
  tableName,
  timestampLiteral,
} from "./names.ts";

/** What tables are made with beside their columns. */
export interface TableOptions {
  readonly labels: Readonly<Record<string, string>>;
  readonly kmsKey: string | undefined;
}

/** A table that is made. */
export interface NewTable {
  readonly name: string;
  readonly description: string | undefined;
  readonly columns: readonly RawColumn[];
  /** Columns to cluster by, at most {@link MAX_CLUSTERING} are taken; those that BigQuery cannot cluster by are left out. */
  readonly clusterBy: readonly string[];
  /** A DATE or TIMESTAMP column; the latter by day. */
  readonly partitionBy?: string | undefined;
}

/** https://cloud.google.com/bigquery/docs/clustered-tables#limitations */
const MAX_CLUSTERING = 4;

export function createDataset(raw: RawDataset, location: string, options: TableOptions): string {
  const set = [
    `location = ${literal(location)}`,
    ...(options.kmsKey === undefined ? [] : [`default_kms_key_name = ${literal(options.kmsKey)}`]),
    ...labels(options),
  ];
  return `CREATE SCHEMA IF NOT EXISTS ${datasetName(raw)}\nOPTIONS (${set.join(", ")})`;
}

export function createTable(raw: RawDataset, table: NewTable, options: TableOptions): string {
  const columns = table.columns.map(
    (column) => `  ${typed(column)}${column.required ? " NOT NULL" : ""}${describing(column.description)}`,
  );
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(raw, table.name)} (\n${columns.join(",\n")}\n)`,
    ...partition(table),
    ...cluster(table),
    ...optionsClause([...description(table.description), ...labels(options), ...encryption(options)]),
  ].join("\n");
}

/** One statement for all new columns. They are nullable: BigQuery adds no others. */
export function addColumns(raw: RawDataset, table: string, columns: readonly RawColumn[]): string {
  const added = columns.map(
    (column) => `  ADD COLUMN IF NOT EXISTS ${typed(column)}${describing(column.description)}`,
  );
  return `ALTER TABLE ${tableName(raw, table)}\n${added.join(",\n")}`;
}

/** Name of the table that every load updates, so that of two at once one is aborted. */
export const LOCK = "_lock";

/** Made together with its only row, so that nobody sees it without. */
export function createLock(raw: RawDataset, options: TableOptions): string {
  const text = "One row, which every load updates: of two loads at once BigQuery then aborts one.";
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(raw, LOCK)}`,
    ...optionsClause([...description(text), ...labels(options), ...encryption(options)]),
    `AS SELECT '' AS run_id, ${timestampLiteral("1970-01-01T00:00:00Z")} AS locked_at`,
  ].join("\n");
}

export function dropTable(raw: RawDataset, table: string): string {
  return `DROP TABLE IF EXISTS ${tableName(raw, table)}`;
}

function typed(column: RawColumn): string {
  return `${identifier(column.name)} ${BIGQUERY_TYPES[column.type]}`;
}

function describing(text: string | undefined): string {
  return text === undefined ? "" : ` OPTIONS (${description(text)[0]})`;
}

function partition({ columns, partitionBy }: NewTable): string[] {
  const column = columns.find(({ name }) => name === partitionBy);
  if (column === undefined) return [];
  const name = identifier(column.name);
  return [`PARTITION BY ${column.type === "timestamp" ? `DATE(${name})` : name}`];
}

function cluster({ columns, clusterBy }: NewTable): string[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const names = clusterBy.filter((name) => types.has(name) && types.get(name) !== "float64");
  return names.length === 0
    ? []
    : [`CLUSTER BY ${names.slice(0, MAX_CLUSTERING).map(identifier).join(", ")}`];
}

/** https://cloud.google.com/bigquery/quotas#standard_tables: in characters, of a table and of a column. */
const MAX_DESCRIPTION = 1_024;

function description(text: string | undefined): string[] {
  return text === undefined || text === ""
    ? []
    : [`description = ${literal([...text].slice(0, MAX_DESCRIPTION).join(""))}`];
}

function labels({ labels }: TableOptions): string[] {
  const pairs = Object.entries(labels).map(([key, value]) => `(${literal(key)}, ${literal(value)})`);
  return pairs.length === 0 ? [] : [`labels = [${pairs.join(", ")}]`];
}

function encryption({ kmsKey }: TableOptions): string[] {
  return kmsKey === undefined ? [] : [`kms_key_name = ${literal(kmsKey)}`];
}

function optionsClause(options: readonly string[]): string[] {
  return options.length === 0 ? [] : [`OPTIONS (${options.join(", ")})`];
}
