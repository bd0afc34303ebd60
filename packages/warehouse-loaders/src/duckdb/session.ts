import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import type { LoadStatement } from "../loader/load-plan.ts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadContext } from "../loader/loader.ts";
import { count, type Row, type Session } from "../merge/index.ts";
import { duckdbError } from "./duckdb-error.ts";

/** Statements on a connection. */
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
  const execute = async (statement: LoadStatement): Promise<Row[]> => {
    const result = await rows(statement.sql);
    await checkpoint?.(`load.${statement.name}`);
    return result;
  };
  return {
    rows,
    finish,
    execute,
    write: async (statement) => count((await execute(statement))[0], "Count"),
    // The way to DuckDB and back takes longer than a small statement.
    executeAll: async (statements) => {
      if (statements.length > 0) await rows(statements.map(({ sql }) => sql).join(";\n"));
      for (const { name } of statements) await checkpoint?.(`load.${name}`);
    },
  };
}
