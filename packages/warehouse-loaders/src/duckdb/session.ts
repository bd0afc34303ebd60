import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import type { LoadStatement } from "../loader/load-plan.ts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadContext } from "../loader/loader.ts";
import { duckdbError } from "./duckdb-error.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Statements on one connection, with DuckDB's errors translated and the caller's signal and checkpoint honoured. */
export interface Session {
  rows(sql: string): Promise<Row[]>;
  /** Without regard to the signal: what must happen even when the caller gives up. */
  finish(sql: string): Promise<Row[]>;
  /** Executes a statement of the plan, then its checkpoint. Returns its rows. */
  execute(statement: LoadStatement): Promise<Row[]>;
  /**
   * Executes statements of the plan whose rows nobody needs, then their checkpoints: as one text, because the way to DuckDB
   * and back takes longer than a small one of them. A signal may be obeyed only when all are done.
   */
  executeAll(statements: readonly LoadStatement[]): Promise<void>;
}

export function session(
  connection: DuckDBConnectionLike,
  location: string,
  context: LoadContext = {},
): Session {
  const { signal, checkpoint } = context;
  const finish = async (sql: string): Promise<Row[]> => {
    try {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson();
    } catch (error) {
      throw duckdbError(error, location);
    }
  };
  const rows = async (sql: string): Promise<Row[]> => {
    throwIfAborted(signal);
    const interrupt = () => connection.interrupt?.();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await finish(sql);
    } catch (error) {
      if (signal?.aborted === true) throw abortError(signal);
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  };
  return {
    rows,
    finish,
    execute: async (statement) => {
      const result = await rows(statement.sql);
      await checkpoint?.(`load.${statement.name}`);
      return result;
    },
    executeAll: async (statements) => {
      if (statements.length > 0) await rows(statements.map(({ sql }) => sql).join(";\n"));
      for (const { name } of statements) await checkpoint?.(`load.${name}`);
    },
  };
}

/** A count of DuckDB's JSON rows, where 64-bit integers are text. */
export function count(row: Row | undefined, column: string): number {
  const value = Number(row?.[column]);
  if (!Number.isSafeInteger(value)) throw new TypeError(`DuckDB returned no count in column ${column}.`);
  return value;
}

/** Rows that an INSERT, UPDATE or DELETE touched. */
export function touched(rows: readonly Row[]): number {
  return count(rows[0], "Count");
}

/** Text, or null. */
export function text(row: Row | undefined, column: string): string | null {
  const value = row?.[column];
  return value === null || value === undefined ? null : String(value);
}
