import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ApiError, invalidQuery, notFound } from "./api-error.ts";
import type { Field, TableReference } from "./resources.ts";
import { tableName, typeOf } from "./resources.ts";
import { MACROS } from "./sql/functions.ts";
import { identifier } from "./sql/tokens.ts";
import type { View } from "./views.ts";
import { apiType, cell, type ResultSet } from "./wire.ts";

export interface Dataset {
  readonly projectId: string;
  readonly datasetId: string;
  readonly location: string;
  /** What was sent, but its reference and location. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly version: number;
}

export interface Table {
  readonly reference: TableReference;
  readonly fields: readonly Field[];
  /** What was sent, but its reference and schema: clustering, labels, description, … */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly expirationTime: number | null;
  readonly creationTime: number;
  readonly lastModifiedTime: number;
  readonly version: number;
  /** Of a view. */
  readonly view?: View;
}

/** Datasets and tables: what the API tells about them here, their rows in one DuckDB in memory. */
export class Warehouse implements AsyncDisposable {
  readonly datasets = new Map<string, Dataset>();
  readonly #tables = new Map<string, Table>();
  readonly #instance: DuckDBInstance;
  readonly now: () => number;

  private constructor(instance: DuckDBInstance, now: () => number) {
    this.#instance = instance;
    this.now = now;
  }

  static async open(now: () => number): Promise<Warehouse> {
    const instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      default_null_order: "nulls_first_on_asc_last_on_desc",
      threads: "2",
    });
    const warehouse = new Warehouse(instance, now);
    const connection = await warehouse.connect();
    // Timestamps with a zone, as Parquet has them, become columns without one: in UTC, not where the test runs.
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    for (const macro of MACROS) await connection.run(macro);
    connection.closeSync();
    return warehouse;
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** @throws ApiError 404, also for a dataset in another location. */
  dataset(projectId: string, datasetId: string, location?: string): Dataset {
    const found = this.datasets.get(`${projectId}:${datasetId}`);
    if (found === undefined) {
      throw notFound(
        `Dataset ${projectId}:${datasetId}${location === undefined ? "" : ` was not found in location ${location}`}`,
      );
    }
    if (location !== undefined && found.location !== location) {
      throw notFound(`Dataset ${projectId}:${datasetId} was not found in location ${location}`);
    }
    return found;
  }

  findTable(reference: TableReference): Table | undefined {
    const found = this.#tables.get(tableName(reference));
    return found === undefined || (found.expirationTime !== null && found.expirationTime <= this.now())
      ? undefined
      : found;
  }

  /** Also true of a view that has expired. */
  isView(reference: TableReference): boolean {
    return this.#tables.get(tableName(reference))?.view !== undefined;
  }

  /** @throws ApiError 404. */
  table(reference: TableReference, location?: string): Table {
    this.dataset(reference.projectId, reference.datasetId, location);
    const found = this.findTable(reference);
    if (found !== undefined) return found;
    throw notFound(
      `Table ${tableName(reference)}${location === undefined ? "" : ` was not found in location ${location}`}`,
    );
  }

  tablesOf(projectId: string, datasetId: string): Table[] {
    return [...this.#tables.values()]
      .filter(({ reference }) => reference.projectId === projectId && reference.datasetId === datasetId)
      .filter(({ reference }) => this.findTable(reference) !== undefined)
      .toSorted((one, other) => (one.reference.tableId < other.reference.tableId ? -1 : 1));
  }

  putTable(table: Omit<Table, "version" | "lastModifiedTime">): Table {
    const key = tableName(table.reference);
    const put = {
      ...table,
      version: (this.#tables.get(key)?.version ?? 0) + 1,
      lastModifiedTime: this.now(),
    };
    this.#tables.set(key, put);
    return put;
  }

  removeTable(reference: TableReference): void {
    this.#tables.delete(tableName(reference));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#instance.closeSync();
  }
}

export const schemaOf = ({
  projectId,
  datasetId,
}: {
  readonly projectId: string;
  readonly datasetId: string;
}): string => identifier(`${projectId}.${datasetId}`);

/** The DuckDB name of a table. */
export const relationOf = (reference: TableReference): string =>
  `${schemaOf(reference)}.${identifier(reference.tableId)}`;

/** The statement that makes a table of a schema; an expired one of the same name gives way. */
export const createTableSql = (reference: TableReference, fields: readonly Field[]): string =>
  `CREATE OR REPLACE TABLE ${relationOf(reference)} (${fields.map(columnSql).join(", ")})`;

export const columnSql = ({ name, type, mode }: Field): string =>
  `${identifier(name)} ${typeOf(type).duckdb}${mode === "REQUIRED" ? " NOT NULL" : ""}`;

/** Runs a query; DuckDB's refusal is BigQuery's `invalidQuery`. */
export async function select(connection: DuckDBConnection, sql: string): Promise<ResultSet> {
  try {
    const reader = await connection.runAndReadAll(sql);
    const types = reader.columnTypes();
    const fields = reader
      .columnNames()
      .map((name, index): Field => ({ name, type: apiType(types[index]!), mode: "NULLABLE" }));
    return { fields, rows: reader.getRows().map((row) => row.map(cell)) };
  } catch (error) {
    throw queryError(error);
  }
}

/** Rows that a DML statement touched. */
export async function change(connection: DuckDBConnection, sql: string): Promise<number> {
  try {
    return (await connection.run(sql)).rowsChanged;
  } catch (error) {
    throw queryError(error);
  }
}

/** What DuckDB says of SQL, in the service's words where another transaction was in the way: there, too, one is cancelled. */
export function queryError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { message } = error as Error;
  const table = /table "?([^\s"]+)"?/.exec(message)?.[1] ?? "";
  return invalidQuery(
    message.startsWith("TransactionContext Error") && /conflict/i.test(message)
      ? `Transaction is aborted due to concurrent update against table ${table}. (${message})`
      : message,
  );
}
