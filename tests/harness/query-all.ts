import { DuckDBInstance } from "@duckdb/node-api";
import type { Row } from "./database.ts";

/** Rows of several queries, with the file opened once. */
export async function queryAll(path: string, statements: readonly string[]): Promise<Row[][]> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  try {
    const results: Row[][] = [];
    for (const statement of statements) {
      results.push((await connection.runAndReadAll(statement)).getRowObjectsJson() as Row[]);
    }
    return results;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
