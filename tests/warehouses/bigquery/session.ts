import type { DuckDBConnection } from "@duckdb/node-api";
import { invalidQuery } from "./api-error.ts";
import { informationSchema } from "./information-schema.ts";
import type { Quota } from "./quota.ts";
import { type QueryConfiguration, tableName, type TableReference, typeOf } from "./resources.ts";
import { DATETIME } from "./sql/functions.ts";
import { rewrite, type Scope } from "./sql/rewrite.ts";
import { timestampLiteral } from "./sql/timestamp.ts";
import { identifier, literal, type Token } from "./sql/tokens.ts";
import type { Transaction, Transactions } from "./transactions.ts";
import { relationOf, select, type Table, type Warehouse } from "./warehouse.ts";

export interface SessionOptions {
  readonly warehouse: Warehouse;
  readonly transactions: Transactions;
  readonly quota: Quota;
  readonly connection: DuckDBConnection;
  readonly projectId: string;
  readonly location: string;
  readonly configuration: QueryConfiguration;
}

/** What a script has between its statements. */
export interface Session extends SessionOptions {
  readonly variables: Map<string, { readonly type: string; readonly value: string }>;
  readonly temporary: Set<string>;
  transaction: { readonly handle: Transaction; readonly nowMicros: bigint } | null;
  rowCount: number | null;
  errorMessage: string | null;
}

export const openSession = (options: SessionOptions): Session => ({
  ...options,
  variables: new Map(),
  temporary: new Set(),
  transaction: null,
  rowCount: null,
  errorMessage: null,
});

/** The permanent table that a path names, or null for a temporary one. @throws ApiError `invalidQuery`. */
export function referenceOf(session: Session, path: readonly string[]): TableReference | null {
  const [tableId, datasetId, projectId, ...rest] = path.toReversed();
  if (tableId === undefined || rest.length > 0) throw invalidQuery(`Invalid table name: ${path.join(".")}`);
  if (datasetId !== undefined) return { projectId: projectId ?? session.projectId, datasetId, tableId };
  if (session.temporary.has(tableId.toUpperCase())) return null;
  const { defaultDataset } = session.configuration;
  if (defaultDataset === undefined || defaultDataset === null) {
    throw invalidQuery(`Table "${tableId}" must be qualified with a dataset (e.g. dataset.table).`);
  }
  return {
    projectId: defaultDataset.projectId ?? session.projectId,
    datasetId: defaultDataset.datasetId,
    tableId,
  };
}

function relation(session: Session, path: readonly string[], read: (table: Table) => void): string {
  if (path.at(-2)?.toUpperCase() === "INFORMATION_SCHEMA") {
    const [view, , datasetId, projectId] = path.toReversed();
    if (datasetId === undefined) throw invalidQuery("INFORMATION_SCHEMA must be qualified with a dataset");
    const dataset = session.warehouse.dataset(projectId ?? session.projectId, datasetId, session.location);
    return informationSchema(session.warehouse, dataset, view!);
  }
  const reference = referenceOf(session, path);
  if (reference === null) return identifier(path[0]!);
  read(session.warehouse.table(reference, session.location));
  return relationOf(reference);
}

/** DuckDB's form of the tokens, with the variables as they now are. `read` hears of each table that they name. */
export function toDuckDb(
  session: Session,
  tokens: readonly Token[],
  read: (table: Table) => void = () => undefined,
): string {
  const variables = [...session.variables].map(([name, { value }]) => [name, value] as const);
  const system = new Map([
    ["@@row_count", session.rowCount === null ? "CAST(NULL AS BIGINT)" : String(session.rowCount)],
    [
      "@@error.message",
      session.errorMessage === null ? "CAST(NULL AS VARCHAR)" : literal(session.errorMessage),
    ],
  ]);
  const scope: Scope = {
    variables: new Map(variables),
    parameters: session.configuration.queryParameters ?? [],
    nowMicros: session.transaction?.nowMicros ?? BigInt(session.warehouse.now()) * 1_000n,
    system,
    relation: (path) => relation(session, path, read),
  };
  return rewrite(tokens, scope);
}

/** The value of an expression as text (TIMESTAMP and DATETIME in microseconds). */
export async function evaluate(
  session: Session,
  tokens: readonly Token[],
  type: string | null,
): Promise<{ readonly type: string; readonly value: string | null }> {
  const expression = toDuckDb(session, tokens);
  const sql = type === null ? `(${expression})` : `CAST((${expression}) AS ${typeOf(type).duckdb})`;
  const { fields, rows } = await select(session.connection, `SELECT ${sql} AS v`);
  return { type: fields[0]!.type, value: rows[0]![0]! };
}

/** A value as an expression of DuckDB. */
export function expressionOf(type: string, value: string | null): string {
  const { duckdb } = typeOf(type);
  if (value === null) return `CAST(NULL AS ${duckdb})`;
  if (duckdb === "TIMESTAMP") return timestampLiteral(BigInt(value));
  const text = duckdb === DATETIME ? timestampLiteral(BigInt(value)) : literal(value);
  return `CAST(${text} AS ${duckdb})`;
}

/** Runs what updates or deletes rows of a table, by the rules for concurrent work. */
export function mutating<T>(
  session: Session,
  reference: TableReference,
  statement: () => Promise<T>,
): Promise<T> {
  const name = tableName(reference);
  if (session.transaction === null) return session.transactions.alone(name, statement);
  session.transactions.mutate(session.transaction.handle, name);
  return statement();
}
